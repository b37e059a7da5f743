"""Replaying the vials of charted infusions, through the very commands of a clinic's custody.

Each vial is received, opened, drawn from for its infusion's session, and what is left of the draw
wasted before a witness; then the session is reconciled by someone who handled none of it. Times
and expiry move by the whole days by which the infusion itself moved, and all acts of a table are
entered in the order of their times, as a register has them. Ids come of the infusion and the
vial's name: what a run was refused, a corrected table enters, and what is there is never doubled.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid5

from api.documents import shaped
from api.replay_clinic import ReplayClinic, moment
from api.replay_infusions import Moved, moved
from api.replay_rows import Infusion, Refused
from api.vial_rows import Vial, Vials
from protocol.commands import custody, custody_views, people, receiving, reconciling, stocking
from protocol.commands.ledger import Entered
from protocol.commands.witnessing import witness
from protocol.records.work import record_refusal
from protocol.rules.actions import Action, Actor
from protocol.rules.custody import DrawIn, OpenIn, ReceiptIn, WasteIn
from protocol.rules.custody_balance import SessionBalance, SessionCustody
from protocol.rules.custody_states import same_drug
from protocol.rules.discrepancies import ReconcileIn
from protocol.rules.errors import InvalidShape, NotFound, Refusal, UnitMismatch
from protocol.rules.quantity import unit_named
from protocol.rules.signature import digest_of
from protocol.rules.values import plain

_VOLUME = "mL"
_SECRET_BYTES = 32


class VialBalance(NamedTuple):
    """What became of one drug in the custody of one infusion, in the unit of its vials.

    `discrepancies` are the open ones of its session and of its vials; without any it closes.
    """

    infusion: str
    session: UUID
    locations: tuple[UUID, ...]
    vials: int
    balance: SessionBalance
    discrepancies: tuple[UUID, ...]

    def as_dict(self) -> dict[str, object]:
        """For a program, amounts as text."""
        named = {"infusion": self.infusion, "session": str(self.session)}
        return {
            **named, "locations": [str(one) for one in self.locations], "vials": self.vials,
            **self.balance.model_dump(mode="json", exclude={"running"}),
            "discrepancies": [str(one) for one in self.discrepancies],
        }  # fmt: skip

    def as_text(self) -> str:
        """For a reader, the balance as a sum."""
        of = self.balance
        parts = ("given", "wasted", "returned", "broken", "lost", "remainder")
        gone = [(plain(getattr(of, name)), name) for name in parts if getattr(of, name)]
        came = " + ".join(f"{amount} {name}" for amount, name in gone)
        found = " ".join(str(one) for one in self.discrepancies)
        return (
            f"{self.infusion}  {of.drug}  {plain(of.drawn)} {of.unit} drawn = {came or '0'}  "
            + (f"discrepancy {found}" if found else "closes")
            + "  location " + " ".join(str(one) for one in self.locations)
        )  # fmt: skip


class _Step(NamedTuple):
    """One act of a vial: when it was, whose infusion and which line of the table, and the act."""

    at: datetime
    infusion: str
    line: int
    run: Callable[[], object]


class _SecondPerson:
    """The replay clinic's own witness, whose secret is new in each run and known to it alone."""

    def __init__(self, here: ReplayClinic) -> None:
        self._here, self._secret = here, ""

    def stands_by(self, action: Action, session: UUID, subject: UUID) -> Actor:
        """The witness, who authenticates for this act (R76)."""
        if not self._secret:
            self._secret = self._renewed()
        return witness(
            self._here.clinic, self._here.nurse, self._here.witness.username, self._secret,
            action, now=moment(), session=session, subject=subject,
        )  # fmt: skip

    def _renewed(self) -> str:
        here, first = self._here, secrets.token_urlsafe(_SECRET_BYTES)
        own = secrets.token_urlsafe(_SECRET_BYTES)
        people.reset_secret(
            here.clinic, here.administrator, here.witness.person_id, first, now=moment()
        )
        people.set_secret(here.clinic, here.witness, first, own, now=moment())
        return own


