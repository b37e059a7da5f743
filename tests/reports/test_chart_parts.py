"""The chart's parts: limits, phases, events, gaps, and what it says of itself."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from protocol.rules.charting import DosingKind, PhaseEntered
from protocol.rules.limits import Severity
from protocol.rules.measures import Observation
from protocol.rules.record import SessionRecord
from protocol.rules.schedule import RoundState
from reports.chart import chart
from reports.chart_said import LEGEND
from reports.chart_shapes import PAPER, SCREEN, Label, Marker, Pane, Size
from reports.chart_shapes import Chart as Drawn
from reports.chart_svg import chart_svg
from reports.view import view_of
from tests.reports import charts, examples
from tests.reports.hand import (
    PRINTED_AT,
    Chart,
    at,
    breach_of,
    observation,
    protocol_document,
    quantity,
    record_of,
)


def drawn_of(record: SessionRecord, size: Size = PAPER) -> Drawn:
    drawn = chart(view_of(record, PRINTED_AT + timedelta(hours=24)), size)
    assert drawn is not None
    return drawn


def pane_of(drawn: Drawn, marker: Marker) -> Pane:
    return next(one for one in drawn.panes if one.marker is marker)


def said(labels: tuple[Label, ...]) -> list[str]:
    return [one.said.replace("\u00a0", " ") for one in labels]


def test_a_limit_is_a_line_with_its_severity_bound_and_source():
    drawn = drawn_of(examples.full())
    pressure, oxygen = pane_of(drawn, Marker.BAR), pane_of(drawn, Marker.SQUARE)
    (soft,), (hard,) = pressure.bounds, oxygen.bounds
    assert (soft.severity, soft.value) == (Severity.SOFT, Decimal(160))
    assert (hard.severity, hard.value) == (Severity.HARD, Decimal(92))
    assert hard.spans == ((drawn.time.left, drawn.time.right),)
    assert {"soft 160 sys", "protocol v2"} <= set(said(pressure.labels))
    assert {"hard 92", "policy v3"} <= set(said(oxygen.labels))


def test_a_limit_of_one_phase_is_drawn_over_that_phase():
    drawn = drawn_of(charts.all_breaches())
    oxygen = pane_of(drawn, Marker.SQUARE)
    soft = next(one for one in oxygen.bounds if one.severity is Severity.SOFT)
    infusion = next(one for one in drawn.bands if not one.shaded)
    assert soft.spans == ((infusion.x, infusion.until),)


def test_a_limit_on_the_rate_is_drawn_where_the_rate_is_in_its_unit():
    drawn = drawn_of(charts.all_breaches())
    assert [one.value for one in pane_of(drawn, Marker.STEP).bounds] == [22]
    own = charts.crowded()["protocol"]
    made = Chart()
    made.dose("10:00", DosingKind.START, rate=quantity("3", "mg/h"))
    other = drawn_of(record_of(made, protocol=own))
    assert pane_of(other, Marker.STEP).bounds == ()
    assert "Limits on a rate in mL per h are not drawn: no rate was charted in it." in [
        one.replace("\u00a0", " ") for one in other.notes
    ]


def test_limits_labels_stand_apart_and_in_the_order_of_their_bounds():
    drawn = drawn_of(charts.all_breaches())
    pressure = pane_of(drawn, Marker.BAR)
    beside = [one for one in pressure.labels if one.x > drawn.time.right]
    assert [one.said.split()[1] for one in beside] == ["180", "150", "110", "100", "90", "50"]
    assert all(b.y - a.y >= drawn.size.em for a, b in pairwise(beside))


def test_rates_in_two_units_have_two_panes_and_are_never_converted():
    made = Chart()
    made.dose("10:00", DosingKind.START, rate=quantity("20", "mL/h"))
    made.dose("10:30", DosingKind.RATE_CHANGE, rate=quantity("12", "mg/h"))
    made.dose("11:00", DosingKind.STOP)
    first, second = drawn_of(record_of(made)).panes
    assert {"mL per h", "20"} <= set(said(first.labels))
    assert {"mg per h", "12"} <= set(said(second.labels))


def test_a_pause_is_a_gap_and_says_how_long_it_was():
    drawn = drawn_of(charts.eight_hours())
    pane = pane_of(drawn, Marker.STEP)
    assert [one.length for one in pane.pauses] == [timedelta(minutes=37), timedelta(minutes=6)]
    assert {"pause", "37 min"} <= set(said(pane.labels))


def test_a_rate_without_an_end_is_left_open():
    steps = pane_of(drawn_of(charts.ended_open()), Marker.STEP).steps
    assert [one.open for one in steps] == [True]
    assert steps[0].end == at("10:40")


def test_a_name_that_finds_no_room_is_a_letter_that_the_notes_explain():
    long = "A drug whose invented name is far too long to stand beside a pane of any height at all"
    lines = protocol_document().drug_lines
    protocol = protocol_document().model_copy(
        update={"drug_lines": (lines[0].model_copy(update={"drug": long}), lines[1])}
    )
    made = Chart()
    made.dose("10:00", DosingKind.START, rate=quantity("20", "mL/h"))
    drawn = drawn_of(record_of(made, protocol=protocol))
    assert "(a)" in said(drawn.panes[0].labels)
    assert drawn.notes[0] == f"(a) {long}"


def test_discs_number_the_events_in_the_order_of_their_times():
    view = view_of(examples.full(), PRINTED_AT)
    assert list(view.events.values()) == list(range(1, 9))
    drawn = chart(view)
    assert drawn is not None
    assert [one.said for one in drawn.discs] == ["1", "2", "3–7", "8"]
    assert all(b.x - b.width / 2 > a.x + a.width / 2 for a, b in pairwise(drawn.discs))


def test_due_rounds_are_marked_ahead_of_now_and_past_ones_are_called_overdue():
    record, now = charts.running(), at("10:25")
    view = view_of(record, now)
    drawn = chart(view, SCREEN, view.due)
    assert drawn is not None
    assert drawn.now == drawn.time.x(now)
    assert drawn.time.holds(at("10:30"))
    marked = {one.due_at: one.overdue for one in drawn.ahead}
    assert marked == {at("10:20"): True, at("10:30"): False}
    assert {"now 10:25", "overdue since 10:20 Vital signs", "due 10:30 Vital signs"} <= set(
        said(drawn.labels)
    )
    assert not any(band.until > drawn.now for band in drawn.bands)


def test_an_ended_session_has_no_now_and_nothing_ahead():
    view = view_of(charts.eight_hours(), PRINTED_AT)
    missed = [one for one in view.due if one.state is RoundState.MISSED]
    drawn = chart(view)
    assert drawn is not None
    assert (drawn.now, drawn.ahead, bool(missed)) == (None, (), True)


def test_more_pains_than_find_room_are_named_and_left_to_the_tables():
    made = Chart()
    pains = [observation("pain-rest", "5", f"site {number}") for number in range(7)]
    made.vitals("10:00", "120 70 60 97 14", extra=pains)
    drawn = drawn_of(record_of(made))
    assert len([one for one in drawn.panes if one.pain]) == 4
    assert drawn.notes[:-1] == (
        "In the tables alone: Pain at rest, site 4, Pain at rest, site 5, Pain at rest, site 6.",
    )


def test_the_description_says_each_series_with_its_ends():
    words = drawn_of(examples.full()).description.replace("\u00a0", " ")
    assert "SpO2, %: 11 values, first 99 09:50, lowest 91 10:30" in words
    assert "20 mL per h from 10:00" in words
    assert "8 numbered events, repeated in the tables." in words


def test_the_letters_are_as_large_as_paper_and_screen_need():
    assert (PAPER.em, SCREEN.em) == (6.5, 13)
    for size in (PAPER, SCREEN):
        assert f'font-size="{size.em:g}"' in chart_svg(drawn_of(examples.full(), size))


@pytest.mark.parametrize("kind", charts.KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_of_mark_is_one_path_however_many_points_there_are(kind):
    assert chart_svg(drawn_of(kind())).count("<path") <= 20


def test_nothing_in_the_drawing_is_run_styled_or_fetched_and_words_stay_words():
    hostile = '<script>alert(1)</script><image href="file:///etc/passwd"/>'
    made = Chart()
    made.add("10:00", PhaseEntered(phase="infusion"))
    pain = Observation(measure="pain-rest", value=Decimal(3), unit="{score}", site=hostile)
    made.vitals("10:01", "120 70 60 97 14", extra=[pain])
    drawn = drawn_of(record_of(made))
    tree = ElementTree.fromstring(chart_svg(drawn))
    assert {one.tag.partition("}")[2] for one in tree.iter()} == {
        "svg", "title", "desc", "path", "g", "text",
    }  # fmt: skip
    names = {name for one in tree.iter() for name in one.attrib}
    assert not names & {"style", "href", "onload", "onclick", "class"}
    assert drawn.notes[:-1] == (f"(a) Pain at rest, {hostile}",)
    assert hostile in tree.findtext("{http://www.w3.org/2000/svg}desc", "")


def test_a_round_that_is_overdue_is_not_called_missed():
    view = view_of(charts.running(), at("10:25"))
    drawn = chart(view)
    assert drawn is not None
    assert not any(pane.missed for pane in drawn.panes)
    assert [one.said for one in drawn.discs] == ["1"]


def test_what_was_corrected_away_has_no_number():
    made = Chart()
    wrong = made.vitals("10:00", "221 84 78 98 14")
    made.vitals("10:00", "121 84 78 98 14", replaces=wrong.id, reason="digit mistyped")
    high = made.vitals("10:10", "168 98 92 97 14")
    shared = {
        "limit_code": "systolic-soft", "label": "Systolic blood pressure", "unit": "mm[Hg]",
        "bound": Decimal(160), "bound_unit": "mm[Hg]",
    }  # fmt: skip
    found = [
        breach_of(wrong, 1, value=Decimal(221), **shared),
        breach_of(high, 2, value=Decimal(168), **shared),
    ]
    view = view_of(record_of(made, found), PRINTED_AT)
    assert view.events == {high.id: 1}


def test_the_bars_of_blood_pressure_have_a_legend():
    assert drawn_of(charts.one_point()).notes == (LEGEND,)
    made = Chart()
    made.dose("10:00", DosingKind.START, rate=quantity("20", "mL/h"))
    assert LEGEND not in drawn_of(record_of(made)).notes
