"""The audit trail: searching, reporting, reviewing, purging detail, and verifying it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from api.dependencies import API, StrictRoute, acts, answer
from api.identity import Caller, SignedIn, moment
from api.report_files import FORMATS, audit_pdf
from api.schemas_audit import (
    NUMBER_MAX,
    AuditPageOut,
    AuditSearchIn,
    AuditSoughtIn,
    PurgesOut,
    PurgeWithSecondIn,
    RegularitiesOut,
    ReviewsOut,
    VerificationOut,
    WindowIn,
)
from api.schemas_checkpoints import CheckpointOut, ConsistencyOut, InclusionOut
from protocol.commands import auditing, checkpoints, purging, reviewing, surveying
from protocol.commands.proving import second_person
from protocol.rules.actions import Action
from protocol.rules.retention import Purge
from protocol.rules.review import AuditReview, AuditReviewIn
from reports.listing import Printed

Number = Annotated[int, Path(ge=1, le=NUMBER_MAX)]
Size = Annotated[int | None, Query(ge=1, le=NUMBER_MAX, description="How many entries.")]
router = APIRouter(prefix=f"{API}/audit", tags=["audit"], route_class=StrictRoute)
_CSV: dict[str, Any] = {"text/csv": {"schema": {"type": "string"}}}
_JSON: dict[str, Any] = {"application/jsonl": {"schema": {"type": "string"}}}
_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}


@router.get("/entries", **acts(Action.AUDIT_SEARCH, gives=AuditPageOut, refuses=(404,)))
def find_entries(caller: SignedIn, search: Annotated[AuditSearchIn, Query()]) -> Response:
    """Entries as sought, newest first unless another order is asked for."""
    now = moment()
    clinic, actor = caller.identified(now)
    page = auditing.find_entries(
        clinic, actor, search.sought(), now=now, order=search.order(), after=search.after,
        limit=search.limit,
    )  # fmt: skip
    return answer(AuditPageOut.of(page))


@router.get(
    "/report.csv", **acts(Action.AUDIT_EXPORT, content=_CSV, name="audit_export_csv", refuses=())
)
def export_csv(caller: SignedIn, search: Annotated[AuditSoughtIn, Query()]) -> Response:
    """Every entry as sought, as CSV, written as it is read: of any length."""
    return _exported(caller, search, "csv")


@router.get(
    "/report.jsonl",
    **acts(Action.AUDIT_EXPORT, content=_JSON, name="audit_export_json", refuses=()),
)
def export_json(caller: SignedIn, search: Annotated[AuditSoughtIn, Query()]) -> Response:
    """Every entry as sought, as JSON, one object a line: of any length."""
    return _exported(caller, search, "json")


def _exported(caller: Caller, search: AuditSoughtIn, format_: str) -> Response:
    now = moment()
    clinic, actor = caller.identified(now)
    report = auditing.export_entries(clinic, actor, search.sought(), now=now, order=search.order())
    kind, written = FORMATS[format_]
    return StreamingResponse(
        written(report.lines), media_type=kind, headers=_named(f"audit.{format_}")
    )


@router.get("/report.pdf", **acts(Action.AUDIT_PRINT, content=_PDF, refuses=()))
def print_report(caller: SignedIn, search: Annotated[AuditSoughtIn, Query()]) -> Response:
    """Every entry as sought, on paper: 2,000 entries at most."""
    now = moment()
    clinic, actor = caller.identified(now)
    report = auditing.print_entries(clinic, actor, search.sought(), now=now, order=search.order())
    content = audit_pdf(report, Printed(now, actor.name, report.page_size))
    return Response(content, media_type="application/pdf", headers=_named("audit.pdf"))


@router.get("/reviews", **acts(Action.AUDIT_VIEW, gives=ReviewsOut, name="audit_reviews"))
def find_reviews(caller: SignedIn) -> Response:
    """Every review, and the stretches that no review covers with when each is due."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = reviewing.reviews(clinic, actor, now=now)
    lacking = reviewing.lacking_reviews(clinic, actor, now=now)
    return answer(ReviewsOut(reviews=found, lacking=lacking))


@router.post("/reviews", **acts(Action.AUDIT_REVIEW, gives=AuditReview, status=201))
def review(body: AuditReviewIn, caller: SignedIn) -> Response:
    """A signed review of a window: the secret once more, and a remark."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(reviewing.review(clinic, actor, body, now=now), 201)


@router.get("/regular-charting", **acts(Action.CHARTING_SURVEY, gives=RegularitiesOut, refuses=()))
def survey(caller: SignedIn, window: Annotated[WindowIn, Query()]) -> Response:
    """Sessions whose charting crosses the policy's thresholds of regularity; no values."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = surveying.regular_charting(
        clinic, actor, since=window.since, until=window.until, now=now
    )
    return answer(RegularitiesOut.of(found))


@router.get("/purges", **acts(Action.AUDIT_VIEW, gives=PurgesOut, name="audit_purges", refuses=()))
def find_purges(caller: SignedIn) -> Response:
    """Every purge of audit detail."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(PurgesOut(purges=purging.purges(clinic, actor, now=now)))


@router.post("/purges", **acts(Action.AUDIT_PURGE, gives=Purge, status=201))
def purge(body: PurgeWithSecondIn, caller: SignedIn) -> Response:
    """The lawful purge of the details of one record class, with a second person."""
    now = moment()
    clinic, actor = caller.identified(now)
    named = body.second_person
    second = second_person(
        clinic, actor, named.username, named.secret, Action.AUDIT_PURGE, now=now,
        code=named.one_time_code,
    )  # fmt: skip
    done = purging.purge(clinic, actor, body.wanted(), second=second, now=now)
    return answer(done, 201)


@router.post("/verify", **acts(Action.AUDIT_VERIFY, gives=VerificationOut, refuses=()))
def verify(caller: SignedIn) -> Response:
    """Walk the chain and every row that it seals; names the first entry that does not hold."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(VerificationOut.of(auditing.verify(clinic, actor, now=now)))


@router.get("/checkpoint", **acts(Action.AUDIT_PROVE, gives=CheckpointOut, refuses=(404,)))
def latest_checkpoint(caller: SignedIn) -> Response:
    """The last signed head of the chain, as the note that was signed (C2SP tlog-checkpoint)."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(CheckpointOut.of(checkpoints.latest_checkpoint(clinic, actor, now=now)))


@router.get(
    "/proofs/{number}",
    **acts(
        Action.AUDIT_PROVE, gives=InclusionOut, name="inclusion_prove", refuses=(404,)
    ),
)  # fmt: skip
def prove_included(caller: SignedIn, number: Number, size: Size = None) -> Response:
    """That an entry is in the tree of `size` entries, or of the last checkpoint (RFC 9162)."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = checkpoints.prove_included(clinic, actor, number, now=now, size=size)
    return answer(InclusionOut.of(found))


@router.get(
    "/consistency/{old}",
    **acts(
        Action.AUDIT_PROVE, gives=ConsistencyOut, name="consistency_prove", refuses=(404,)
    ),
)  # fmt: skip
def prove_consistent(caller: SignedIn, old: Number, new: Size = None) -> Response:
    """That the tree of `new` entries, or of all, begins with the tree of `old` (RFC 9162)."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(ConsistencyOut.of(checkpoints.prove_consistent(clinic, actor, old, new, now=now)))


def _named(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file}"'}
