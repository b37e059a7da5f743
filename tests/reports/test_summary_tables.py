"""Each table shows what stands, what was changed and why, what was crossed and what is lacking."""

from datetime import timedelta
from decimal import Decimal

from protocol.rules.charting import DosingEvent, DosingKind, MissedRound, Override, Reading
from tests.reports import examples, hand
from tests.reports.hand import Chart, at, quantity, record_of
from tests.reports.reading_sheets import (
    figure,
    rows_said,
    said,
    section,
    sheet_of,
    struck,
)


def test_every_reading_is_a_row_with_its_time_its_values_and_who_charted_it():
    rows = rows_said(section(sheet_of(examples.full()), "Readings"))
    assert rows[0] == [
        "09:50", "72", "128", "78", "99", "14", "8", "Not recorded",
        "left arm, seated · WRIGHT, Dana, RN",
    ]  # fmt: skip
    assert [row[0] for row in rows[:5]] == ["09:50", "10:00", "10:10", "10:15", "2 10:25"]


def test_a_column_names_its_unit_or_its_scale():
    table = section(sheet_of(examples.full()), "Readings").tables[0]
    units = {column.head: column.unit for column in table.columns}
    assert units["Systolic blood pressure"] == "mmHg"
    assert units["Pain at rest, lower back"] == "0 to 10"
    assert "Sedation: 0 awake, 1 drowsy" in said(section(sheet_of(examples.full()), "Readings"))


def test_a_corrected_value_stands_struck_through_beside_the_new_one_with_reason_and_author():
    part = section(sheet_of(examples.full()), "Readings")
    rows = part.tables[0].rows
    row = next(row for row in rows if "121" in said(row.cells[2]))
    assert struck(row.cells[2]) == ["221"]
    assert said(row.cells[2]) == "221 121"
    assert struck(row.cells[0]) == ["11:05"]
    assert struck(row.cells[1]) == []
    remark = said(rows[rows.index(row) + 1].cells)
    assert remark == "CORRECTED 11:12 by BERG, Ilse, RN: digit mistyped"


def test_a_retracted_reading_leaves_a_marker_and_its_values_stand_in_the_list_alone():
    sheet = sheet_of(examples.full())
    readings = said(section(sheet, "Readings"))
    assert "11:08  RETRACTED 11:20 by WRIGHT, Dana, RN: wrong patient" in readings
    assert "99 55 61" not in readings
    row = section(sheet, "Corrections and retractions").tables[0].rows[1]
    assert "Systolic blood pressure 99 mmHg" in struck(row)[0]
    assert said(row.cells[2]) == "RETRACTED"
    first = next(one for one in section(sheet, "Measures").tables[0].rows if "Syst" in said(one))
    assert said(first.cells[2]) == "121 11:06"


def test_every_original_stays_struck_through_in_the_list_with_what_replaced_it():
    rows = rows_said(section(sheet_of(examples.full()), "Corrections and retractions"))
    assert [row[0] for row in rows] == ["11:05", "11:08", "11:32"]
    assert "Left with her brother. · WRIGHT, Dana, RN · recorded 11:33" in rows[2][1]
    assert rows[2][2] == "Left with her sister."
    assert rows[2][3] == "person mistaken · WRIGHT, Dana, RN · 11:35"


def test_a_chain_of_corrections_shows_every_link():
    chart = Chart()
    first = chart.vitals("10:00", "101 70 60 99 14")
    second = chart.vitals("10:00", "102 70 60 99 14", replaces=first.id, reason="first slip")
    third = chart.vitals("10:00", "103 70 60 99 14", replaces=second.id, reason="second slip")
    sheet = sheet_of(record_of(chart))
    row, remark = section(sheet, "Readings").tables[0].rows
    assert struck(row.cells[2]) == ["101", "102"]
    assert said(row.cells[2]) == "101 102 103"
    assert "first slip" in said(remark)
    assert "second slip" in said(remark)
    assert third.reason == "second slip"
    assert len(rows_said(section(sheet, "Corrections and retractions"))) == 2


def test_a_value_that_a_correction_took_away_is_struck_through_and_not_recorded():
    chart = Chart()
    first = chart.vitals("10:00", "101 70 60 99 14")
    chart.vitals("10:00", "101 70 60 - 14", replaces=first.id, reason="not taken")
    row = section(sheet_of(record_of(chart)), "Readings").tables[0].rows[0]
    assert struck(row.cells[4]) == ["99"]
    assert said(row.cells[4]) == "99 Not recorded"


def test_a_late_a_transcribed_and_a_confirmed_entry_say_so():
    readings = said(section(sheet_of(examples.full()), "Readings"))
    assert "WRIGHT, Dana, RN · LATE, recorded 11:40 · TRANSCRIBED" in readings
    assert "confirmed as true: SpO2" in readings
    assert "LATE, recorded 10:52" in said(section(sheet_of(examples.full()), "Dosing"))


