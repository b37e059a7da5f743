"""Infusions that were really given, replayed through the commands: the record's amounts against
those that the hospital's own system charted (tests/data/README.md)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from api.replay_clinic import replay_clinic
from api.replay_infusions import ANCHOR, GivenSegment
from api.replay_rows import COLUMNS, Infusion, NotAFile, Refused, read_infusions
from protocol.commands import planning
from protocol.records.clinics import REPLAY
from protocol.records.database import Database
from protocol.records.verifying import database_faults, verify
from protocol.rules.quantity import total
from tests.data.infusions import FILE, Cells, as_csv, replayed, rows_of_file


@pytest.mark.timeout(400)
def test_every_real_segment_is_given_as_the_hospital_charted_it(migrated_url):
    charted = {(row["infusion"], int(row["segment"])): row for row in rows_of_file()}
    segments, refused = replayed(migrated_url, FILE.read_bytes())
    assert refused == []
    assert [(one.infusion, one.segment) for one in segments] == list(charted)
    for one in segments:
        row = charted[one.infusion, one.segment]
        expected = Decimal(row["charted_amount"])
        assert one.unit == row["amount_unit"]
        assert abs(Decimal(one.given) - expected) <= expected / 1000, one
    _require_exact_totals(migrated_url, segments)
    again, _ = replayed(migrated_url, FILE.read_bytes())
    assert again == segments


def _require_exact_totals(url: str, segments: list[GivenSegment]) -> None:
    """The infusion's total is the exact sum of its segments, and the trail verifies."""
    database = Database(url)
    here = replay_clinic(database)
    assert here.clinic.purpose == REPLAY
    assert here.clinic.ref.demonstration
    by_session: dict[UUID, list[Decimal]] = {}
    for one in segments:
        by_session.setdefault(one.session, []).append(Decimal(one.given))
    for session, amounts in by_session.items():
        record = planning.session(here.clinic, here.nurse, session, now=datetime.now(UTC))
        (sums,) = record.totals()
        whole = total([part.given.amount for part in sums.parts if part.given])
        assert sums.given.amount == whole
        factor = {"mg": 1, "ug": 1000}[sums.given.unit]
        assert sums.given.amount == sum(amounts) * factor
        assert record.ended_at is not None
        assert record.ended_at < ANCHOR
    assert [one.fault for one in verify(database)] == [None]
    assert database_faults(database) == []
    database.close()


# How one row, or the rows of one infusion, are spoiled -> the code it is refused under. Each takes
# the rows of one infusion of three segments or more, and says which of them is at fault.
def _set(place: int, **cells: str) -> Callable[[list[Cells]], int]:
    def spoil(rows: list[Cells]) -> int:
        rows[place].update(cells)
        return place

    return spoil


def _end_before_start(rows: list[Cells]) -> int:
    rows[1]["start"], rows[1]["end"] = rows[1]["end"], rows[1]["start"]
    return 1


def _no_length(rows: list[Cells]) -> int:
    rows[1]["end"] = rows[1]["start"]
    return 1


def _overlapping(rows: list[Cells]) -> int:
    end = datetime.fromisoformat(rows[0]["end"]) + timedelta(minutes=1)
    rows[0]["end"] = end.isoformat()
    return 1


def _missing(rows: list[Cells]) -> int:
    del rows[1]
    return 1


def _twice(rows: list[Cells]) -> int:
    rows.insert(2, dict(rows[1]))
    return 2


