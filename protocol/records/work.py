"""The one door to a write.

`work(clinic, actor, Action.X, now)` checks the permission, gives the command its rows, writes them,
seals exactly one audit entry over what changed, and answers after the commit. A refusal writes
nothing but its own audit entry. No command can forget any of it (decision 3).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from protocol.records import versions
from protocol.records.clinics import Clinic
from protocol.records.door import Door, Group, HalfWritten
from protocol.records.prepared import Ask, Rows, command
from protocol.records.rows import New
from protocol.records.sealing import Happening, append, attempted, head
from protocol.records.session_record import load_record
from protocol.records.waiting import COLUMNS
from protocol.rules.actions import Action, Actor
from protocol.rules.audit import Outcome, row_bytes
from protocol.rules.charting import PersonRef
from protocol.rules.errors import IdConflict, Refusal
from protocol.rules.grants import require_may
from protocol.rules.record import SessionRecord
from protocol.rules.values import Shape


class Act:
    """One act while it has the turn: it looks up, it adds rows, and it says what it is about."""

    def __init__(self, clinic: Clinic, actor: Actor, action: Action, now: datetime) -> None:
        self.clinic, self.actor, self.action, self.now = clinic, actor, action, now
        self.rows: list[New] = []
        self.outcome = Outcome.DONE
        self.changes_unsealed = False
        self.detail: dict[str, Any] = {}
        self.patient_id = self.session_id = self.subject_id = ""
        self.number = 0
        self._group: Group | None = None

    @property
    def group(self) -> Group:
        """The transaction that this act is part of."""
        if self._group is None:
            raise RuntimeError("an act is used inside its with block")
        return self._group

    def take_turn(self, door: Door) -> Group:
        """Wait for the turn; whoever takes it ends it with `door.leave`."""
        self._group = door.enter()
        return self._group

    @property
    def connection(self) -> Connection:
        """The connection that sees the acts before this one."""
        if self.group.waiting.sessions:
            self.group.waiting.write_rows()
        return self.group.connection

    def seeing(self, session_id: UUID) -> Connection:
        """The connection for what concerns one session only: rows of others may still wait."""
        sessions = self.group.waiting.sessions
        return self.connection if {"", str(session_id)} & sessions else self.group.connection

    def ask(self, session_id: UUID, asked: Sequence[Ask]) -> list[Rows]:
        """What concerns one session, as the acts before this one left it."""
        self.seeing(session_id)
        return self.group.ask(asked, session_id)

    @cached_property
    def author(self) -> PersonRef:
        """The actor as named on the record."""
        return person_ref(self.actor)

    def require(self, action: Action) -> None:
        """Refuse with NotPermitted unless the roles or the clinic's policy grant the act."""
        if self.actor.clinic_id != self.clinic.id:
            raise RuntimeError("an actor acts at the own clinic")
        try:
            require_may(self.actor, action)
        except Refusal:
            require_may(self.actor, action, versions.widened(self.connection, self.clinic))

    def add(self, *rows: New) -> None:
        """Rows to be written and sealed when the act ends."""
        self.rows.extend(rows)

    def about(
        self, *, patient: UUID | None = None, session: UUID | None = None,
        subject: UUID | None = None, **detail: object,
    ) -> None:  # fmt: skip
        """Whom and what the audit entry is about, and facts for its detail."""
        self.patient_id = str(patient) if patient else self.patient_id
        self.session_id = str(session) if session else self.session_id
        self.subject_id = str(subject) if subject else self.subject_id
        self.detail.update(detail)

    def record(self, session_id: UUID) -> SessionRecord:
        """The whole session as it stands for this act."""
        return load_record(self.connection, self.clinic, session_id)

    def repeats(self, known_digest: str | None, digest: str, what: str) -> bool:
        """Whether the same id with the same content is there already; other content is refused.

        Sending twice is harmless (decision 10). Raises IdConflict.
        """
        if known_digest is None:
            return False
        if known_digest != digest:
            raise IdConflict(f"There is another {what} with this id.", id=self.subject_id)
        self.outcome = Outcome.REPEATED
        return True

    def seal(self) -> None:
        """Write the rows and append the entry; a repeat or a view has no rows."""
        if self.outcome is Outcome.DONE and not self.rows and not self.changes_unsealed:
            raise RuntimeError(f"{self.action} changed nothing")
        if not self.rows:
            self.leave_entry(self.outcome)
            return
        if self.group.repeatable:
            self._seal_or_repeat()
            return
        # A savepoint by its statement: the rows of this act alone go when one of them fails, or
        # when no entry can be sealed over them.
        command(self.connection, "SAVEPOINT act")
        try:
            self.leave_entry(self.outcome, rows=self._write())
        except BaseException:
            command(self.connection, "ROLLBACK TO SAVEPOINT act")
            raise
        command(self.connection, "RELEASE SAVEPOINT act")

    def _seal_or_repeat(self) -> None:
        try:
            self.leave_entry(self.outcome, rows=self._write())
        except BaseException as error:
            raise HalfWritten from error

    def leave_entry(
        self,
        outcome: Outcome,
        code: str = "",
        *,
        rows: Sequence[bytes] = (),
        **more: object,
    ) -> None:
        """Append this act's one audit entry."""
        happening = Happening(
            at=self.now,
            action=self.action.value,
            outcome=outcome,
            code=code,
            patient_id=self.patient_id,
            session_id=self.session_id,
            subject_id=self.subject_id,
            rows=rows,
            detail={**self.detail, **more},
        )
        append(self.group, self.clinic.database, self.actor, happening)

    def _write(self) -> list[bytes]:
        rows = [
            (kind, dict.fromkeys(COLUMNS[kind]) | values | {"audit_number": self.number})
            for kind, values in self.rows
        ]
        # First: a row that cannot be sealed must not wait to be written with another act's.
        sealed = [row_bytes(str(kind.__tablename__), row) for kind, row in rows]
        for kind, row in rows:
            self.group.waiting.add(kind, row, self.session_id)
        if not self.group.repeatable:
            self.group.waiting.write_rows()
        return sealed


