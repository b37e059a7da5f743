"""A witness goes on from what it holds, or takes nothing; what it took stays (R183, R184)."""

import os
import threading
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.commands.checkpoints import sign_checkpoint
from protocol.records.checkpoint_key import made_or_read, read
from protocol.records.checkpoints import last_kept
from protocol.records.history import history_faults
from protocol.records.sealing import ENTRIES
from protocol.records.witness import Witness
from protocol.rules.checkpoints import (
    Checkpoint,
    TreeHead,
    checkpoint_of,
    origin_of,
    public_half,
    signed,
)
from protocol.rules.errors import CheckpointInvalid, CheckpointKeyUnfit, HistoryNotContinued
from protocol.rules.merkle import consistency_proof, levels, nodes_in, root_of
from tests.commands.lived_in import KEY
from tests.commands.world import World, at
from tests.records.attack import Attack
from tests.records.forging import cut, remake

ORIGIN = "chairside/clinic/00000000-0000-0000-0000-000000000001"
VERIFIER = public_half(KEY, ORIGIN)
TRUE = [sha256(b"\x00%d" % number).digest() for number in range(40)]
FORKED = [*TRUE[:7], sha256(b"another").digest(), *TRUE[8:]]


class Log:
    """A tree over some leaves, with what a witness asks of it."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes = nodes_in(levels(b"".join(leaves)))

    def checkpoint(self, size: int, key: Ed25519PrivateKey = KEY) -> Checkpoint:
        return signed(key, ORIGIN, TreeHead(size, root_of(size, self.nodes)))

    def proofs(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(old, new, self.nodes)


@pytest.fixture(params=["file", "directory"])
def witness(request: pytest.FixtureRequest, tmp_path: Path) -> Witness:
    place = tmp_path / "witness"
    if request.param == "directory":
        place.mkdir()
    return Witness(place)


def show(witness: Witness, log: Log, *sizes: int) -> None:
    for size in sizes:
        witness.add(log.checkpoint(size), VERIFIER, log.proofs)


def sizes(witness: Witness) -> list[int]:
    return [one.head.size for one in witness.held()]


def test_a_history_that_goes_on_is_taken_and_kept(witness: Witness) -> None:
    log = Log(TRUE)
    show(witness, log, 3, 3, 8, 21)
    assert sizes(witness) == [3, 3, 8, 21]
    assert witness.last(ORIGIN) == log.checkpoint(21)
    assert witness.last("chairside/clinic/other") is None
    [file] = witness.files()
    assert "".join(file.read_text("utf-8").split("\n\n\n")).count("chairside/clinic/") == 8


def test_a_smaller_tree_is_refused(witness: Witness) -> None:
    log = Log(TRUE)
    show(witness, log, 21)
    with pytest.raises(HistoryNotContinued, match="of 21 entries; this history has 20"):
        show(witness, log, 20)
    assert sizes(witness) == [21]


@pytest.mark.parametrize("size", [21, 22, 40])
def test_a_forked_tree_is_refused(witness: Witness, size: int) -> None:
    show(witness, Log(TRUE), 21)
    with pytest.raises(HistoryNotContinued, match="does not begin with the 21 entries"):
        show(witness, Log(FORKED), size)
    assert sizes(witness) == [21]


def test_a_fork_with_the_true_history_s_proof_is_refused(witness: Witness) -> None:
    true, forked = Log(TRUE), Log(FORKED)
    show(witness, true, 21)
    with pytest.raises(HistoryNotContinued):
        witness.add(forked.checkpoint(30), VERIFIER, true.proofs)


def test_what_another_key_signed_is_refused(witness: Witness) -> None:
    log = Log(TRUE)
    forged = log.checkpoint(5, Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    with pytest.raises(CheckpointInvalid, match="not signed"):
        witness.add(forged, VERIFIER, log.proofs)
    assert sizes(witness) == []


def test_what_stands_is_whole_when_the_writing_fails(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(TRUE)
    show(witness, log, 5)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        show(witness, log, 9)
    assert sizes(witness) == [5]


def test_of_many_at_once_none_is_lost_and_none_goes_back(witness: Witness) -> None:
    log, refused = Log(TRUE), []

    def one(size: int) -> None:
        try:
            show(witness, log, size)
        except HistoryNotContinued:
            refused.append(size)

    threads = [threading.Thread(target=one, args=(size,)) for size in range(1, 13)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    held = sizes(witness)
    assert held == sorted(held)
    assert sorted([*held, *refused]) == list(range(1, 13))


def test_a_file_that_is_no_witness_is_not_written_over(witness: Witness) -> None:
    witness.file_of(ORIGIN).write_text("something else\n", "utf-8")
    with pytest.raises(CheckpointInvalid):
        show(witness, Log(TRUE), 5)
    assert witness.file_of(ORIGIN).read_text("utf-8") == "something else\n"


def test_a_clinic_s_checkpoint_is_kept_and_witnessed(lived_in: World, witness: Witness) -> None:
    made = sign_checkpoint(
        lived_in.clinic, lived_in.administrator, KEY, now=at(70), witness=witness
    )
    [held] = witness.held()
    with lived_in.database.looking() as connection:
        kept = last_kept(connection, lived_in.clinic)
    assert kept is not None
    assert checkpoint_of(made.note) == held == made == kept.checkpoint
    assert made.head.size == kept.number - 1
    assert history_faults(lived_in.database, witness) == []


def test_a_clinic_that_lost_its_end_signs_nothing_and_is_told(
    lived_in: World, witness: Witness
) -> None:
    lived_in.session_on()
    made = sign_checkpoint(
        lived_in.clinic, lived_in.administrator, KEY, now=at(70), witness=witness
    )
    with Attack(lived_in) as attack:
        cut(attack, made.head.size - 1)
    [said] = history_faults(lived_in.database, witness)
    assert said.startswith("History lost: The witness holds a checkpoint of")
    with pytest.raises(HistoryNotContinued, match="The witness holds a checkpoint"):
        sign_checkpoint(lived_in.clinic, lived_in.administrator, KEY, now=at(71), witness=witness)
    with lived_in.database.looking() as connection:
        last = connection.execute(ENTRIES.select().order_by(ENTRIES.c.number.desc())).first()
    assert last is not None
    assert (last.action, last.outcome, last.code) == (
        "audit:checkpoint", "refused", "history-not-continued",
    )  # fmt: skip
    assert len(witness.held()) == 1


def test_a_clinic_that_was_rewritten_is_told_by_its_own_checkpoint(lived_in: World) -> None:
    assert history_faults(lived_in.database) == []
    with Attack(lived_in) as attack:
        attack.do(ENTRIES.update().where(ENTRIES.c.number == 3).values(workstation="another"))
        remake(attack)
    [said] = history_faults(lived_in.database)
    assert "and the first" in said
    with pytest.raises(HistoryNotContinued, match="The database holds"):
        sign_checkpoint(lived_in.clinic, lived_in.administrator, KEY, now=at(71))


def test_a_witness_of_another_clinic_says_that_it_is_not_here(
    lived_in: World, world: World, witness: Witness
) -> None:
    sign_checkpoint(lived_in.clinic, lived_in.administrator, KEY, now=at(70), witness=witness)
    [said] = history_faults(world.database, witness)
    assert "which is not in this database" in said
    assert str(lived_in.clinic.id) in said
    assert origin_of(lived_in.clinic.id) in said


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "key.pem"
    key = made_or_read(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert (
        public_half(made_or_read(path), "") == public_half(key, "") == public_half(read(path), "")
    )


def test_a_key_that_others_may_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(CheckpointKeyUnfit, match="No such file"):
        read(path)
    made_or_read(path)
    path.chmod(0o640)
    with pytest.raises(CheckpointKeyUnfit, match="mode 640, where 600 is asked"):
        made_or_read(path)
    path.chmod(0o600)
    path.write_text("not a key")
    with pytest.raises(CheckpointKeyUnfit, match="holds no private key"):
        read(path)
