"""Two clinics in one database know nothing of each other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from protocol.commands import people
from protocol.commands.people import PersonIn
from protocol.rules.actions import Role
from tests.api.clinic import SECRET, Chair, an_id, entry, heart_rate


@pytest.fixture
def two(chair: Chair) -> Iterator[Chair]:
    """The clinic, and a second one whose physician is signed in as `stranger`."""
    first = PersonIn(
        id=uuid4(), username="nora", name="Another Nora", roles=(Role.PHYSICIAN, Role.NURSE),
        secret=SECRET,
    )  # fmt: skip
    other = people.found_clinic(
        chair.database, first, name="Another clinic", zone="Etc/UTC", now=datetime.now(UTC)
    )
    body = {"username": "nora", "secret": SECRET, "clinic_id": str(other.id)}
    chair.tokens["stranger"] = chair.post(None, "/sign-in", body, 200)["token"]
    yield chair
    assert chair.post("otto", "/audit/verify", status=200)["intact"]


def test_a_sign_in_names_its_clinic_where_there_are_several(two: Chair):
    problem = two.post(None, "/sign-in", {"username": "nora", "secret": SECRET}, 404)
    assert "one is to be named" in problem["detail"]


def test_nothing_of_another_clinic_is_there(two: Chair):
    for path in (
        f"/sessions/{two.session_id}", f"/patients/{two.patient_id}",
        f"/protocols/{two.protocol_id}", f"/sessions/{two.session_id}/export",
        f"/sessions/{two.session_id}/summary.pdf", f"/patients/{two.patient_id}/series/course-1",
    ):  # fmt: skip
        assert two.get("stranger", path, 404)["code"] == "not-found"
    assert two.get("stranger", "/sessions")["items"] == []
    assert two.get("stranger", "/policies")["items"] == []
    assert two.post("stranger", "/patient-search", {}, 200)["items"] == []
    (me,) = two.get("stranger", "/people")["items"]
    seen = two.get("stranger", "/audit/entries?limit=200")["items"]
    assert {one["person_id"] for one in seen} == {me["id"]}


def test_nothing_of_another_clinic_is_changed(two: Chair):
    before = two.counts()
    body = entry(5, heart_rate("71"))
    assert two.chart("readings", body, who="stranger", status=404)["code"] == "not-found"
    assert two.chart("stop", {"reason": "No."}, who="stranger", status=404)
    assert two.post("stranger", f"/policies/{two.policy_id}/retire", status=404)
    wanted = {
        "id": an_id(), "patient_id": two.patient_id, "protocol_version_id": two.protocol_id
    }  # fmt: skip
    assert two.post("stranger", "/sessions", wanted, 404)
    assert two.counts() == before


def test_the_same_ids_at_two_clinics_are_two_things(two: Chair):
    wanted = {"id": two.policy_id, "document": {"name": "Theirs", "late_entry_after_min": 1}}
    two.post("stranger", "/policies", wanted)
    for who, name in (("stranger", "Theirs"), ("nora", "Invented policy")):
        version = two.get(who, f"/policies/{two.policy_id}")
        assert (version["name"], version["document"]["name"]) == (name, name)
