"""Drug custody: what is done with containers, and its ledger. Witnesses prove to be there (R76)."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Response

from api import schemas_custody as bodies
from api.dependencies import API, StrictRoute, acts, answer
from api.identity import Caller, SignedIn, moment
from protocol.commands import custody, receiving, reversing
from protocol.commands.ledger import Entered
from protocol.commands.witnessing import witness
from protocol.rules.actions import Action
from protocol.rules.custody import (
    BreakIn,
    CustodyIn,
    DestroyIn,
    DrawIn,
    FindIn,
    GiveBackIn,
    LoseIn,
    OpenIn,
    ReceiptIn,
    ReverseIn,
    TransferIn,
    WasteIn,
)

router = APIRouter(prefix=f"{API}/custody", tags=["custody"], route_class=StrictRoute)
_Act = TypeVar("_Act", bound=CustodyIn)


def _enters(action: Action) -> dict[str, Any]:
    given = bodies.EnteredOut
    return acts(action, gives=given, status=201, also=given)


def _enter(
    caller: Caller, body: bodies.Witnessed, shape: type[_Act], command: Callable[..., Entered],
    action: Action,
) -> Response:  # fmt: skip
    """Identify, let each witness prove to be there, write the ledger, answer."""
    now = moment()
    clinic, actor = caller.identified(now)
    wanted = body.plain(shape)
    witnesses = [
        witness(
            clinic, actor, one.username, one.secret, action, now=now, code=one.one_time_code,
            session=getattr(wanted, "session_id", None), subject=wanted.id,
        )
        for one in body.witnesses
    ]  # fmt: skip
    entered = command(clinic, actor, wanted, now=now, witnesses=witnesses)
    return answer(bodies.EnteredOut.of(entered, now), 200 if entered.repeated else 201)


@router.post("/receipts", **_enters(Action.CUSTODY_RECEIVE))
def receive(body: bodies.ReceiptWitnessedIn, caller: SignedIn) -> Response:
    """Containers of one product, lot and expiry that came in together."""
    return _enter(caller, body, ReceiptIn, receiving.receive, Action.CUSTODY_RECEIVE)


@router.post("/openings", **_enters(Action.CUSTODY_OPEN))
def open_container(body: bodies.OpenWitnessedIn, caller: SignedIn) -> Response:
    """A container was opened."""
    return _enter(caller, body, OpenIn, custody.open_container, Action.CUSTODY_OPEN)


@router.post("/draws", **_enters(Action.CUSTODY_DRAW))
def draw(body: bodies.DrawWitnessedIn, caller: SignedIn) -> Response:
    """An amount was drawn for a session; expired, another lot or drug: marked, with a reason."""
    return _enter(caller, body, DrawIn, custody.draw, Action.CUSTODY_DRAW)


@router.post("/wastes", **_enters(Action.CUSTODY_WASTE))
def waste(body: bodies.WasteWitnessedIn, caller: SignedIn) -> Response:
    """The rest of a draw, or stock, was wasted before a witness."""
    return _enter(caller, body, WasteIn, custody.waste, Action.CUSTODY_WASTE)


@router.post("/returns", **_enters(Action.CUSTODY_GIVE_BACK))
def give_back(body: bodies.GiveBackWitnessedIn, caller: SignedIn) -> Response:
    """The rest of a draw went back into its container, or stock to a recipient."""
    return _enter(caller, body, GiveBackIn, custody.give_back, Action.CUSTODY_GIVE_BACK)


@router.post("/breakages", **_enters(Action.CUSTODY_BREAK))
def break_some(body: bodies.BreakWitnessedIn, caller: SignedIn) -> Response:
    """Something broke or was spilt."""
    return _enter(caller, body, BreakIn, custody.break_some, Action.CUSTODY_BREAK)


@router.post("/losses", **_enters(Action.CUSTODY_LOSE))
def lose(body: bodies.LoseWitnessedIn, caller: SignedIn) -> Response:
    """Something is not where it should be."""
    return _enter(caller, body, LoseIn, custody.lose, Action.CUSTODY_LOSE)


@router.post("/finds", **_enters(Action.CUSTODY_FIND))
def find(body: bodies.FindWitnessedIn, caller: SignedIn) -> Response:
    """More is in a container than the ledger says."""
    return _enter(caller, body, FindIn, custody.find, Action.CUSTODY_FIND)


@router.post("/destructions", **_enters(Action.CUSTODY_DESTROY))
def destroy(body: bodies.DestroyWitnessedIn, caller: SignedIn) -> Response:
    """Stock was destroyed."""
    return _enter(caller, body, DestroyIn, custody.destroy, Action.CUSTODY_DESTROY)


@router.post("/transfers", **_enters(Action.CUSTODY_TRANSFER))
def transfer(body: bodies.TransferWitnessedIn, caller: SignedIn) -> Response:
    """A container moved to another location of the clinic."""
    return _enter(caller, body, TransferIn, custody.transfer, Action.CUSTODY_TRANSFER)


@router.post("/reversals", **_enters(Action.CUSTODY_REVERSE))
def reverse(body: bodies.ReverseWitnessedIn, caller: SignedIn) -> Response:
    """An entry that was wrong is followed by its opposite; it stays, and why is said."""
    return _enter(caller, body, ReverseIn, reversing.reverse, Action.CUSTODY_REVERSE)
