"""Accounts: adding people, changing what they are; nobody is ever removed."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.dependencies import API, PAGE, After, Limit, StrictRoute, acts, answer, page
from api.identity import SignedIn, moment
from api.schemas import PageOut, PersonOut
from protocol.commands import people
from protocol.commands.people import PersonIn, StandingIn
from protocol.rules.actions import Action

router = APIRouter(prefix=f"{API}/people", tags=["people"], route_class=StrictRoute)


@router.post("", **acts(Action.PERSON_ADD, gives=PersonOut, status=201, refuses=(409,)))
def add_person(body: PersonIn, caller: SignedIn) -> Response:
    """A new account; a user name is given once, for ever."""
    now = moment()
    clinic, actor = caller.identified(now)
    people.add_person(clinic, actor, body, now=now)
    return answer(PersonOut.added(body), 201)


@router.get("", **acts(Action.PERSON_VIEW, gives=PageOut[PersonOut], refuses=()))
def find_people(caller: SignedIn, after: After = None, limit: Limit = PAGE) -> Response:
    """Everyone with an account, by user name."""
    now = moment()
    clinic, actor = caller.identified(now)
    everyone = [PersonOut.of(one) for one in people.people(clinic, actor, now=now)]
    return page(everyone, after, limit)


@router.put(
    "/{person_id}/standing", **acts(Action.PERSON_CHANGE, status=204, refuses=(404,))
)  # fmt: skip
def change_standing(person_id: UUID, body: StandingIn, caller: SignedIn) -> Response:
    """New roles, a new credential, or the end of an account, from the next request on."""
    now = moment()
    clinic, actor = caller.identified(now)
    people.change_person(clinic, actor, person_id, body, now=now)
    return Response(status_code=204)
