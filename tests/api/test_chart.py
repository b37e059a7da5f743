"""The trend chart over HTTP: a picture for a screen, and an audited view of the record."""

from xml.etree import ElementTree

from tests.api.clinic import an_id, dosing, entry, heart_rate, quantity

SVG = "{http://www.w3.org/2000/svg}"


def test_the_chart_is_a_picture_that_runs_nothing_and_its_view_is_audited(chair):
    rate = dosing("start", rate=quantity("30.0 mg/h"))
    chair.chart("dosing-events", entry(20, rate))
    chair.chart("readings", entry(15, heart_rate("71")))
    path = f"/sessions/{chair.session_id}/chart.svg"
    answer = chair.ask("nora", "GET", path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    tree = ElementTree.fromstring(answer.text)
    assert tree.tag == f"{SVG}svg"
    assert tree.get("width") == "1100"
    assert tree.get("font-size") == "13"
    assert len(tree.findall(f"{SVG}path")) > 3
    assert "now " in "".join(tree.itertext())
    last = chair.last_audited()
    assert (last["action"], last["outcome"]) == ("session:view", "done")


def test_the_chart_is_as_wide_as_is_asked_for_within_bounds(chair):
    chair.chart_infusion()
    path = f"/sessions/{chair.session_id}/chart.svg"
    tree = ElementTree.fromstring(chair.ask("nora", "GET", f"{path}?width=760").text)
    assert tree.get("width") == "760"
    assert "now " not in "".join(tree.itertext())  # the session has ended
    assert chair.ask("nora", "GET", f"{path}?width=100").status_code == 422


def test_a_session_with_nothing_charted_has_a_picture_that_says_so(chair):
    answer = chair.ask("nora", "GET", f"/sessions/{chair.session_id}/chart.svg")
    assert "Nothing was charted that a chart shows." in answer.text
    assert ElementTree.fromstring(answer.text).tag == f"{SVG}svg"


def test_nobody_sees_the_chart_of_what_is_not_there_or_without_a_sign_in(chair):
    assert chair.ask("nora", "GET", f"/sessions/{an_id()}/chart.svg").status_code == 404
    assert chair.ask(None, "GET", f"/sessions/{chair.session_id}/chart.svg").status_code == 401