class work:  # noqa: N801 - read as a verb: `with work(...) as act`
    """The with block of one act. See the module's docstring."""

    def __init__(
        self, clinic: Clinic, actor: Actor, action: Action, now: datetime,
        *, attempt: Shape | None = None,
    ) -> None:  # fmt: skip
        self.act = Act(clinic, actor, action, now)
        self._attempt = attempt
        self._door = clinic.database.door(str(clinic.id))

    def __enter__(self) -> Act:
        act = self.act
        group = act.take_turn(self._door)
        try:
            act.number = head(group, act.clinic.database, str(act.actor.clinic_id))[0] + 1
            act.require(act.action)
        except BaseException as error:
            self._end(error)
            raise
        return act

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if error is None:
            try:
                self.act.seal()
            except IntegrityError as conflict:
                refusal = IdConflict("There is something else with this id.")
                self._end(refusal)
                raise refusal from conflict
            except BaseException as failed:
                self._end(failed)
                raise
        self._end(error)

    def _end(self, error: BaseException | None) -> None:
        try:
            if isinstance(error, Refusal):
                refuse(self.act, error, self._attempt)
        finally:
            self._door.leave(self.act.group)


def refuse(act: Act, refusal: Refusal, attempt: Shape | None) -> None:
    """Audit a refusal with what was attempted; the act's own rows are not written (R18)."""
    if attempt is not None:
        act.detail["attempted"] = attempted(attempt.model_dump(mode="json"))
    act.leave_entry(Outcome.REFUSED, refusal.code, sentence=refusal.sentence, facts=refusal.facts)
    refusal.audited = True


def person_ref(actor: Actor) -> PersonRef:
    """An actor as named on the record."""
    return PersonRef.model_construct(
        id=actor.person_id, name=actor.name, credential=actor.credential,
        roles=tuple(sorted(actor.roles)),
    )  # fmt: skip


def record_refusal(
    clinic: Clinic, actor: Actor, refusal: Refusal, now: datetime,
    *, action: Action = Action.REQUEST_REFUSED, attempt: Shape | None = None,
    first: Callable[[Act], None] | None = None,
) -> None:  # fmt: skip
    """Audit what was refused before any command: a malformed body, a missing token (R18).

    `first` says in the same turn what the entry is about, and counts what is to be counted.
    """
    door = clinic.database.door(str(clinic.id))
    act = Act(clinic, actor, action, now)
    group = act.take_turn(door)
    try:
        if first is not None:
            first(act)
        refuse(act, refusal, attempt)
    finally:
        door.leave(group)
