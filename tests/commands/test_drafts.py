"""A draft is its sign-in's alone, lasts as long, and leaves no words in the database (R42)."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from protocol.commands import drafts, signing_in
from protocol.commands.drafts import Draft
from protocol.commands.signing_in import SignedIn
from protocol.records import tables
from protocol.records.lookups import table
from protocol.records.verifying import verify
from protocol.rules.actions import Action, Actor
from protocol.rules.drafts import DraftIn, DraftPlace, decrypted
from protocol.rules.errors import DraftUnreadable, NotFound, NotPermitted, NotSignedIn
from tests.commands.proofs import holder, last, sign_in
from tests.commands.test_sign_ins import add_token
from tests.commands.world import SECRET, World, at
from tests.records.test_trail import trail

DRAFT = table(tables.DraftRow)
WORDS: dict[str, object] = {"note": "She murmured of a quincunx", "rate": "11.30"}


def keep(
    world: World, signed_in: SignedIn, minute: float = 1, session: UUID | None = None,
    by: Actor | None = None, **words: object,
) -> None:  # fmt: skip
    drafts.keep(
        world.clinic, by or world.nurse, signed_in.token, session or world.session,
        DraftIn(content={**(words or WORDS)}), now=at(minute),
    )  # fmt: skip


def look(world: World, signed_in: SignedIn, minute: float = 2, by: Actor | None = None) -> Draft:
    return drafts.draft(
        world.clinic, by or world.nurse, signed_in.token, world.session, now=at(minute)
    )


def kept(world: World) -> int:
    with world.database.looking() as connection:
        return connection.execute(select(func.count()).select_from(DRAFT)).scalar_one()


def everything(world: World) -> bytes:
    """All that whoever reads the database sees: every row, and on SQLite the very files."""
    found = []
    with world.database.looking() as connection:
        for one in SQLModel.metadata.tables.values():
            for row in connection.execute(select(one)):
                found += [each if isinstance(each, bytes) else str(each).encode() for each in row]
    if world.database.path is not None:
        path = Path(str(world.database.path))
        found += [each.read_bytes() for each in path.parent.glob(f"{path.name}*")]
    return b"\n".join(found)


def test_a_draft_is_kept_replaced_read_and_discarded(world: World) -> None:
    signed_in = sign_in(world)
    assert look(world, signed_in) == Draft(world.session)
    keep(world, signed_in)
    assert look(world, signed_in) == Draft(world.session, at(1), WORDS)
    keep(world, signed_in, 3, note="She slept")
    assert look(world, signed_in, 4) == Draft(world.session, at(3), {"note": "She slept"})
    assert kept(world) == 1
    for _ in range(2):
        drafts.discard(world.clinic, world.nurse, signed_in.token, world.session, now=at(5))
        assert look(world, signed_in, 6).content is None


def test_keeping_is_in_no_audit_entry_and_looking_is(world: World) -> None:
    signed_in = sign_in(world)
    before = len(trail(world))
    for minute in range(5):
        keep(world, signed_in, minute)
    drafts.discard(world.clinic, world.nurse, signed_in.token, world.session, now=at(6))
    assert len(trail(world)) == before
    for minute in (7, 8):
        look(world, signed_in, minute)
    assert len(trail(world)) == before + 1
    entry = last(world)
    assert (entry["action"], entry["session_id"]) == ("draft:view", str(world.session))
    assert [one.fault for one in verify(world.database)] == [None]


def test_nobody_else_sees_it_and_no_other_sign_in_of_the_same_person(world: World) -> None:
    signed_in, again = sign_in(world), sign_in(world)
    colleague = sign_in(world, "second_nurse")
    keep(world, signed_in)
    assert look(world, again).content is None
    assert look(world, colleague, by=world.second_nurse).content is None
    keep(world, again, note="Another's")
    assert look(world, signed_in).content == WORDS
    administrator = sign_in(world, "administrator")
    for act in (look, keep):
        with pytest.raises(NotPermitted):
            act(world, administrator, by=world.administrator)
    assert (last(world)["action"], last(world)["outcome"]) == ("draft:keep", "refused")


def test_whoever_reads_the_database_finds_no_word_and_opens_nothing(world: World) -> None:
    signed_in, other = sign_in(world), sign_in(world, "second_nurse")
    keep(world, signed_in)
    with world.database.looking() as connection:
        row = connection.execute(select(DRAFT)).one()
    place = DraftPlace(world.clinic.id, world.nurse.person_id, world.session)
    assert decrypted(row.encrypted, signed_in.token, place) == WORDS
    for guess in (other.token, row.token_hash, str(signed_in.id), SECRET):
        with pytest.raises(DraftUnreadable):
            decrypted(row.encrypted, guess, place)
    found = everything(world)
    assert row.encrypted in found
    assert row.token_hash.encode() in found
    for word in ("murmured", "quincunx", "11.30", signed_in.token):
        assert word.encode() not in found


def test_a_draft_that_was_altered_or_moved_is_refused_and_can_be_replaced(world: World) -> None:
    signed_in, colleague = sign_in(world), sign_in(world, "second_nurse")
    keep(world, signed_in)
    keep(world, colleague, by=world.second_nurse, note="The other's")
    with world.database.begin_write() as connection:
        rows = {row.token_hash: row.encrypted for row in connection.execute(select(DRAFT))}
        own = signing_in.token_hash(signed_in.token)
        [others] = [words for whose, words in rows.items() if whose != own]
        statement = update(DRAFT).where(DRAFT.c.token_hash == own)
        connection.execute(statement.values(encrypted=others))
        connection.commit()
    with pytest.raises(DraftUnreadable):
        look(world, signed_in)
    assert (last(world)["action"], last(world)["code"]) == ("draft:view", "draft-unreadable")
    keep(world, signed_in)
    assert look(world, signed_in).content == WORDS


def test_a_lock_leaves_it_and_the_end_of_the_sign_in_takes_it(world: World) -> None:
    locked, out, revoked, switched = (sign_in(world) for _ in range(4))
    for one in (locked, out, revoked, switched):
        keep(world, one)
    signing_in.lock(world.clinic, world.nurse, locked.token, now=at(2))
    signing_in.sign_out(world.clinic, world.nurse, out.token, now=at(2))
    assert kept(world) == 3
    signing_in.revoke(world.clinic, world.administrator, revoked.id, now=at(2), anyones=True)
    assert kept(world) == 2
    signing_in.switch_user(world.clinic, switched.token, "second_nurse", SECRET, now=at(2))
    assert kept(world) == 1
    signing_in.unlock(world.clinic, locked.token, SECRET, now=at(3))
    assert look(world, locked, 4).content == WORDS


def test_a_draft_goes_with_an_expired_sign_in_at_the_next_one(world: World) -> None:
    world.policy_with(access={"sign_in_max_min": 30})
    short = sign_in(world)
    keep(world, short)
    with pytest.raises(NotSignedIn):
        holder(world, short, 30)
    sign_in(world, minute=29)
    assert kept(world) == 1
    sign_in(world, minute=30)
    assert kept(world) == 0


def test_what_comes_after_the_end_of_a_sign_in_is_not_kept(world: World) -> None:
    signed_in = sign_in(world)
    signing_in.sign_out(world.clinic, world.nurse, signed_in.token, now=at(1))
    with pytest.raises(NotSignedIn):
        keep(world, signed_in)
    with pytest.raises(NotSignedIn):
        keep(world, sign_in(world), by=world.second_nurse)
    assert kept(world) == 0


def test_there_is_no_draft_of_a_session_that_is_not_there(world: World) -> None:
    signed_in, nowhere = sign_in(world), uuid7()
    with pytest.raises(NotFound):
        keep(world, signed_in, session=nowhere)
    entry = last(world)
    assert (entry["action"], entry["outcome"]) == ("draft:keep", "refused")
    assert entry["session_id"] == str(nowhere)
    for act in (drafts.draft, drafts.discard):
        with pytest.raises(NotFound):
            act(world.clinic, world.nurse, signed_in.token, nowhere, now=at(1))


def test_a_program_has_no_draft(world: World) -> None:
    token = add_token(world, Action.NOTE_RECORD, Action.SESSION_VIEW)
    program = holder(world, token)
    for act in (keep, look):
        with pytest.raises(NotPermitted, match="api-token"):
            act(world, token, by=program)
    with pytest.raises(NotPermitted):
        add_token(world, Action.DRAFT_VIEW)
