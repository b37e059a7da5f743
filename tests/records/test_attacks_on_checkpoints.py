"""What is kept beside the chain is checked too: subtrees, and the checkpoints inside (R182)."""

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from protocol.records.sealing import ENTRIES
from protocol.records.verifying import Terms, Verified, verify
from protocol.rules.checkpoints import TreeHead, origin_of, signed
from protocol.rules.errors import CheckpointInvalid
from protocol.rules.tampering import Tampering
from tests.commands.lived_in import KEY
from tests.commands.world import World
from tests.records.attack import Attack, is_row
from tests.records.forging import CHECKPOINTS, SUBTREES, remake
from tests.records.test_attacks_on_history import MIDDLE, VERIFIERS, found, kinds, named


@pytest.fixture
def attack(lived_in: World) -> Iterator[Attack]:
    with Attack(lived_in) as attacking:
        yield attacking


def test_a_stored_subtree_that_is_not_its_entries(lived_in: World, attack: Attack) -> None:
    row = attack.rows(SUBTREES)[1]
    first = row["position"] * 2 ** row["height"] + 1
    with attack.edited(SUBTREES, row, hash="0" * 64):
        assert named(lived_in) == (first, Tampering.WRONG_SUBTREE)
    for changes in ({"height": 5}, {"position": 10_000}, {"height": 40}, {"position": -1}):
        with attack.edited(SUBTREES, row, **changes):
            assert kinds(lived_in) == [Tampering.WRONG_SUBTREE]
    assert kinds(lived_in) == []


def _checkpoint_row(attack: Attack, key: Ed25519PrivateKey, more: int = 0) -> None:
    """The kept checkpoint is another, and everything after is sealed anew."""
    row = attack.rows(CHECKPOINTS)[0]
    head = TreeHead(row["size"] + more, bytes.fromhex(row["root"]))
    note = signed(key, origin_of(row["clinic_id"]), head).note
    attack.do(update(CHECKPOINTS).where(is_row(CHECKPOINTS, row)).values(note=note, size=head.size))
    remake(attack)


def test_a_checkpoint_that_another_key_signed(lived_in: World, attack: Attack) -> None:
    number = attack.rows(CHECKPOINTS)[0]["audit_number"]
    _checkpoint_row(attack, Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    assert named(lived_in) == (number, Tampering.FORGED_CHECKPOINT)
    outside = signed(
        Ed25519PrivateKey.from_private_bytes(b"x" * 32), origin_of(lived_in.clinic.id),
        TreeHead(5, b"r" * 32),
    )  # fmt: skip
    with pytest.raises(CheckpointInvalid, match="is not signed by the key"):
        found(lived_in.database, outside)


def test_a_stolen_key_s_checkpoint_over_entries_to_come(lived_in: World, attack: Attack) -> None:
    number = attack.rows(CHECKPOINTS)[0]["audit_number"]
    _checkpoint_row(attack, KEY, more=2)
    assert named(lived_in) == (number, Tampering.FORGED_CHECKPOINT)


def test_several_processes_find_what_one_does(lived_in: World, attack: Attack) -> None:
    def by_two() -> list[Verified]:
        return verify(lived_in.database, Terms(VERIFIERS, processes=2))

    assert by_two() == verify(lived_in.database, Terms(VERIFIERS))
    with attack.edited(ENTRIES, attack.entry(MIDDLE), code="made up"):
        assert by_two()[0].fault == found(lived_in.database)[0]
