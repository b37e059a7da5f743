"""Checkpoints as C2SP writes them: what is signed is read again, and nothing else passes for it."""

from base64 import b64encode
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol.rules.checkpoints import (
    Checkpoint,
    TreeHead,
    Verifier,
    checkpoint_of,
    checkpoints_in,
    origin_of,
    public_half,
    require_signed,
    signed,
    verifier_of,
)
from protocol.rules.errors import CheckpointInvalid

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
CLINIC, OTHER_CLINIC = UUID(int=1), UUID(int=2)
HEAD = TreeHead(7, sha256(b"a root").digest())
# The key and the note of the signed-note documentation (golang.org/x/mod/sumdb/note).
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PUBLISHED_SIGNATURE = (
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)


def a_checkpoint(head: TreeHead = HEAD, clinic: UUID = CLINIC) -> Checkpoint:
    return signed(KEY, origin_of(clinic), head)


def test_a_published_key_and_note_are_taken() -> None:
    verifier = verifier_of(PUBLISHED_KEY)
    assert verifier.words == PUBLISHED_KEY
    note = f"{PUBLISHED_TEXT}\n— PeterNeumann {PUBLISHED_SIGNATURE}\n"
    require_signed(Checkpoint("PeterNeumann", HEAD, note), verifier)
    with pytest.raises(CheckpointInvalid, match="not signed by the key c74f20a3"):
        require_signed(Checkpoint("PeterNeumann", HEAD, note.replace("If", "if")), verifier)


def test_the_published_form_of_a_checkpoint_is_read() -> None:
    note = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
        "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    )
    found = checkpoint_of(note)
    assert (found.origin, found.head.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.note == note
    assert found.clinic_id is None


def test_a_checkpoint_is_four_lines_and_its_signature() -> None:
    lines = a_checkpoint().note.split("\n")
    assert lines[:2] == [f"chairside/clinic/{CLINIC}", "7"]
    assert (lines[2], lines[3]) == (b64encode(HEAD.root).decode(), "")
    assert lines[4].startswith(f"— chairside/clinic/{CLINIC} ")
    assert lines[5:] == [""]


@given(st.integers(0, 10**17), st.binary(min_size=32, max_size=32), st.uuids())
def test_what_is_signed_is_read_again(size: int, root: bytes, clinic: UUID) -> None:
    made = a_checkpoint(TreeHead(size, root), clinic)
    found = checkpoint_of(made.note)
    assert found == made
    assert found.clinic_id == clinic
    require_signed(found, public_half(KEY, "whatever name"))


@given(st.data())
def test_no_other_text_carries_the_signature(data: st.DataObject) -> None:
    note = a_checkpoint().note
    text, _, rest = note.partition("\n\n")
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(text[place].__ne__))
    changed = f"{text[:place]}{other}{text[place + 1 :]}\n\n{rest}"
    with pytest.raises(CheckpointInvalid):
        require_signed(checkpoint_of(changed), public_half(KEY, ""))


def test_another_key_or_another_clinic_s_signature_is_none() -> None:
    made = a_checkpoint()
    with pytest.raises(CheckpointInvalid, match="not signed by the key"):
        require_signed(made, public_half(OTHER_KEY, ""))
    theirs = a_checkpoint(clinic=OTHER_CLINIC).note.partition("\n\n")[2]
    moved = checkpoint_of(made.note.partition("\n\n")[0] + "\n\n" + theirs)
    with pytest.raises(CheckpointInvalid, match="not signed by the key"):
        require_signed(moved, public_half(KEY, ""))


def test_a_witness_s_line_beside_ours_is_passed_over() -> None:
    theirs = f"— witness.example {b64encode(b'abcd' + b's' * 72).decode()}\n"
    text, _, ours = a_checkpoint().note.partition("\n\n")
    for lines in (theirs + ours, ours + theirs):
        require_signed(checkpoint_of(f"{text}\n\n{lines}"), public_half(KEY, ""))


def test_a_file_of_several_checkpoints_is_read_in_order() -> None:
    made = [a_checkpoint(TreeHead(size, HEAD.root)) for size in (1, 5, 5, 9)]
    for between in ("", "\n", "\n\n\n"):
        assert list(checkpoints_in(between.join(one.note for one in made))) == made
    assert list(checkpoints_in("")) == []
    with pytest.raises(CheckpointInvalid, match="holds 4 checkpoints"):
        checkpoint_of("".join(one.note for one in made))


GOOD = a_checkpoint().note


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("not a checkpoint\n", "text"),
        (GOOD.replace("\n7\n", "\n07\n"), "size"),
        (GOOD.replace("\n7\n", "\n-7\n"), "size"),
        (GOOD.replace("\n7\n", "\n\u0667\n"), "size"),
        (GOOD.replace("\n7\n", f"\n{'9' * 30}\n"), "size"),
        (GOOD.replace(GOOD.split("\n")[2], "AAAA"), "root"),
        (GOOD.replace(GOOD.split("\n")[2], GOOD.split("\n")[2] + " "), "root"),
        (GOOD.partition("\n\n")[0] + "\n\n", "signature"),
        (GOOD.partition("\n\n")[0] + "\n\n— nobody\n", "signature"),
        (GOOD.partition("\n\n")[0] + "\n\n— nobody ????\n", "signature"),
        (GOOD.partition("\n\n")[0] + "\n\n— no+body AAAAAAAA\n", "signature"),
    ],
)
def test_what_is_not_well_formed_is_refused_by_its_field(text: str, field: str) -> None:
    with pytest.raises(CheckpointInvalid) as refused:
        list(checkpoints_in(GOOD + text))
    assert (refused.value.facts["checkpoint"], refused.value.facts["field"]) == (2, field)


@pytest.mark.parametrize(
    "words",
    ["", "name", "name+00000000+", f"{PUBLISHED_KEY}A", PUBLISHED_KEY.replace("c7", "c8"),
     PUBLISHED_KEY.replace("+ARpc", "+CRpc"), PUBLISHED_KEY.replace("Peter", "peter")],
)  # fmt: skip
def test_what_is_no_verifier_key_is_refused(words: str) -> None:
    with pytest.raises(CheckpointInvalid):
        verifier_of(words)


def test_a_key_under_another_name_has_another_id() -> None:
    verifier = public_half(KEY, "a")
    assert verifier_of(verifier.words) == verifier
    assert verifier.named("b").key_id != verifier.key_id
    assert Verifier("a", verifier.key) == verifier
