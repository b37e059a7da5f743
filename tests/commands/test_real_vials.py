"""Real infusions replayed with invented vials (tests/data/README.md): the ledger's balances against
the record's own arithmetic, and what a table of vials is refused for."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from api.replay_clinic import ReplayClinic, replay_clinic
from api.replay_infusions import ANCHOR
from api.replay_rows import NotAFile
from api.replay_vials import VialBalance
from api.vial_rows import VIAL_COLUMNS, read_vials
from protocol.commands import custody_log, custody_views, planning
from protocol.records.custody_log import LogWanted
from protocol.records.database import Database
from protocol.records.verifying import database_faults, verify
from protocol.rules.charting import Source
from protocol.rules.custody import CustodyEntry, EntryKind, Mark
from tests.data.infusions import (
    VIALS,
    Cells,
    as_csv,
    infusions_with_vials,
    one_row,
    one_vial,
    rows_of_file,
    with_vials,
)

CLOSES = Decimal(0)


def _balances(url: str) -> list[VialBalance]:
    found, refused = with_vials(url, as_csv(infusions_with_vials()), VIALS.read_bytes())
    assert refused == []
    return found


def test_a_real_infusions_vials_balance_or_name_their_discrepancy(migrated_url):
    found = _balances(migrated_url)
    of = {one.infusion: one.balance for one in found}
    assert {
        name: (one.drawn, one.given, one.wasted, one.remainder) for name, one in of.items()
    } == {
        "inf-80c05ce1": (Decimal(250), Decimal("218.3333508"), Decimal("31.6666492"), CLOSES),
        "inf-b277f711": (Decimal(100), Decimal("97.900349354"), Decimal("2.099650646"), CLOSES),
        "inf-d27c365c": (Decimal(100), Decimal("99.30000168"), Decimal("0.69999832"), CLOSES),
        "inf-696b4783": (Decimal(50), Decimal("10.0825788"), Decimal("37.5"), Decimal("2.4174212")),
    }
    database = Database(migrated_url)
    here = replay_clinic(database)
    for one in found:
        record = planning.session(here.clinic, here.nurse, one.session, now=datetime.now(UTC))
        assert [each.given.amount for each in record.totals()] == [one.balance.given]
        assert bool(one.discrepancies) is bool(one.balance.remainder)
    opened = custody_views.found_discrepancies(here.clinic, here.nurse, now=datetime.now(UTC))
    assert [one.id for one in opened] == [named for one in found for named in one.discrepancies]
    assert [one.remainder for one in opened] == [Decimal("2.4174212")]
    _require_log(here, found[0])
    assert _balances(migrated_url) == found, "a second run finds what the first one entered"
    _require_log(here, found[0])
    assert [one.fault for one in verify(database)] == [None]
    assert database_faults(database) == []
    database.close()


def _require_log(here: ReplayClinic, of: VialBalance) -> None:
    """One register in the order of its times, each as far from the others as the table has it."""
    now = datetime.now(UTC)
    (location,) = of.locations
    lines = custody_log.log(here.clinic, here.nurse, LogWanted(location), now=now).lines
    entries = [one.entry for one in lines]
    times = [one.observed_at for one in entries]
    assert times == sorted(times)
    assert times[-1] < ANCHOR
    assert {one.source for one in entries} == {Source.TRANSCRIBED_SHIFTED}
    table = {row["vial"]: row for row in rows_of_file(VIALS)}
    assert len(entries) == sum(3 + bool(row["wasted"]) for row in table.values())
    for line in lines:
        entry, row = line.entry, table[line.label or ""]
        if entry.kind is EntryKind.DRAW:
            marks = {Mark.EXPIRED, Mark.WRONG_LOT} if row["vial"] == "M-3" else set()
            assert set(entry.marks) == marks
            _require_interval(here, entry, row)
        if entry.kind is EntryKind.WASTE:
            assert [one.name for one in entry.witnesses] == ["Replay Witness"]
            assert entry.recorded_by.name == "Replay Nurse"
            assert entry.reason == f"Witness in the source: {row['witness']}."
    assert all(not one.witnesses for one in entries if one.kind is not EntryKind.WASTE)


def _require_interval(here: ReplayClinic, drawn: CustodyEntry, row: Cells) -> None:
    assert drawn.session_id is not None
    record = planning.session(here.clinic, here.nurse, drawn.session_id, now=datetime.now(UTC))
    start = next(one for one in infusions_with_vials() if one["infusion"] == row["infusion"])
    apart = datetime.fromisoformat(start["start"]) - datetime.fromisoformat(row["drawn_at"])
    assert record.entries[0].observed_at - drawn.observed_at == apart
    assert apart > timedelta(0)


# How a vial is spoiled -> the code that the custody of its infusion is refused under.
SPOILED: dict[str, tuple[dict[str, str], str]] = {
    "more-than-there": ({"drawn": "2.5"}, "more-than-there"),
    "more-wasted-than-drawn": ({"wasted": "20.000001"}, "more-than-there"),
    "no-witness": ({"witness": ""}, "second-person-missing"),
    "expired-without-reason": ({"expires": "2144-01-01"}, "reason-missing"),
    "another-drug": ({"drug": "Otheramine"}, "reason-missing"),
    "no-exact-strength": ({"strength": "7", "strength_volume": "3"}, "amount-not-exact"),
    "unknown-unit": ({"drawn_unit": "ml"}, "invalid-shape"),
    "no-number": ({"drawn": "all"}, "invalid-shape"),
    "nothing-wasted": ({"wasted": "0"}, "impossible"),
    "waste-by-half": ({"manner": ""}, "invalid-shape"),
    "drawn-before-receipt": ({"received_at": "2144-01-02T03:00:00"}, "impossible"),
    "wasted-before-drawn": ({"wasted_at": "2144-01-02T02:54:00"}, "impossible"),
    "zone-in-one": ({"drawn_at": "2144-01-02T02:55:00Z"}, "invalid-shape"),
    "zone-in-all": (
        {name: f"2144-01-02T02:5{place}:00Z" for place, name in enumerate(
            ("received_at", "opened_at", "drawn_at", "wasted_at"))},
        "invalid-shape",
    ),
    "no-day": ({"expires": "soon"}, "invalid-shape"),
    "no-infusion": ({"infusion": "inf-unknown"}, "not-found"),
    "infusion-in-volume": ({"infusion": "inf-volume"}, "unit-mismatch"),
}  # fmt: skip


def test_a_spoiled_vial_is_refused_by_infusion_and_line_and_the_others_go_in(migrated_url):
    hour = ("2144-01-02T03:00:00", "2144-01-02T04:00:00")
    names = [*SPOILED, "twice", "good"]
    rows = [one_row(*hour, infusion=name) for name in names]
    rows.append(one_row(*hour, infusion="inf-volume", rate_unit="mL/h", amount_unit="mL"))
    rows.append({**one_row(*hour, infusion="inf-spoiled"), "rate": "fast"})
    spoiled = [one_vial(**{"infusion": name, **cells}) for name, (cells, _) in SPOILED.items()]
    vials = [*spoiled, one_vial(infusion="twice"), one_vial(infusion="twice"),
             one_vial(infusion="good"), one_vial(infusion="inf-spoiled")]  # fmt: skip
    found, refused = with_vials(migrated_url, as_csv(rows), as_csv(vials))
    expected = [
        (row["infusion"], line, code)
        for line, (row, (_, code)) in enumerate(zip(spoiled, SPOILED.values(), strict=True), 2)
    ]
    expected += [("twice", len(vials) - 1, "invalid-shape")]
    expected += [("inf-spoiled", len(vials) + 1, "not-found")]
    assert [(one.name, one.line, one.refusal.code) for one in refused] == expected
    assert [(one.infusion, one.balance.remainder) for one in found] == [("good", CLOSES)]
    # Of what was refused by the ledger, a corrected table enters what is missing, and no more.
    mended = [one_vial(infusion=name) for name in ("more-than-there", "no-witness")]
    found, refused = with_vials(migrated_url, as_csv(rows), as_csv(mended))
    assert refused == []
    assert [(one.vials, one.balance.remainder, one.discrepancies) for one in found] == [
        (1, CLOSES, ()), (1, CLOSES, ()),
    ]  # fmt: skip
    database = Database(migrated_url)
    assert [one.fault for one in verify(database)] == [None]
    database.close()


def test_a_vial_in_which_less_is_seen_than_the_ledger_has_names_a_discrepancy(migrated_url):
    hour = one_row("2144-01-02T03:00:00", "2144-01-02T04:00:00")
    drawn = one_vial(drawn="1", wasted="4", left="0.8", left_unit="mL")
    (one,), refused = with_vials(migrated_url, as_csv([hour]), as_csv([drawn]))
    assert refused == []
    assert one.balance.remainder == CLOSES
    assert len(one.discrepancies) == 1
    database = Database(migrated_url)
    here = replay_clinic(database)
    (found,) = custody_views.found_discrepancies(here.clinic, here.nurse, now=datetime.now(UTC))
    assert (found.id, found.remainder, found.unit) == (one.discrepancies[0], Decimal(2), "mg")
    assert found.opened_by.name == "Replay Witness"
    database.close()


@pytest.mark.parametrize("column", VIAL_COLUMNS)
def test_a_missing_column_of_the_vials_is_named(column):
    row = one_vial()
    del row[column]
    with pytest.raises(NotAFile, match=column):
        read_vials(as_csv([row]))