def test_a_reason_that_belongs_to_no_limit_and_no_correction_is_printed_beside_the_name():
    chart = Chart()
    chart.vitals(
        "10:00", "101 70 60 99 14", reason="asked by the patient", second_person=hand.DOCTOR
    )
    row = rows_said(section(sheet_of(record_of(chart)), "Readings"))[0]
    assert row[-1] == (
        "WRIGHT, Dana, RN · second person OKAFOR, Samuel, MD · reason asked by the patient"
    )


def test_a_reason_for_a_round_that_lacks_nothing_is_printed_all_the_same():
    chart = Chart()
    missed = MissedRound(phase="infusion", round="vitals", due_at=hand.at("09:00"), reason="odd")
    chart.add("10:00", missed, recorded="10:01")
    rows = rows_said(section(sheet_of(record_of(chart)), "Missed rounds"))
    none = "No measure of this round is lacking"
    assert rows == [["09:00", "Infusion", "Vital signs", none, "odd · WRIGHT, Dana, RN"]]


def test_a_value_beyond_a_limit_points_to_the_limit_that_it_crossed():
    rows = rows_said(section(sheet_of(examples.full()), "Readings"))
    row = next(row for row in rows if row[0] == "3 10:30")
    assert (row[2], row[4]) == ("168 L3", "91 L4")
    events = rows_said(section(sheet_of(examples.full()), "Dosing"))
    assert events[1][2] == "Bolus of 2 mg L1"


def test_a_breach_states_value_bound_source_and_who_answered_it():
    rows = rows_said(section(sheet_of(examples.full()), "Limits crossed"))
    assert rows[0][2] == (
        "Examplamine bolus 2 mg is above the hard limit of 1.5 mg (protocol version 2)."
        " Call the physician in charge is our own wording."
    )
    assert rows[0][3] == (
        "ordered at the chair · WRIGHT, Dana, RN · second person OKAFOR, Samuel, MD · 10:07"
    )
    assert rows[1][3] == "patient talking, cuff repeated · WRIGHT, Dana, RN · 10:26"
    assert rows[3] == [
        "L4", "3 10:30", "SpO2 91 % is below the hard limit of 92 % (policy version 3).",
        "OPEN no reason with a second person",
    ]  # fmt: skip


def test_a_hard_breach_with_a_reason_alone_is_open_and_its_reason_is_printed():
    chart = Chart()
    entry = chart.vitals("10:00", "101 70 60 91 14")
    breach = hand.breach_of(
        entry, 9, limit_code="spo2-hard", severity="hard", label="SpO2", value=Decimal(91),
        unit="%", bound=Decimal(92), bound_unit="%", direction="below",
    )  # fmt: skip
    chart.add("10:01", Override(breach_id=breach.id, reason="cold finger"))
    sheet = sheet_of(record_of(chart, [breach]))
    answer = rows_said(section(sheet, "Limits crossed"))[0][3]
    assert answer.startswith("OPEN no reason with a second person · cold finger")
    assert figure(sheet, "Limits crossed") == ("1", "1 open, 0 explained or corrected")


def test_rounding_never_prints_a_breach_as_within_its_limit():
    chart = Chart()
    entry = chart.dose("10:00", DosingKind.BOLUS, dose=quantity("40.00001", "mg"))
    breach = hand.breach_of(
        entry, 9, limit_code="total", on="cumulative-dose", label="total of examplamine",
        value=Decimal("40.00001"), unit="mg", bound=Decimal(40), bound_unit="mg",
    )  # fmt: skip
    rows = rows_said(section(sheet_of(record_of(chart, [breach])), "Limits crossed"))
    assert rows[0][2].startswith("Total of examplamine 40.00001 mg is above the soft limit of 40")


LACKING = "Systolic blood pressure, Diastolic blood pressure, Heart rate, SpO2, Respiratory rate"


def test_a_missed_round_names_what_is_lacking_and_its_reason():
    rows = rows_said(section(sheet_of(examples.full()), "Missed rounds"))
    assert rows == [
        [
            "8 10:40", "Infusion", "Vital signs",
            LACKING,
            "patient in the bathroom · WRIGHT, Dana, RN",
        ]
    ]  # fmt: skip


def test_a_breach_of_no_known_limit_is_marked_beside_who_charted_it():
    chart = Chart()
    entry = chart.vitals("10:00", "101 70 60 91 14")
    breach = hand.breach_of(
        entry, 9, limit_code="gone", label="SpO2", value=Decimal(91), unit="%",
        bound=Decimal(92), bound_unit="%", direction="below",
    )  # fmt: skip
    row = rows_said(section(sheet_of(record_of(chart, [breach])), "Readings"))[0]
    assert (row[4], row[-1]) == ("91", "WRIGHT, Dana, RN · L1")


