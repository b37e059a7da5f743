"""Reconciling a session or a container, and what becomes of a remainder (R78).

A remainder opens a discrepancy and stays in the ledger as it is. Words close it, by somebody else.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from protocol.commands.keeping import content_digest, repeats
from protocol.records import custody, custody_totals, discrepancies, lookups
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.custody import LEDGER
from protocol.records.discrepancies import DISCREPANCY, RECONCILIATION
from protocol.records.keeping import Kept
from protocol.records.rows import New, new
from protocol.records.tables import (
    DiscrepancyClosingRow,
    DiscrepancyExplanationRow,
    DiscrepancyRow,
    ReconciliationRow,
)
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.audit import canonical_json
from protocol.rules.custody import CustodyEntry, Mark
from protocol.rules.custody_amounts import ledger_amount, plus
from protocol.rules.discrepancies import (
    ClosingIn,
    Discrepancy,
    ExplanationIn,
    Figure,
    FoundBy,
    ReconcileIn,
    Reconciliation,
    require_closable,
    require_open,
    segregation,
)
from protocol.rules.errors import Impossible, NotAllowedNow


def reconcile(
    clinic: Clinic, actor: Actor, wanted: ReconcileIn, *, now: datetime
) -> Reconciliation:
    """Compute the balance of a session, or of a container against what is seen in it; a remainder
    beyond what the clinic tolerates opens a discrepancy, once.

    Raises NotFound, NotAllowedNow (a drug line runs, or nothing is in custody), Impossible.
    """
    digest = content_digest(wanted)
    with work(clinic, actor, Action.CUSTODY_RECONCILE, now, attempt=wanted) as act:
        act.about(subject=wanted.id)
        if not repeats(act, Kept.RECONCILIATION, wanted.id, digest):
            if wanted.observed_at > now:
                raise Impossible("The time lies in the future.", field="observed_at")
            figures, entries = _figures(act, wanted)
            marks = segregation(actor.person_id, entries)
            act.add(_row(act, wanted, figures, marks, digest), *_opened(act, wanted, figures))
    with clinic.database.looking() as connection:
        found = RECONCILIATION.c.id == wanted.id
        return discrepancies.reconciliations(connection, clinic, found)[0]


def _figures(act: Act, wanted: ReconcileIn) -> tuple[list[Figure], list[CustodyEntry]]:
    if wanted.session_id is not None:
        return _of_session(act, wanted.session_id)
    assert wanted.container_id is not None
    assert wanted.seen is not None
    act.about(container=str(wanted.container_id))
    kept = custody.kept(act.connection, act.clinic, wanted.container_id)
    container, unit = kept.container, kept.container.product.unit
    seen = (
        ledger_amount(wanted.seen, container.product.strength, "seen")
        if wanted.seen.value
        else wanted.seen.value
    )
    remainder = plus(container.left, seen.copy_negate())
    return [
        _figure(act, container.product.drug, unit, container.left, plus(seen), remainder)
    ], list(kept.entries)


def _of_session(act: Act, session_id: UUID) -> tuple[list[Figure], list[CustodyEntry]]:
    act.about(session=session_id)
    state = lookups.session_state(act.connection, act.clinic, session_id)
    act.about(patient=state.patient_id)
    record = act.record(session_id)
    if record.custody is None:
        raise NotAllowedNow("Nothing of the session is in custody.", session=str(session_id))
    running = [one.drug for one in record.custody.balances if one.running]
    if running:
        raise NotAllowedNow(
            f"{running[0]} is running: what it gives is not final.", session=str(session_id)
        )
    return [
        _figure(
            act, one.drug, one.unit, one.drawn, plus(one.drawn, one.remainder.copy_negate()),
            one.remainder,
        )
        for one in record.custody.balances
    ], list(record.custody.entries)  # fmt: skip


def _figure(
    act: Act, drug: str, unit: str, expected: Decimal, found: Decimal, remainder: Decimal
) -> Figure:
    terms = custody_totals.terms_in_force(act.connection, act.clinic, act.now, drug)
    return Figure(
        drug=drug, unit=unit, expected=expected, found=found, remainder=remainder,
        tolerated=terms.tolerates(remainder, unit),
    )  # fmt: skip


def _opened(act: Act, wanted: ReconcileIn, figures: list[Figure]) -> list[New]:
    """A row for each remainder that no open discrepancy of the same amount names already."""
    of = (
        DISCREPANCY.c.session_id == wanted.session_id
        if wanted.session_id is not None
        else DISCREPANCY.c.container_id == wanted.container_id
    )
    known = discrepancies.discrepancies(act.connection, act.clinic, of)
    named = {(one.drug, one.unit, one.remainder) for one in known if one.closing is None}
    found_by = FoundBy.CONTAINER if wanted.session_id is None else FoundBy.SESSION
    return [
        new(DiscrepancyRow,
            clinic_id=act.clinic.id, id=uuid5(wanted.id, one.drug), found_by=found_by.value,
            found_id=wanted.id, session_id=wanted.session_id, container_id=wanted.container_id,
            location_id=None, drug=one.drug, unit=one.unit, remainder=one.remainder,
            recorded_at=act.now, author=act.author.model_dump_json(),
        )
        for one in figures
        if not one.tolerated and (one.drug, one.unit, one.remainder) not in named
    ]  # fmt: skip


def _row(
    act: Act, wanted: ReconcileIn, figures: list[Figure], marks: tuple[Mark, ...], digest: str
) -> New:
    seen = wanted.seen
    return new(ReconciliationRow,
        clinic_id=act.clinic.id, id=wanted.id, session_id=wanted.session_id,
        container_id=wanted.container_id, seen_value=None if seen is None else seen.value,
        seen_unit=None if seen is None else seen.unit,
        figures=canonical_json([one.model_dump(mode="json") for one in figures]).decode(),
        marks=canonical_json([one.value for one in marks]).decode(), note=wanted.note,
        observed_at=wanted.observed_at, observed_offset_min=offset_min(wanted.observed_at),
        recorded_at=act.now, author=act.author.model_dump_json(), source=wanted.source.value,
        content_digest=digest,
    )  # fmt: skip


def explain(
    clinic: Clinic, actor: Actor, discrepancy_id: UUID, wanted: ExplanationIn, *, now: datetime
) -> Discrepancy:
    """What someone says of a discrepancy. Raises NotFound, NotAllowedNow (it is closed)."""
    digest = content_digest(wanted, discrepancy_id)
    with work(clinic, actor, Action.DISCREPANCY_EXPLAIN, now, attempt=wanted) as act:
        found = _about(act, discrepancy_id, wanted.id)
        if not repeats(act, Kept.EXPLANATION, wanted.id, digest):
            require_open(found)
            act.add(
                new(DiscrepancyExplanationRow,
                    clinic_id=clinic.id, id=wanted.id, discrepancy_id=discrepancy_id,
                    words=wanted.text, recorded_at=now, author=act.author.model_dump_json(),
                    content_digest=digest,
                )
            )  # fmt: skip
    return _found(clinic, discrepancy_id)


def close(
    clinic: Clinic, actor: Actor, discrepancy_id: UUID, wanted: ClosingIn, *, now: datetime
) -> Discrepancy:
    """Closed by someone who neither opened nor explained it; the ledger stays as it is (R78).

    Raises NotFound, NotAllowedNow, NotPermitted.
    """
    digest = content_digest(wanted, discrepancy_id)
    with work(clinic, actor, Action.DISCREPANCY_CLOSE, now, attempt=wanted) as act:
        found = _about(act, discrepancy_id, wanted.id)
        if not repeats(act, Kept.CLOSING, wanted.id, digest):
            require_closable(found, actor.person_id)
            marks = segregation(actor.person_id, _entries_of(act, found))
            act.add(
                new(DiscrepancyClosingRow,
                    clinic_id=clinic.id, id=wanted.id, discrepancy_id=discrepancy_id,
                    words=wanted.conclusion, recorded_at=now,
                    marks=canonical_json([one.value for one in marks]).decode(),
                    author=act.author.model_dump_json(), content_digest=digest,
                )
            )  # fmt: skip
    return _found(clinic, discrepancy_id)


def _entries_of(act: Act, found: Discrepancy) -> list[CustodyEntry]:
    if found.session_id is None and found.container_id is None:
        return []
    of = (
        LEDGER.c.session_id == found.session_id
        if found.session_id is not None
        else LEDGER.c.container_id == found.container_id
    )
    return custody.entries(act.connection, act.clinic, of)


def _about(act: Act, discrepancy_id: UUID, subject_id: UUID) -> Discrepancy:
    act.about(subject=subject_id, discrepancy=str(discrepancy_id))
    found = discrepancies.discrepancy(act.connection, act.clinic, discrepancy_id)
    if found.session_id is not None:
        state = lookups.session_state(act.connection, act.clinic, found.session_id)
        act.about(session=found.session_id, patient=state.patient_id)
    return found


def _found(clinic: Clinic, discrepancy_id: UUID) -> Discrepancy:
    with clinic.database.looking() as connection:
        return discrepancies.discrepancy(connection, clinic, discrepancy_id)
