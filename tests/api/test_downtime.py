"""From paper to the record: the blank sheet's table, filled in and entered as transcribed."""

import csv
import json
from io import StringIO
from uuid import UUID

import pytest

from api.cli import run
from api.transcription import NotATable, acts_of
from tests.api.clinic import SECRET, ago

SESSION = UUID("00000000-0000-7000-8000-000000000001")


@pytest.fixture
def clinic(chair, monkeypatch, tmp_path):
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CHAIRSIDE_DATABASE_URL", chair.database.url)
    monkeypatch.setenv("CHAIRSIDE_SECRET", SECRET)
    return chair


@pytest.fixture
def table(clinic):
    """The protocol's own table, as its rows."""
    path = f"/protocols/{clinic.protocol_id}/downtime.csv"
    return list(csv.DictReader(StringIO(clinic.ask("nora", "GET", path).text)))


def filled(table, **by_measure):
    """One round of the table written on, and an infusion in its spare rows."""
    date, time = written(15)
    first = next(row for row in table if row["measure"])
    for row in table:
        if (row["phase"], row["round"]) == (first["phase"], first["round"]):
            value = by_measure.get(row["measure"].replace("-", "_"))
            if value is not None:
                row |= {"date": date, "time": time, "value": value, "by": "N. Hand"}
    spare = iter(row for row in table if row["kind"] == "dosing")
    for minutes, event in ((20, {"event": "start", "rate": "30.0", "rate_unit": "mg/h"}),
                           (10, {"event": "stop"})):  # fmt: skip
        date, time = written(minutes)
        next(spare).update(event | {"date": date, "time": time})
    return table


def written(minutes):
    date, _, time = ago(minutes).partition("T")
    return date, time


def saved(table, folder):
    path = folder / "filled.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys())
        writer.writeheader()
        writer.writerows(table)
    return path


def enter(clinic, path, capsys, *more):
    words = ["session", "transcribe", clinic.session_id, str(path), "--source", "a paper sheet"]
    status = run([*words, "--as", "nora", "--json", *more])
    out, err = capsys.readouterr()
    return status, [json.loads(one) for one in out.splitlines()], err


def test_the_table_has_a_row_for_each_measure_of_each_round_and_no_value(table, clinic):
    document = clinic.get("nora", f"/protocols/{clinic.protocol_id}")["document"]
    wanted = [
        (phase["code"], one["code"], measure)
        for phase in document["phases"]
        for one in phase["rounds"]
        for measure in one["measures"]
    ]
    rows = [one for one in table if one["kind"] == "reading"]
    assert [(one["phase"], one["round"], one["measure"]) for one in rows] == wanted
    assert not any(row[name] for row in table for name in ("value", "rate", "dose", "date", "time"))


def test_what_was_written_is_charted_as_transcribed_with_its_source_and_hands(
    clinic, table, tmp_path, capsys
):
    measures = {row["measure"].replace("-", "_") for row in table if row["measure"]}
    values = {"heart_rate": "71"} if "heart_rate" in measures else dict.fromkeys(measures, "3")
    status, lines, err = enter(clinic, saved(filled(table, **values), tmp_path), capsys)
    assert (status, err) == (0, "")
    assert {one["outcome"] for one in lines} == {"done"}
    entries = clinic.get("nora", f"/sessions/{clinic.session_id}")["record"]["entries"]
    assert {one["source"] for one in entries} == {"transcribed"}
    kinds = [one["content"]["kind"] for one in entries]
    assert sorted(kinds) == ["dosing", "dosing", "note", "reading"]
    note = next(one["content"]["text"] for one in entries if one["content"]["kind"] == "note")
    assert note == "Transcribed from a paper sheet. Written by N. Hand."


def test_the_same_table_entered_twice_charts_nothing_twice(clinic, table, tmp_path, capsys):
    path = saved(filled(table), tmp_path)
    enter(clinic, path, capsys)
    before = len(clinic.get("nora", f"/sessions/{clinic.session_id}")["record"]["entries"])
    status, lines, _ = enter(clinic, path, capsys)
    assert (status, {one["outcome"] for one in lines}) == (0, {"repeated"})
    after = clinic.get("nora", f"/sessions/{clinic.session_id}")["record"]["entries"]
    assert len(after) == before


def test_a_refused_row_is_named_and_the_others_go_in(clinic, table, tmp_path, capsys):
    date, time = written(12)
    table.append({**dict.fromkeys(table[0], ""), "kind": "dosing", "date": date, "time": time,
                  "event": "pause", "drug_line": "no-such-line"})  # fmt: skip
    status, lines, err = enter(clinic, saved(filled(table), tmp_path), capsys)
    assert status == 1
    assert [one["outcome"] for one in lines].count("refused") == 1
    assert f"row {len(table) + 1}: " in err


HEAD = (
    "kind,date,time,phase,round,measure,value,unit,site,event,drug_line,rate,rate_unit,dose,"
    "dose_unit,text,reason,by\n"
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("kind,date\n", "the column time is not there"),
        (HEAD + "reading,2026-02-30,09:00,,,spo2,97,%,,,,,,,,,,\n", "row 2: 2026-02-30 09:00"),
        (HEAD + "reading,,,,,spo2,97,%,,,,,,,,,,\n", "row 2:   is no date and time"),
        (HEAD + "note,2026-03-29,02:30,,,,,,,,,,,,,x,,\n", "shown twice or never in Europe/Paris"),
        (HEAD + "note,2026-10-25,02:30,,,,,,,,,,,,,x,,\n", "shown twice or never in Europe/Paris"),
        (HEAD + "feeling,2026-01-31,09:00,,,,,,,,,,,,,x,,\n", "the kind feeling is none of"),
        (HEAD + "dosing,2026-01-31,09:00,,,,,,,begin,line,,,,,,,\n", "the event begin is none of"),
        (HEAD + "note,2026-01-31\n", "row 2: it has not as many cells"),
        (HEAD + 'note,2026-01-31,"09:00', "row "),
        ("\xff", "it is not UTF-8"),
    ],
)  # fmt: skip
def test_a_table_that_is_none_says_where(content, sentence):
    raw = content.encode("latin-1")
    with pytest.raises(NotATable) as fault:
        acts_of(raw, SESSION, "Europe/Paris")
    assert sentence in str(fault.value)


def test_a_time_with_its_offset_is_taken_as_it_is():
    row = HEAD + "note,2026-10-25,02:30+01:00,,,,,,,,,,,,,x,,\n"
    (act,) = acts_of(row.encode(), SESSION, "Europe/Paris")
    assert act.line["at"] == "2026-10-25T02:30:00+01:00"


def test_the_sheets_are_printed_and_audited(clinic):
    for path, action in (
        (f"/protocols/{clinic.protocol_id}/downtime.pdf", "protocol:print"),
        (f"/sessions/{clinic.session_id}/handover.pdf", "session:print"),
    ):
        answered = clinic.ask("nora", "GET", path)
        assert answered.status_code == 200
        assert answered.content.startswith(b"%PDF-")
        assert clinic.last_audited()["action"] == action
