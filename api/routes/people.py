"""Accounts: adding people, changing what they are; nobody is ever removed."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.dependencies import API, PAGE, After, Limit, StrictRoute, acts, answer, page
from api.identity import SignedIn, moment
from api.schemas import PageOut
from api.schemas_identity import NewSecretIn, PersonOut
from protocol.commands import people, second_factor
from protocol.commands.people import PersonIn, StandingIn
from protocol.commands.proving import today_at
from protocol.rules.actions import Action
from protocol.rules.credentials import Credential

router = APIRouter(prefix=f"{API}/people", tags=["people"], route_class=StrictRoute)


@router.post("", **acts(Action.PERSON_ADD, gives=PersonOut, status=201, refuses=(409,)))
def add_person(body: PersonIn, caller: SignedIn) -> Response:
    """A new account; a user name is given once, for ever."""
    now = moment()
    clinic, actor = caller.identified(now)
    people.add_person(clinic, actor, body, now=now)
    return answer(PersonOut.added(body, now), 201)


@router.get("", **acts(Action.PERSON_VIEW, gives=PageOut[PersonOut], refuses=()))
def find_people(caller: SignedIn, after: After = None, limit: Limit = PAGE) -> Response:
    """Everyone with an account, by user name."""
    now = moment()
    clinic, actor = caller.identified(now)
    held, today = people.credentials(clinic, actor, now=now), today_at(clinic, now)
    everyone = people.people(clinic, actor, now=now)
    return page([PersonOut.of(one, held.get(one.id, ()), today) for one in everyone], after, limit)


@router.put(
    "/{person_id}/standing", **acts(Action.PERSON_CHANGE, status=204, refuses=(404,))
)  # fmt: skip
def change_standing(person_id: UUID, body: StandingIn, caller: SignedIn) -> Response:
    """New roles, a new credential, or the end of an account, from the next request on."""
    now = moment()
    clinic, actor = caller.identified(now)
    people.change_person(clinic, actor, person_id, body, now=now)
    return Response(status_code=204)


@router.put("/{person_id}/secret", **acts(Action.PERSON_RESET_SECRET, status=204, refuses=(404,)))
def reset_secret(person_id: UUID, body: NewSecretIn, caller: SignedIn) -> Response:
    """In place of a forgotten secret; it opens only the way to set an own one."""
    now = moment()
    clinic, actor = caller.identified(now)
    people.reset_secret(clinic, actor, person_id, body.secret, now=now)
    return Response(status_code=204)


@router.delete(
    "/{person_id}/second-factor", **acts(Action.SECOND_FACTOR_RESET, status=204, refuses=(404,))
)
def reset_second_factor(person_id: UUID, caller: SignedIn) -> Response:
    """End a lost second factor, and the person's sign-ins with it."""
    now = moment()
    clinic, actor = caller.identified(now)
    second_factor.reset(clinic, actor, person_id, now=now)
    return Response(status_code=204)


@router.post(
    "/{person_id}/credentials", **acts(Action.CREDENTIAL_RECORD, status=204, refuses=(404, 409))
)
def record_credential(person_id: UUID, body: Credential, caller: SignedIn) -> Response:
    """A licence or certificate with its last day; of one title the latest holds."""
    now = moment()
    clinic, actor = caller.identified(now)
    people.record_credential(clinic, actor, person_id, body, now=now)
    return Response(status_code=204)
