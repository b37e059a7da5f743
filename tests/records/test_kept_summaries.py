"""A sealed summary is kept once, and its bytes are held against what its entry sealed (R164)."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from sqlalchemy import delete, insert, update

from protocol.commands import summaries
from protocol.records.kept_summaries import CONTENT, SUMMARY
from protocol.records.verifying import verify
from protocol.rules.errors import NotFound, NotPermitted, SummaryAltered
from protocol.rules.signature import Meaning
from protocol.rules.tampering import Tampering
from tests.commands.lived_in import keep_summary
from tests.commands.world import World, at
from tests.records.attack import Attack

SHEET = b"%PDF an invented sheet"


@pytest.fixture
def signed(world: World) -> World:
    world.completed()
    world.sign()
    return world


def the_last(world: World):
    return world.record().signatures[-1].id


def kept(world: World, signature=None):
    wanted = signature or the_last(world)
    return summaries.kept_summary(world.clinic, world.nurse, world.session, wanted, now=at(70))


def faults(world: World):
    return [one for found in verify(world.database) for one in found.faults]


def test_what_was_sealed_is_given_back_byte_for_byte_and_audited_as_a_printing(signed: World):
    assert kept(signed) is None
    made = keep_summary(signed, SHEET)
    assert (made.version, made.content_digest) == (1, sha256(SHEET).hexdigest())
    assert kept(signed) == made
    with Attack.looking(signed) as looking:
        acts = [(one["action"], one["person_id"]) for one in looking.rows(_entries())]
    assert acts[-2][0] == "session:seal"
    assert acts[-2][1] != str(signed.nurse.person_id)
    assert acts[-1] == ("session:print", str(signed.nurse.person_id))
    assert faults(signed) == []


def _entries():
    from protocol.records.sealing import ENTRIES

    return ENTRIES


def test_of_two_at_once_one_is_kept_and_both_are_given_it(signed: World):
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda n: keep_summary(signed, SHEET + b"%d" % n), range(2)))
    assert made[0].content == made[1].content
    assert kept(signed).content == made[0].content
    assert faults(signed) == []


def test_each_signature_has_a_summary_of_its_own(signed: World):
    first = the_last(signed)
    keep_summary(signed, SHEET)
    signed.sign(signed.physician, Meaning.APPROVAL, minute=61)
    assert kept(signed) is None
    assert keep_summary(signed, b"%PDF another").version == 2
    assert kept(signed, first).content == SHEET


def test_what_is_printed_says_which_kept_file_covers_it_and_what_followed(signed: World):
    def printable(at_signature=None):
        return summaries.printable(
            signed.clinic, signed.nurse, signed.session, now=at(70), at_signature=at_signature
        )

    first = the_last(signed)
    assert printable().kept_for.id == first
    assert printable(first).superseded_by is None
    signed.sign(signed.physician, Meaning.APPROVAL, minute=61)
    assert printable().kept_for.id == the_last(signed)
    early = printable(first)
    assert [one.id for one in early.record.signatures] == [first]
    assert early.superseded_by.id == the_last(signed)


def test_nobody_without_the_right_is_given_one_and_no_other_session_has_it(signed: World):
    keep_summary(signed, SHEET)
    with pytest.raises(NotPermitted):
        summaries.kept_summary(
            signed.clinic, signed.administrator, signed.session, the_last(signed), now=at(70)
        )
    with pytest.raises(NotFound):
        summaries.kept_summary(
            signed.clinic, signed.nurse, signed.patient, the_last(signed), now=at(70)
        )


def test_altered_bytes_are_named_by_the_verification_and_never_served(lived_in: World):
    number = lived_in.record().signatures[-1].number
    with Attack(lived_in) as attack:
        [row] = attack.rows(SUMMARY)
        changes = {
            "are not what was sealed": update(CONTENT).values(content=b"%PDF a forged sheet"),
            "are gone": delete(CONTENT),
        }
        for said, change in changes.items():
            attack.do(change)
            [fault] = faults(lived_in)
            assert (fault.number, fault.kind) == (row["audit_number"], Tampering.ALTERED_SUMMARY)
            assert said in fault.what
            with pytest.raises(SummaryAltered):
                kept(lived_in)
    assert row["audit_number"] > number


def test_bytes_that_no_entry_sealed_are_named(lived_in: World):
    first = lived_in.record().signatures[0].id
    stray = {"clinic_id": lived_in.clinic.id, "signature_id": first, "content": SHEET}
    with Attack(lived_in) as attack:
        attack.do((insert(CONTENT), [stray]))
        [fault] = faults(lived_in)
    assert fault.kind is Tampering.ALTERED_SUMMARY
    assert str(first) in fault.what
    assert kept(lived_in, first) is None