class _VialActs:
    """The acts of one vial, each by whose work it is, with the infusion's own shift of time."""

    def __init__(self, here: ReplayClinic, second: _SecondPerson, vial: Vial, to: Moved) -> None:
        self._here, self._second, self._vial, self._to = here, second, vial, to
        self._session = uuid5(to.id, "session")
        self._container = self._id("container")

    def _id(self, what: str) -> UUID:
        return uuid5(self._to.id, f"vial {self._vial.vial}: {what}")

    def steps(self) -> Iterator[_Step]:
        """What was done with the vial, in its order."""
        vial, opened = self._vial, self._vial.opened_at
        step = partial(self._step, vial)
        yield step(vial.received_at, self._received)
        if opened is not None:
            yield step(opened, self._opened)
        yield step(vial.drawn_at, self._drawn)
        if vial.wasted_at is not None:
            yield step(vial.wasted_at, self._wasted)
        if vial.left is not None:
            yield step(vial.ended_at, self._seen)

    def _step(self, vial: Vial, at: datetime, run: Callable[[datetime], object]) -> _Step:
        then = at - self._to.by
        return _Step(then, vial.infusion, vial.line, partial(run, then))

    def _said(self, what: str, at: datetime, **more: object) -> dict[str, object]:
        return {"id": self._id(what), "observed_at": at, "source": self._to.source, **more}

    def _received(self, at: datetime) -> Entered:
        vial, keeper, clinic = self._vial, self._here.administrator, self._here.clinic
        stocking.register_location(clinic, keeper, vial.location, now=moment())
        stocking.register_product(clinic, keeper, vial.product, now=moment())
        one = {"id": self._container, "label": vial.vial, "serial": vial.serial}
        said = self._said(
            "receipt", at, location_id=vial.location.id, product_id=vial.product.id, lot=vial.lot,
            expires_on=vial.expires_on - self._to.by, supplier=vial.supplier, containers=[one],
        )  # fmt: skip
        return receiving.receive(clinic, keeper, shaped(ReceiptIn, said), now=moment())

    def _opened(self, at: datetime) -> Entered:
        said = shaped(OpenIn, self._said("opening", at, container_id=self._container))
        return custody.open_container(self._here.clinic, self._here.nurse, said, now=moment())

    def _drawn(self, at: datetime) -> Entered:
        vial = self._vial
        said = self._said(
            "draw", at, container_id=self._container, session_id=self._session,
            amount=vial.drawn, label_lot=vial.label_lot, reason=vial.reason,
        )  # fmt: skip
        here = self._here
        return custody.draw(here.clinic, here.nurse, shaped(DrawIn, said), now=moment())

    def _wasted(self, at: datetime) -> Entered:
        vial, here = self._vial, self._here
        named = f"Witness in the source: {vial.witness}." if vial.witness else None
        said = shaped(
            WasteIn,
            self._said("waste", at, draw_id=self._id("draw"), amount=vial.wasted,
                       manner=vial.manner, reason=named),
        )  # fmt: skip
        beside = (
            [self._second.stands_by(Action.CUSTODY_WASTE, self._session, said.id)]
            if vial.witness
            else []
        )
        return custody.waste(here.clinic, here.nurse, said, now=moment(), witnesses=beside)

    def _seen(self, at: datetime) -> object:
        seen = self._vial.left
        said = self._said(f"seen {seen}", at, container_id=self._container, seen=seen)
        here = self._here
        return reconciling.reconcile(
            here.clinic, here.witness, shaped(ReconcileIn, said), now=moment()
        )


