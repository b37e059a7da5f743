"""Protocols, policies and forms in their versions: the same operations for every kind."""

from collections.abc import Callable
from inspect import getdoc
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.dependencies import API, PAGE, After, Limit, StrictRoute, acts, answer, page
from api.identity import Caller, SignedIn, moment
from api.schemas import (
    DifferencesOut,
    DocumentOut,
    FormDraftIn,
    FormOut,
    JurisdictionDraftIn,
    JurisdictionOut,
    PageOut,
    PolicyDraftIn,
    PolicyOut,
    ProtocolDraftIn,
    ProtocolOut,
    VersionLineOut,
)
from protocol.commands import authoring
from protocol.records.versions import Version
from protocol.rules.actions import Action
from protocol.rules.differences import differences
from protocol.rules.values import Line

_Step = Callable[..., Version]


def _router(kind: str, plural: str, out: type[DocumentOut]) -> APIRouter:
    """The operations on one kind of document, but for drafting."""
    router = APIRouter(prefix=f"{API}/{plural}", tags=[plural], route_class=StrictRoute)
    _add_looking(router, kind, out)
    for verb, step in (
        ("approve", authoring.approve),
        ("activate", authoring.activate),
        ("retire", authoring.retire),
    ):
        _add_step(router, Action(f"{kind}:{verb}"), kind, step, out)
    return router


def _add_looking(router: APIRouter, kind: str, out: type[DocumentOut]) -> None:
    view = Action(f"{kind}:view")

    @router.get("", **acts(view, gives=PageOut[VersionLineOut], name=f"{kind}_list", refuses=()))
    def find(
        caller: SignedIn, name: Line | None = None, after: After = None, limit: Limit = PAGE
    ) -> Response:
        """Every version, by name and number, without the documents."""
        now = moment()
        clinic, actor = caller.identified(now)
        found = authoring.versions(clinic, actor, kind, now=now, name=name)
        return page([VersionLineOut.line(one) for one in found], after, limit)

    @router.get("/{version_id}", **acts(view, gives=out, refuses=(404,)))
    def one(version_id: UUID, caller: SignedIn) -> Response:
        """One version with its document."""
        now = moment()
        clinic, actor = caller.identified(now)
        return answer(out.of(authoring.version(clinic, actor, kind, version_id, now=now)))

    @router.get(
        "/{version_id}/differences",
        **acts(view, gives=DifferencesOut, name=f"{kind}_compare", refuses=(404,)),
    )
    def compare(
        version_id: UUID,
        caller: SignedIn,
        before: Annotated[UUID, Query(description="The version that it is held against.")],
    ) -> Response:
        """Where this version differs from another one, by path."""
        return _compared(caller, kind, before, version_id)


def _compared(caller: Caller, kind: str, before: UUID, after: UUID) -> Response:
    now = moment()
    clinic, actor = caller.identified(now)
    old = authoring.version(clinic, actor, kind, before, now=now)
    new = authoring.version(clinic, actor, kind, after, now=now)
    found = differences(old.document, new.document)
    return answer(DifferencesOut.of(old, new, found))


def _add_step(
    router: APIRouter, action: Action, kind: str, step: _Step, out: type[DocumentOut]
) -> None:
    verb = action.value.partition(":")[2]

    @router.post(f"/{{version_id}}/{verb}", description=getdoc(step), **acts(action, gives=out))
    def change(version_id: UUID, caller: SignedIn) -> Response:
        now = moment()
        clinic, actor = caller.identified(now)
        return answer(out.of(step(clinic, actor, kind, version_id, now=now)))


protocols = _router("protocol", "protocols", ProtocolOut)
policies = _router("policy", "policies", PolicyOut)
forms = _router("form", "forms", FormOut)
jurisdictions = _router("jurisdiction", "jurisdictions", JurisdictionOut)


@protocols.post("", **acts(Action.PROTOCOL_DRAFT, gives=ProtocolOut, status=201, refuses=(409,)))
def draft_protocol(body: ProtocolDraftIn, caller: SignedIn) -> Response:
    """A new version of a protocol; it never changes from here on."""
    now = moment()
    clinic, actor = caller.identified(now)
    drafted = authoring.draft(clinic, actor, body.id, body.document, now=now)
    return answer(ProtocolOut.of(drafted), 201)


@policies.post("", **acts(Action.POLICY_DRAFT, gives=PolicyOut, status=201, refuses=(409,)))
def draft_policy(body: PolicyDraftIn, caller: SignedIn) -> Response:
    """A new version of the clinic's policy; it never changes from here on."""
    now = moment()
    clinic, actor = caller.identified(now)
    drafted = authoring.draft(clinic, actor, body.id, body.document, now=now)
    return answer(PolicyOut.of(drafted), 201)


@forms.post("", **acts(Action.FORM_DRAFT, gives=FormOut, status=201, refuses=(409,)))
def draft_form(body: FormDraftIn, caller: SignedIn) -> Response:
    """A new version of a form; it never changes from here on."""
    now = moment()
    clinic, actor = caller.identified(now)
    drafted = authoring.draft(clinic, actor, body.id, body.document, now=now)
    return answer(FormOut.of(drafted), 201)


@jurisdictions.post(
    "", **acts(Action.JURISDICTION_DRAFT, gives=JurisdictionOut, status=201, refuses=(409,))
)
def draft_jurisdiction(body: JurisdictionDraftIn, caller: SignedIn) -> Response:
    """A new version of the jurisdiction profile; it never changes from here on."""
    now = moment()
    clinic, actor = caller.identified(now)
    drafted = authoring.draft(clinic, actor, body.id, body.document, now=now)
    return answer(JurisdictionOut.of(drafted), 201)
