"""What was charted comes back from the database as it was charted, whatever it was."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from protocol.commands import charting
from protocol.records.contents import TABLES
from protocol.rules.charting import (
    AdverseOutcome,
    AdverseSeverity,
    Charted,
    DosingEvent,
    DosingKind,
    Source,
)
from tests.commands.world import NINE, World

# Shrinking would chart for minutes.
PHASES = [one for one in Phase if one is not Phase.shrink]
NOW = NINE + timedelta(days=1)
LINES = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(" '\"%_\\"), min_size=1,
    max_size=60,
).filter(lambda words: bool(words.strip()))  # fmt: skip
PROSE = st.lists(LINES, min_size=1, max_size=3).map("\n".join)
PLACES = st.integers(0, 12)
NUMBERS = st.builds(
    lambda whole, places: format(Decimal(whole).scaleb(-places), "f"),
    st.integers(0, 10**9), PLACES,
)  # fmt: skip
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda east: timezone(timedelta(minutes=east)))
MOMENTS = st.builds(
    lambda minutes, micro, zone: (
        (NINE + timedelta(minutes=minutes, microseconds=micro)).astimezone(zone)
    ),
    st.integers(-50, 600), st.integers(0, 999_999), ZONES,
)  # fmt: skip


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def quantities(*units: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"value": NUMBERS, "unit": st.sampled_from(units)})


def contents(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


RATES = quantities("mL/h", "mg/h", "ug/kg/min", "mg/kg/h")
DOSES = quantities("mg", "ug", "mL", "mg/kg")
OBSERVATIONS = st.lists(
    st.fixed_dictionaries(
        {
            "measure": st.sampled_from(["etco2", "oxygen-flow", "respiratory-rate"]),
            "value": NUMBERS,
            "site": maybe(LINES),
        }
    ).map(lambda one: one | {"unit": {"etco2": "mm[Hg]", "oxygen-flow": "L/min"}.get(
        one["measure"], "/min")}),
    min_size=1, max_size=6, unique_by=lambda one: (one["measure"], one["site"] or ""),
)  # fmt: skip
STRATEGIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "reading": contents("reading", observations=OBSERVATIONS, context=maybe(LINES)),
    "dosing": contents("dosing", event=st.just("start"), drug_line=st.just("line-1"),
                       rate=RATES, note=maybe(PROSE))
    | contents("dosing", event=st.just("bolus"), drug_line=st.just("line-1"), dose=DOSES),
    "adverse-event": contents(
        "adverse-event", what=LINES, onset_at=MOMENTS.map(lambda at: at - timedelta(days=1)),
        resolved_at=maybe(MOMENTS), severity=st.sampled_from(AdverseSeverity),
        action_taken=maybe(PROSE), outcome=st.sampled_from(AdverseOutcome),
        relatedness=maybe(LINES),
    ),
    "adjunct": contents("adjunct", medicine=LINES, dose=DOSES, route=LINES,
                        indication=maybe(LINES)),
    "note": contents("note", text=PROSE),
    "phase": contents("phase", phase=st.sampled_from(["before", "infusion"])),
    "plan": contents("plan", drug_line=st.just("line-1"), rate=RATES, dose=maybe(DOSES),
                     duration_min=maybe(NUMBERS.filter(lambda n: Decimal(n) > 0)),
                     note=maybe(PROSE)),
}  # fmt: skip
ELSEWHERE = {
    "missed-round",
    "override",
    "retraction",
    "addendum",
    "form-response",
    "form-override",
}  # they need something to be about


def charted(world: World, content: dict[str, Any], moment: datetime, source: Source) -> None:
    sent = Charted.model_validate(
        {
            "id": uuid7(), "observed_at": moment, "content": content, "source": source,
            "reason": "a reason\nof two lines", "confirmed": ["etco2", "rate", "dose"],
        }
    )  # fmt: skip
    session, by = world.session_on(), world.physician
    answer = charting.record_entry(
        world.clinic, by, session, sent, now=NOW, second=world.second_nurse
    )
    [kept] = world.record(session).entries
    assert kept == answer.entry
    assert kept.content == sent.content
    assert kept.content.model_dump_json() == sent.content.model_dump_json()
    assert kept.observed_at.isoformat() == sent.observed_at.isoformat()
    assert (kept.reason, kept.confirmed, kept.source) == (
        sent.reason, sent.confirmed, sent.source,
    )  # fmt: skip
    assert (kept.recorded_at, kept.recorded_by.id) == (NOW, by.person_id)
    assert kept.second_person is not None
    assert kept.second_person.id == world.second_nurse.person_id


@pytest.mark.parametrize("kind", STRATEGIES)
def test_every_kind_comes_back_as_it_was_charted(world: World, kind: str) -> None:
    @settings(max_examples=15, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(content=STRATEGIES[kind], moment=MOMENTS, source=st.sampled_from(Source))
    def as_charted(content: dict[str, Any], moment: datetime, source: Source) -> None:
        charted(world, content, moment, source)

    as_charted()
    assert world.fault() is None


def test_every_kind_of_content_is_tried() -> None:
    assert set(STRATEGIES) | ELSEWHERE == set(TABLES)
    assert {kind.value for kind in DosingKind} >= {"start", "bolus"}
    assert "rate" in DosingEvent.model_fields


@pytest.mark.parametrize("value", ["0", "0.0", "0.00"])
def test_zero_is_a_value_with_its_digits(world: World, value: str) -> None:
    content = {
        "kind": "reading",
        "observations": [{"measure": "etco2", "value": value, "unit": "mm[Hg]"}],
    }
    charted(world, content, NINE, Source.CHARTED)


@pytest.mark.parametrize(
    "words", ["'; DROP TABLE entry; --", "😀 Ünïcode \u202eover", "{}", "\\x00", "a\tb"]
)
def test_words_come_back_whatever_they_look_like(world: World, words: str) -> None:
    charted(world, {"kind": "note", "text": words}, NINE.astimezone(UTC), Source.CHARTED)
