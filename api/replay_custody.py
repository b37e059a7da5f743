"""Replaying custody: the vials that a replayed infusion came from, by the same commands.

The bodies are those of the API; what is entered is marked as transcribed (R153). Witnesses are
named in the body with their secrets, or are the second person of the replay.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from api.documents import shaped
from api.schemas_custody import Witnessed
from protocol.commands import custody, receiving, reconciling, reversing, stocking
from protocol.commands.ledger import Entered
from protocol.commands.witnessing import witness
from protocol.records.clinics import Clinic
from protocol.rules.actions import Action, Actor
from protocol.rules.charting import Source
from protocol.rules.custody import (
    BreakIn,
    CustodyIn,
    DestroyIn,
    DrawIn,
    FindIn,
    GiveBackIn,
    LocationIn,
    LoseIn,
    OpenIn,
    ProductIn,
    ReceiptIn,
    ReverseIn,
    TransferIn,
    WasteIn,
)
from protocol.rules.discrepancies import ReconcileIn

_ENTERS: dict[Action, tuple[type[CustodyIn], Callable[..., Entered]]] = {
    Action.CUSTODY_RECEIVE: (ReceiptIn, receiving.receive),
    Action.CUSTODY_OPEN: (OpenIn, custody.open_container),
    Action.CUSTODY_DRAW: (DrawIn, custody.draw),
    Action.CUSTODY_WASTE: (WasteIn, custody.waste),
    Action.CUSTODY_GIVE_BACK: (GiveBackIn, custody.give_back),
    Action.CUSTODY_BREAK: (BreakIn, custody.break_some),
    Action.CUSTODY_LOSE: (LoseIn, custody.lose),
    Action.CUSTODY_FIND: (FindIn, custody.find),
    Action.CUSTODY_DESTROY: (DestroyIn, custody.destroy),
    Action.CUSTODY_TRANSFER: (TransferIn, custody.transfer),
    Action.CUSTODY_REVERSE: (ReverseIn, reversing.reverse),
}
_KEEPS = frozenset(
    {Action.CUSTODY_KEEP_LOCATION, Action.CUSTODY_KEEP_PRODUCT, Action.CUSTODY_RECONCILE}
)
CUSTODY_ACTS = frozenset(_ENTERS) | _KEEPS


def replay_custody(
    clinic: Clinic, actor: Actor, act: Action, body: dict[str, Any], second: Actor | None,
    now: datetime,
) -> bool:  # fmt: skip
    """Run one act of custody; whether it was there before with this content.

    `second` is the person who stands beside this line, where the body names none.
    """
    if act is Action.CUSTODY_KEEP_LOCATION:
        stocking.register_location(clinic, actor, shaped(LocationIn, body), now=now)
        return False
    if act is Action.CUSTODY_KEEP_PRODUCT:
        stocking.register_product(clinic, actor, shaped(ProductIn, body), now=now)
        return False
    if body.get("source") != Source.TRANSCRIBED_SHIFTED.value:
        body["source"] = Source.TRANSCRIBED.value
    if act is Action.CUSTODY_RECONCILE:
        reconciling.reconcile(clinic, actor, shaped(ReconcileIn, body), now=now)
        return False
    named = shaped(Witnessed, {"witnesses": body.pop("witnesses", [])}).witnesses
    shape, command = _ENTERS[act]
    wanted = shaped(shape, body)
    session: UUID | None = getattr(wanted, "session_id", None)
    witnesses = [
        witness(
            clinic, actor, one.username, one.secret, act, now=now, code=one.one_time_code,
            session=session, subject=wanted.id,
        )
        for one in named
    ]  # fmt: skip
    if not named and second is not None:
        witnesses = [second]
    return command(clinic, actor, wanted, now=now, witnesses=witnesses).repeated
