"""What is not signed: not with a wrong secret, not what was not shown, not what is signed."""

from concurrent.futures import ThreadPoolExecutor

from tests.api.clinic import ago, charted, dosing, entry, heart_rate, quantity

START = dosing("start", rate=quantity("30.0 mg/h"))


def test_a_signed_session_is_not_edited(chair):
    chair.chart_infusion()
    assert chair.sign("nora", "authorship").status_code == 201
    for path, body in (
        ("readings", entry(5, heart_rate("71"))),
        ("notes", entry(5, {"kind": "note", "text": "Late."})),
        ("retract", {"reason": "Wrong patient."}),
    ):
        problem = chair.refused(charted(path, body), 409)
        assert problem["code"] == "already-signed"


def test_a_wrong_secret_signs_nothing(chair):
    chair.chart_infusion()
    digest = chair.get("nora", f"/sessions/{chair.session_id}")["digest"]
    asked = lambda one: one.sign("nora", "authorship", "wrong", digest)  # noqa: E731
    assert chair.refused(asked, 401)["code"] == "sign-in-failed"


def test_what_was_shown_is_what_is_signed(chair):
    chair.chart_infusion()
    asked = lambda one: one.sign("nora", "authorship", digest="0" * 64)  # noqa: E731
    assert chair.refused(asked, 409)["code"] == "record-changed"


def test_a_record_that_contradicts_itself_is_not_signed(chair):
    chair.chart("dosing-events", entry(10, START))
    chair.chart("complete", {"at": ago(1)}, status=200)
    digest = chair.get("nora", f"/sessions/{chair.session_id}")["digest"]
    asked = lambda one: one.sign("nora", "authorship", digest=digest)  # noqa: E731
    problem = chair.refused(asked, 409)
    assert problem["code"] == "contradicted"
    assert "has no stop" in problem["detail"]


def test_of_two_physicians_who_sign_at_once_one_signs(chair):
    chair.chart_infusion()
    digest = chair.get("nora", f"/sessions/{chair.session_id}")["digest"]
    before = chair.counts()
    with ThreadPoolExecutor(2) as pool:
        asked = [
            pool.submit(chair.sign, who, "approval", digest=digest) for who in ("paula", "peter")
        ]
        answers = sorted((one.result() for one in asked), key=lambda one: one.status_code)
    assert [one.status_code for one in answers] == [201, 409]
    assert answers[1].json()["code"] == "already-signed"
    assert answers[0].json()["signer"]["name"] in answers[1].json()["detail"]
    changed = {name for name, count in chair.counts().items() if count != before[name]}
    assert changed == {"signature", "sealed_summary", "summary_content"}
    assert {chair.counts()[name] - before[name] for name in changed} == {1}
    assert chair.last_audited()["action"] == "session:seal"
