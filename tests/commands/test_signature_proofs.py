"""A signature that was copied, moved or edited, or whose record was, is told from one that was
given (R26); the versions that were signed stay (R29)."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import amending, signing
from protocol.records.lookups import table
from protocol.records.sealing import ENTRIES
from protocol.records.tables import EntryRow, SignatureRow, TextRow
from protocol.rules.errors import NotPermitted, SignInFailed
from protocol.rules.signature import Meaning, SigningState, signing_state, statement_digest
from protocol.rules.signature_proof import Checked
from tests.commands.world import SECRET, World, a_charted, at
from tests.records.attack import Attack, Values

SIGNATURE = table(SignatureRow)


@pytest.fixture
def signed(world: World) -> World:
    """A session with a note, signed by its nurse and its physician."""
    world.chart(1, {"kind": "note", "text": "As it was."})
    world.completed()
    world.sign()
    world.sign(world.physician, Meaning.APPROVAL, minute=61)
    return world


@pytest.fixture
def attack(signed: World) -> Iterator[Attack]:
    with Attack(signed) as one:
        yield one


def checked(world: World, session: UUID | None = None) -> list[Checked]:
    _, found = signing.signatures(
        world.clinic, world.auditor, session or world.session, now=at(90)
    )  # fmt: skip
    return list(found)


def faults(world: World, session: UUID | None = None) -> list[str | None]:
    return [one.fault for one in checked(world, session)]


def row(attack: Attack, place: int = 0) -> Values:
    return attack.rows(SIGNATURE)[place]


def add(world: World, minute: float = 70) -> None:
    charted = a_charted(minute, {"kind": "addendum", "text": "All was well."})
    amending.add_addendum(world.clinic, world.nurse, world.session, charted, now=at(minute))


def test_a_signature_holds_and_its_text_says_what_was_signed(signed: World) -> None:
    authored, approved = checked(signed)
    assert [authored.fault, approved.fault] == [None, None]
    assert statement_digest(approved.statement) == approved.signature.statement_digest
    for words in (
        f"clinic {signed.clinic.id}", f"session {signed.session}",
        f"record sha256:{signed.record().digest()}", f"protocol {signed.protocol} sha256:",
        f"policy {signed.policy} sha256:", "meaning approval urn:iso-astm:E1762-95:2013 1.2.840.",
        f'signer {signed.physician.person_id} ["Physician",""]', "roles physician",
        "signed 2031-05-06T10:01:00.000000Z",
    ):  # fmt: skip
        assert words in approved.statement


def test_after_an_addendum_the_record_is_amended_until_it_is_signed_again(signed: World) -> None:
    def state() -> SigningState:
        record = signed.record()
        return signing_state(record.signatures, record.digest())

    seen = [state()]
    add(signed)
    seen.append(state())
    assert [(one.version, one.covers_now) for one in checked(signed)] == [(1, False)] * 2
    signed.sign(minute=80)
    assert [*seen, state()] == [SigningState.SIGNED, SigningState.AMENDED, SigningState.SIGNED]
    assert [(one.version, one.covers_now) for one in checked(signed)] == [
        (1, False), (1, False), (2, True),
    ]  # fmt: skip
    assert faults(signed) == [None, None, None]


def test_a_signature_copied_to_another_session_is_told(signed: World, attack: Attack) -> None:
    other = signed.session_on()
    signed.chart(1, {"kind": "note", "text": "As it was."}, session=other)
    for number in (row(attack)["audit_number"], attack.last):
        copied = row(attack) | {"session_id": other, "id": uuid7(), "audit_number": number}
        with attack.added(SIGNATURE, copied):
            [fault] = faults(signed, other)
            assert fault is not None
        assert faults(signed) == [None, None]
    assert faults(signed, other) == []


def test_a_signature_moved_to_another_session_is_told(signed: World, attack: Attack) -> None:
    other = signed.session_on()
    with attack.edited(SIGNATURE, row(attack), session_id=other):
        [fault] = faults(signed, other)
        assert fault is not None
    assert faults(signed) == [None, None]


def test_a_signature_copied_inside_its_session_is_told(signed: World, attack: Attack) -> None:
    copied = row(attack) | {"id": uuid7(), "meaning": "review"}
    with attack.added(SIGNATURE, copied):
        found = faults(signed)
    assert found.count(None) == 2
    assert "Its text is not the text that was signed." in found


CHANGES: dict[str, Any] = {
    "meaning": "review",
    "signed_at": at(60.5),
    "record_digest": "e" * 64,
    "protocol_version_id": UUID(int=5),
    "policy_version_id": UUID(int=5),
    "statement_digest": "e" * 64,
}


@pytest.mark.parametrize("column", [*CHANGES, "signer", "no statement", "signer_id"])
def test_an_edited_signature_is_told(signed: World, attack: Attack, column: str) -> None:
    one = row(attack)
    changes = {column: CHANGES.get(column)}
    if column == "signer":
        changes = {"signer": one["signer"].replace("Nurse", "Norse")}
    elif column == "no statement":
        changes = {"statement_digest": None}
    elif column == "signer_id":
        changes = {"signer_id": signed.second_nurse.person_id}
    with attack.edited(SIGNATURE, one, **changes):
        assert faults(signed)[0] is not None
    assert faults(signed) == [None, None]


def test_whoever_rewrites_the_text_as_well_is_told_by_the_entry(
    signed: World, attack: Attack
) -> None:
    one = row(attack)
    with attack.edited(SIGNATURE, one, meaning="review"):
        forged = statement_digest(checked(signed)[0].statement)
        with attack.edited(SIGNATURE, one | {"meaning": "review"}, statement_digest=forged):
            [fault, _] = faults(signed)
    assert fault is not None
    assert "is not what audit entry" in fault


def test_an_altered_record_is_told_by_every_signature_over_it(
    signed: World, attack: Attack
) -> None:
    words = table(TextRow)
    with attack.edited(words, attack.rows(words)[0], words="As it was not."):
        assert all("It covers the record" in str(one) for one in faults(signed))
    entry = table(EntryRow)
    with attack.edited(entry, attack.rows(entry)[0], observed_at=at(2)):
        assert all("It covers the record" in str(one) for one in faults(signed))
    assert faults(signed) == [None, None]


@pytest.mark.parametrize("column", ["person_id", "action", "session_id", "at", "roles", "hash"])
def test_an_edited_entry_of_a_signature_is_told(signed: World, attack: Attack, column: str) -> None:
    entry = attack.entry(row(attack)["audit_number"])
    with attack.edited(ENTRIES, entry, **{column: f"{entry[column]}x"}):
        assert "Audit entry" in str(faults(signed)[0])
    with attack.deleted(ENTRIES, entry):
        assert faults(signed)[0] == "No audit entry seals it."


def test_nobody_signs_for_another(signed: World) -> None:
    """The signer is who is signed in, and proves it with the own secret (R28)."""
    add(signed)
    signed.sign(minute=80)
    assert signed.record().signatures[-1].signer.id == signed.nurse.person_id
    as_physician = signed.nurse.model_copy(update={"username": signed.physician.username})
    with pytest.raises(SignInFailed, match="Nothing was signed"):
        signed.sign(as_physician, Meaning.AUTHORSHIP, secret=SECRET, minute=81)
    with pytest.raises(NotPermitted):
        signed.sign(signed.administrator, Meaning.RESPONSIBILITY, minute=82)