def replay_vials(
    here: ReplayClinic, charted: Mapping[str, Infusion], tables: Sequence[Vials | Refused]
) -> Iterator[list[VialBalance] | Refused]:
    """Enter the vials of the infusions that are charted, and reconcile each of their sessions.

    Each infusion of the table comes back, in order, as its balances or as refused. What the ledger
    refuses ends the custody of its infusion there: what was entered stands, nothing is reconciled.
    """
    refused: dict[str, Refused] = {}
    steps: list[_Step] = []
    second = _SecondPerson(here)
    for one in tables:
        try:
            steps += _steps(here, second, charted, one)
        except Refusal as refusal:
            line = one.line if isinstance(one, Refused) else one.vials[0].line
            refused[one.name] = _refused(here, one.name, line, refusal)
    for step in sorted(steps, key=lambda step: step.at):
        if step.infusion not in refused:
            try:
                step.run()
            except Refusal as refusal:
                refused[step.infusion] = _refused(here, step.infusion, step.line, refusal)
    for one in tables:
        yield refused.get(one.name) or _balanced(here, charted, one)


def _steps(
    here: ReplayClinic, second: _SecondPerson, charted: Mapping[str, Infusion],
    table: Vials | Refused,
) -> list[_Step]:  # fmt: skip
    """The acts of an infusion's vials. Raises NotFound, InvalidShape, UnitMismatch."""
    if isinstance(table, Refused):
        raise table.refusal
    infusion = charted.get(table.name)
    if infusion is None:
        raise NotFound("No infusion of that name was charted.", infusion=table.name)
    first = infusion.rows[0]
    if any(one.zoned is not first.zoned for one in table.vials):
        raise InvalidShape("Either the infusion's or its vials' times have a zone.", field="zone")
    if unit_named(first.amount_unit).amount == _VOLUME:
        raise UnitMismatch(
            f"The infusion is in {first.amount_unit} and its file names no concentration: no"
            " amount of a drug follows to balance.", unit=first.amount_unit,
        )  # fmt: skip
    to = moved(infusion, moment())
    return [step for one in table.vials for step in _VialActs(here, second, one, to).steps()]


def _refused(here: ReplayClinic, name: str, line: int, refusal: Refusal) -> Refused:
    if not refusal.audited:
        record_refusal(here.clinic, here.nurse, refusal, moment())
    return Refused(name, line, refusal)


def _balanced(
    here: ReplayClinic, charted: Mapping[str, Infusion], table: Vials | Refused
) -> list[VialBalance] | Refused:
    assert isinstance(table, Vials)
    try:
        return _reconciled(here, charted[table.name], table)
    except Refusal as refusal:
        return _refused(here, table.name, table.vials[0].line, refusal)


def _reconciled(here: ReplayClinic, infusion: Infusion, table: Vials) -> list[VialBalance]:
    """The session, reconciled once for each state of its ledger, and its balances."""
    clinic, to = here.clinic, moved(infusion, moment())
    session = uuid5(to.id, "session")
    entries = custody_views.of_session(clinic, here.witness, session, now=moment()).entries
    last = max([infusion.rows[-1].end, *(one.ended_at for one in table.vials)])
    wanted = shaped(
        ReconcileIn,
        {
            "id": uuid5(to.id, f"reconciliation {digest_of([str(one.id) for one in entries])}"),
            "session_id": session, "observed_at": last - to.by, "source": to.source,
        },
    )  # fmt: skip
    reconciling.reconcile(clinic, here.witness, wanted, now=moment())
    found = custody_views.of_session(clinic, here.witness, session, now=moment())
    return [_balance(here, infusion.name, session, found, each, table) for each in found.balances]


def _balance(
    here: ReplayClinic, name: str, session: UUID, found: SessionCustody, balance: SessionBalance,
    table: Vials,
) -> VialBalance:  # fmt: skip
    drug = same_drug(balance.drug)
    own = [one for one in found.containers if same_drug(one.product.drug) == drug]
    seen = {one.vial for one in table.vials if one.left is not None}
    opened = list(found.discrepancies)
    for one in own:
        if one.label in seen:
            view = custody_views.container(here.clinic, here.witness, one.id, now=moment())
            opened += view.discrepancies
    return VialBalance(
        name, session, tuple(dict.fromkeys(one.location_id for one in own)), len(own), balance,
        tuple(
            one.id for one in opened if one.closing is None and same_drug(one.drug) == drug
        ),
    )  # fmt: skip