def test_an_event_out_of_order_is_named_in_the_words_of_the_sheet():
    chart = Chart()
    chart.dose("10:15", DosingKind.STOP)
    part = section(sheet_of(record_of(chart)), "What blocks a signature")
    assert "10:15 examplamine: Stopped: out of order." in said(part)


def test_a_missed_round_without_a_reason_says_that_none_was_given():
    record = examples.full()
    without = tuple(one for one in record.entries if one.content.kind != "missed-round")
    sheet = sheet_of(record.model_copy(update={"entries": without}))
    assert rows_said(section(sheet, "Missed rounds"))[0][4] == "No reason given"
    assert figure(sheet, "Rounds missed") == ("1", "1 without a reason")
    assert "1 missed round without a reason." in said(section(sheet, "What blocks a signature"))


def test_each_segment_shows_the_factors_it_was_computed_from():
    rows = rows_said(section(sheet_of(examples.full()), "Dosing"), 1)
    assert rows[0] == ["10:00", "10:15", "20 mL per h × 15 min", "5", "5", "0.07143"]
    assert rows[-1] == [
        "Total", "", "57 min running, pauses left out", "26.8", "26.8", "0.3829",
    ]  # fmt: skip
    per_kg = rows_said(section(sheet_of(examples.full()), "Dosing"), 2)
    assert per_kg[0][2] == "0.5 mcg per kg × 70.0 kg"


def test_a_running_infusion_is_counted_to_the_moment_of_printing_and_says_so():
    chart = Chart()
    chart.dose("12:07", DosingKind.START, rate=quantity("60", "mL/h"))
    sheet = sheet_of(record_of(chart, statuses=[("12:00", "in-progress")]))
    assert figure(sheet, "examplamine, given")[0] == "60 mg"
    assert "no stop recorded, counted to 13:07" in figure(sheet, "examplamine, given")[1]
    assert rows_said(section(sheet, "Dosing"), 1)[0][1] == "13:07 no stop recorded"


def test_an_ended_session_is_counted_to_its_end_however_late_it_is_printed():
    chart = Chart()
    chart.dose("10:00", DosingKind.START, rate=quantity("60", "mL/h"))
    ended = [("10:00", "in-progress"), ("10:30", "stopped")]
    sheet = sheet_of(record_of(chart, statuses=ended))
    assert figure(sheet, "examplamine, given")[0] == "30 mg"
    assert "stopped: the patient asked to stop" in said(section(sheet, "Course"))


def test_amounts_that_cannot_be_computed_do_not_hide_the_events():
    chart = Chart()
    chart.add(
        "10:00",
        DosingEvent(event=DosingKind.BOLUS, drug_line="line-1", dose=quantity("0.3", "mg/kg")),
    )
    sheet = sheet_of(record_of(chart))
    assert rows_said(section(sheet, "Dosing"))[0][2:4] == ["Bolus of 0.3 mg per kg", "Not recorded"]
    assert figure(sheet, "examplamine, given")[0] == "Not computed"
    assert "no weight was recorded by that time" in said(section(sheet, "What blocks a signature"))


def test_many_measures_are_split_over_tables_and_every_series_has_its_column():
    tables = section(sheet_of(examples.hostile()), "Readings").tables
    heads = [column.head for table in tables for column in table.columns]
    for number in range(examples.MANY):
        assert heads.count(f"Pain at rest, site {number}") == 1
    for table in tables:
        assert sum(column.share for column in table.columns) <= 100
        assert all(len(row.cells) in (1, len(table.columns)) for row in table.rows)


def test_a_measure_in_two_units_has_two_columns():
    chart = Chart()
    for clock, value, unit in (("10:00", "37.0", "Cel"), ("10:10", "98.60", "[degF]")):
        taken = hand.observation("temperature", value, unit=unit)
        chart.add(clock, Reading(observations=(taken,)))
    rows = rows_said(section(sheet_of(record_of(chart)), "Readings"))
    assert [row[1:3] for row in rows] == [["37.0", "Not recorded"], ["Not recorded", "98.60"]]


def test_a_late_status_is_marked_late():
    record = examples.full()
    last = record.history[-1]
    late = last.model_copy(update={"recorded_at": last.at + timedelta(minutes=16)})
    sheet = sheet_of(record.model_copy(update={"history": (*record.history[:-1], late)}))
    assert rows_said(section(sheet, "Course"))[-1][2] == "WRIGHT, Dana, RN · LATE, recorded 12:04"
    assert at("11:48") == last.at
