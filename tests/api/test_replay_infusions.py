"""Infusions beside those of the file: dates ahead, other units, other clinics, other CSV."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.cli import run
from api.replay_clinic import replay_clinic
from api.replay_infusions import ANCHOR
from protocol.commands import people, planning
from protocol.records.database import Database
from protocol.rules.actions import Role
from protocol.rules.charting import Source
from protocol.rules.errors import DemonstrationFixed
from tests.data.infusions import Cells, as_csv, one_row, replayed, rows_of_file


def test_order_byte_mark_line_ends_and_more_columns_change_nothing(migrated_url):
    rows = rows_of_file()[2:8]
    plain, _ = replayed(migrated_url, as_csv(rows))
    turned = [{"note": "of the ward", **row} for row in reversed(rows)]
    content = b"\xef\xbb\xbf" + as_csv(turned).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
    again, refused = replayed(migrated_url, content)
    assert refused == []
    assert sorted(again) == sorted(plain)


@pytest.mark.parametrize(
    ("start", "end", "source", "shown"),
    [
        ("2144-01-02T03:04:05", "2144-01-02T03:34:05.5", Source.TRANSCRIBED_SHIFTED, "03:04:05"),
        ("2144-01-02T23:04:05-09:30", "2144-01-03T01:34:05-09:30",
         Source.TRANSCRIBED_SHIFTED, "23:04:05"),
        ("2001-01-02T03:04:05+02:00", "2001-01-02T03:34:05+02:00", Source.TRANSCRIBED, "03:04:05"),
    ],
)  # fmt: skip
def test_what_lies_ahead_is_moved_by_whole_days_and_marked(migrated_url, start, end, source, shown):
    (segment,), _ = replayed(migrated_url, as_csv([one_row(start, end)]))
    database = Database(migrated_url)
    here = replay_clinic(database)
    record = planning.session(here.clinic, here.nurse, segment.session, now=datetime.now(UTC))
    first, last = record.entries
    assert {first.source, last.source} == {source}
    assert first.observed_at.strftime("%H:%M:%S") == shown
    as_charted = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    assert last.observed_at - first.observed_at == as_charted
    assert last.observed_at < ANCHOR
    database.close()


@pytest.mark.parametrize(
    ("rate", "given", "note"),
    [
        ("5e-05", "0.00005", None),
        ("0.30000000000000004", "0.3", "The source has 0.30000000000000004."),
        ("1.2E1", "12", None),
        ("23.417022004702574", "23.417022004703", None),
    ],
)
def test_the_floats_of_a_source_are_numbers(migrated_url, rate, given, note):
    hour = [one_row("2144-01-02T03:00:00", "2144-01-02T04:00:00", rate=rate)]
    (segment,), refused = replayed(migrated_url, as_csv(hour))
    assert refused == []
    assert segment.given == given
    database = Database(migrated_url)
    here = replay_clinic(database)
    record = planning.session(here.clinic, here.nurse, segment.session, now=datetime.now(UTC))
    assert getattr(record.entries[0].content, "note", "") == note
    database.close()


def test_the_program_prints_a_line_a_segment_and_complains_of_the_others(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path / "home"))
    file = tmp_path / "some.csv"
    bad = one_row("2144-01-02T03:00:00", "2144-01-02T02:00:00", infusion="inf-bad")
    good = one_row("2144-01-02T03:00:00", "2144-01-02T04:00:00", amount_unit="g")
    file.write_bytes(as_csv([bad, good]))
    for _ in range(2):
        assert run(["session", "replay", "--from-infusions", str(file), "--json"]) == 1
        out, err = capsys.readouterr()
        line = json.loads(out)
        assert UUID(line.pop("session")).version == 5
        assert line == {"infusion": "inf-one", "segment": 1, "given": "0.006", "unit": "g"}
        assert err == (
            f"chairside: {file}, line 2: infusion inf-bad is refused (impossible): The segment"
            " ends at or before its start.\n"
        )
    file.write_bytes(as_csv([good]))
    assert run(["session", "replay", "--from-infusions", str(file), "--json"]) == 0
    file.write_text("infusion,drug\n")
    assert run(["session", "replay", "--from-infusions", str(file)]) == 2
    assert run(["audit", "verify"]) == 0


def test_a_clinic_that_is_no_replay_takes_no_infusions(migrated_url, first_administrator):
    database = Database(migrated_url)
    people.found_clinic(
        database, first_administrator, name="Real", zone="Etc/UTC", now=datetime.now(UTC)
    )
    with pytest.raises(DemonstrationFixed):
        replay_clinic(database)
    database.close()


@pytest.fixture
def first_administrator() -> people.PersonIn:
    return people.PersonIn(
        id=UUID("00000000-0000-4000-8000-00000000ad01"), username="admin", name="Ada Admin",
        roles=(Role.ADMINISTRATOR,), secret="an invented secret",
    )  # fmt: skip


# Amount unit -> its family and how many of the family's smallest unit it is.
AMOUNTS = {
    "ng": ("mass", 1), "ug": ("mass", 10**3), "mg": ("mass", 10**6), "g": ("mass", 10**9),
    "uL": ("volume", 1), "mL": ("volume", 10**3), "L": ("volume", 10**6),
    "m[iU]": ("units", 1), "[iU]": ("units", 10**3), "meq": ("charge", 1),
    "umol": ("moles", 1), "mmol": ("moles", 10**3),
}  # fmt: skip
_numbers = st.decimals(min_value="0.01", max_value="9999", places=2).map(str)


@st.composite
def infusions(draw: st.DrawFn) -> tuple[list[Cells], list[Fraction]]:
    """An infusion in units of one family, and the exact amount of each of its segments."""
    family = draw(st.sampled_from(sorted({kind for kind, _ in AMOUNTS.values()})))
    units = [code for code, (kind, _) in AMOUNTS.items() if kind == family]
    amount_unit, at = draw(st.sampled_from(units)), datetime(2150, 3, 4, 5, 6, 7)  # noqa: DTZ001
    rows, amounts = [], []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        at += timedelta(seconds=draw(st.sampled_from([0, 0, 1, 4711])))
        lasts = timedelta(milliseconds=draw(st.integers(1_000, 90_000_000)))
        per_kg, minutes = draw(st.booleans()), draw(st.booleans())
        code, rate, weight = draw(st.sampled_from(units)), draw(_numbers), draw(_numbers)
        weight = str(Decimal(weight) % 900 + 1)
        rate_unit = code + ("/kg" if per_kg else "") + ("/min" if minutes else "/h")
        rows.append(
            one_row(at.isoformat(), (at + lasts).isoformat(), segment=str(number), rate=rate,
                 rate_unit=rate_unit, weight_kg=weight if per_kg else "", amount_unit=amount_unit,
                 ended_as=draw(st.sampled_from(["Changed", "Paused", "Stopped", ""])))
        )  # fmt: skip
        hours = Fraction(lasts // timedelta(microseconds=1), 3_600_000_000)
        ratio = Fraction(AMOUNTS[code][1], AMOUNTS[amount_unit][1])
        given = Fraction(Decimal(rate)) * ratio * hours * (60 if minutes else 1)
        amounts.append(given * (Fraction(Decimal(weight)) if per_kg else 1))
        at += lasts
    return rows, amounts


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(infusions())
def test_infusions_in_every_other_unit_are_given_exactly(migrated_url, infusion):
    rows, amounts = infusion
    segments, refused = replayed(migrated_url, as_csv(rows))
    assert refused == []
    assert [one.unit for one in segments] == [row["amount_unit"] for row in rows]
    for one, exact in zip(segments, amounts, strict=True):
        assert abs(Fraction(Decimal(one.given)) - exact) <= Fraction(1, 10**12)
