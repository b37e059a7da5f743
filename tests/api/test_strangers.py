"""Refusals of strangers are bounded in the trail, wrong secrets are bounded at all (R18, R34)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api import strangers
from api.strangers import WINDOW, Strangers, source_of
from protocol.records.clinics import Clinic, clinics
from protocol.records.database import Database
from tests.api.clinic import SECRET, Chair
from tests.api.server import served

NOW = datetime(2031, 5, 6, 9, 0, tzinfo=UTC)


def trail(chair: Chair) -> list[dict[str, Any]]:
    """The entries so far, newest first, but for looks at the trail itself."""
    found = chair.get("otto", "/audit/entries?limit=200")["items"]
    return [one for one in found if one["action"] not in ("audit:search", "audit:view")]


def test_a_thousand_refusals_of_a_stranger_are_two_entries(chair: Chair, tmp_path: Path) -> None:
    before = len(trail(chair))
    with served(chair, tmp_path) as server:
        for number in range(60):
            token = ("Authorization", f"Bearer guessed-{number}")
            assert server.ask("GET", "/api/v1/people", [token]).status == 401
            assert server.ask("GET", "/api/v1/sessions").status == 401
        first = trail(chair)[0]
        assert len(trail(chair)) == before + 1
        assert (first["code"], first["detail"]["sentence"][:8]) == ("not-signed-in", "No valid")
    counted = trail(chair)[0]
    assert len(trail(chair)) == before + 2
    assert (counted["action"], counted["code"]) == ("request:refused", "refusals-counted")
    assert counted["workstation"] == "127.0.0.1"
    facts = counted["detail"]["facts"]
    assert (facts["refused"], facts["codes"]) == (119, "not-signed-in 119")
    assert chair.post("otto", "/audit/verify", status=200)["intact"]


def test_what_someone_signed_in_attempted_is_kept_each_time(chair: Chair) -> None:
    before = len(trail(chair))
    for number in range(5):
        body = {"colour": f"violet {number}"}
        assert chair.ask("nora", "POST", "/patients", json=body).status_code == 422
    kept = trail(chair)
    assert len(kept) == before + 5
    assert all(f"violet {4 - place}" in str(kept[place]) for place in range(5))


def test_a_stranger_who_is_refused_too_often_is_turned_away_and_no_one_else(
    chair: Chair, tmp_path: Path
) -> None:
    with served(chair, tmp_path, refused_max="5", trusted_proxies="127.0.0.1") as server:
        one, other = ("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-For", "198.51.100.8")
        answers = [server.ask("GET", "/api/v1/sessions", [one]) for _ in range(8)]
        assert [each.status for each in answers] == [401] * 5 + [429] * 3
        assert 0 < int(answers[-1].headers["retry-after"]) <= WINDOW.seconds
        assert server.ask("GET", "/api/v1/sessions", [other]).status == 401
        nora = [server.bearer("nora"), one]
        assert server.ask("GET", "/api/v1/sessions", nora).status == 200
        wanted = {"username": "nora", "secret": SECRET}
        assert server.ask("POST", "/api/v1/sign-in", [one], body=wanted).status == 200


@pytest.fixture
def a_clinic(empty: Chair) -> Clinic:
    return clinics(empty.database)[0]


def test_every_refusal_is_audited_or_counted_whatever_the_sources(
    a_clinic: Clinic, empty: Chair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More sources than are kept apart are counted as one: none is lost, the chain is bounded."""
    kept, more, rounds = 20, 7, 3
    monkeypatch.setattr(strangers, "SOURCES_MAX", kept)
    windows, first = Strangers(refused_max=10_000), 0
    before = len(trail(empty))
    for number in range(rounds * (kept + more)):
        address = f"198.51.100.{number % (kept + more)}"
        first += not windows.is_counted(a_clinic, address, f"code-{number}", NOW)
    assert first == kept + 1
    windows.seal(NOW + timedelta(seconds=1))
    assert len(trail(empty)) == before
    windows.seal(NOW + WINDOW)
    found = trail(empty)
    facts = [one["detail"]["facts"] for one in found if one["code"] == "refusals-counted"]
    assert len(found) == before + kept + 1
    assert sum(one["refused"] for one in facts) + first == rounds * (kept + more)
    others = next(one for one in facts if one["source"] == strangers.OTHERS)
    assert others["refused"] == rounds * more - 1
    windows.seal(NOW + 2 * WINDOW)
    assert len(trail(empty)) == len(found)


def test_counts_wait_for_a_database_that_is_not_there(a_clinic: Clinic) -> None:
    gone = Clinic(Database("sqlite:////nowhere/at/all.db"), a_clinic.id, "Gone", "UTC", "clinic")
    windows = Strangers(refused_max=10)
    for _ in range(3):
        windows.is_counted(gone, "198.51.100.7", "not-signed-in", NOW)
    windows.seal(NOW + WINDOW)
    windows.seal(NOW + WINDOW)
    assert windows.is_counted(gone, "198.51.100.7", "not-signed-in", NOW + WINDOW)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("198.51.100.7", "198.51.100.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"), ("", ""), ("x" * 500, "x" * 120),
    ],
)  # fmt: skip
def test_a_source_is_an_address_or_one_sites_network(address: str, source: str) -> None:
    assert source_of(address) == source