SPOILED: dict[str, tuple[Callable[[list[Cells]], int], str]] = {
    "overlapping": (_overlapping, "impossible"),
    "end-before-start": (_end_before_start, "impossible"),
    "no-length": (_no_length, "impossible"),
    "no-weight": (_set(1, weight_kg="", rate_unit="ug/kg/min"), "unit-mismatch"),
    "unknown-rate-unit": (_set(1, rate_unit="mcg/h"), "unit-unknown"),
    "unknown-amount-unit": (_set(1, amount_unit="milligram"), "unit-unknown"),
    "no-rate-unit": (_set(1, rate_unit=""), "unit-unknown"),
    "rate-that-is-none": (_set(1, rate_unit="mg"), "unit-mismatch"),
    "volume-for-mass": (_set(1, rate_unit="mL/h"), "unit-mismatch"),
    "negative": (_set(0, rate="-1.5"), "impossible"),
    "no-number": (_set(1, rate="fast"), "invalid-shape"),
    "comma": (_set(1, rate="1,5"), "invalid-shape"),
    "nan": (_set(1, rate="NaN"), "invalid-shape"),
    "infinite": (_set(1, rate="inf"), "invalid-shape"),
    "too-small": (_set(1, rate="1e-20"), "invalid-shape"),
    "too-large": (_set(1, rate="1e20"), "invalid-shape"),
    "hexadecimal": (_set(1, rate="0x1p3"), "invalid-shape"),
    "empty-rate": (_set(1, rate=""), "invalid-shape"),
    "weight-of-zero": (_set(0, weight_kg="0"), "invalid-shape"),
    "no-weight-number": (_set(0, weight_kg="heavy"), "invalid-shape"),
    "segment-missing": (_missing, "invalid-shape"),
    "segment-twice": (_twice, "invalid-shape"),
    "no-segment-number": (_set(1, segment=""), "invalid-shape"),
    "segment-of-zero": (_set(0, segment="0"), "invalid-shape"),
    "no-date": (_set(1, start="yesterday"), "invalid-shape"),
    "no-such-day": (_set(1, start="2144-02-30T10:00:00"), "invalid-shape"),
    "day-without-time": (_set(1, start="2144-02-03"), "invalid-shape"),
    "zone-in-one": (_set(1, end="2144-12-29T21:43:00Z"), "invalid-shape"),
    "other-drug": (_set(1, drug="Examplamine"), "invalid-shape"),
    "no-drug": (_set(1, drug=""), "invalid-shape"),
}


def infusion_of_three() -> list[Cells]:
    rows = [row for row in rows_of_file() if row["infusion"] == "inf-b277f711"]
    assert len(rows) >= 3
    return rows


def test_a_spoiled_infusion_is_refused_by_its_name_and_line_and_the_others_go_in(migrated_url):
    good = [row for row in rows_of_file() if row["infusion"] == "inf-696b4783"]
    rows, expected = list(good), []
    for name, (spoil, code) in SPOILED.items():
        own = [{**row, "infusion": name} for row in infusion_of_three()]
        place = spoil(own)
        expected.append((name, len(rows) + 2 + place, code))
        rows += own
    rows += [{**row, "infusion": "inf-last"} for row in good]
    segments, refused = replayed(migrated_url, as_csv(rows))
    assert [(one.name, one.line, one.refusal.code) for one in refused] == expected
    assert [one.infusion for one in segments] == ["inf-696b4783", "inf-last"]
    database = Database(migrated_url)
    assert [one.fault for one in verify(database)] == [None]
    database.close()


def test_a_line_with_too_few_or_too_many_fields_is_refused():
    header, first, *rest = FILE.read_text().splitlines()[:4]
    cut = first.rsplit(",", 2)[0]
    found = read_infusions("\n".join([header, cut, *rest]).encode())
    assert [type(one) for one in found] == [Refused, Infusion, Infusion]
    found = read_infusions("\n".join([header, first.replace("201.6", "201,6"), *rest]).encode())
    assert [type(one) for one in found] == [Refused, Infusion, Infusion]


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\xff\xfe\x00", b'infusion,"seg\n', b"a,b\n1,2\n"]
)
def test_what_is_no_such_file_at_all_is_refused_whole(content):
    with pytest.raises(NotAFile):
        read_infusions(content)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(column):
    rows = rows_of_file()[:2]
    for row in rows:
        del row[column]
    with pytest.raises(NotAFile, match=column):
        read_infusions(as_csv(rows))
