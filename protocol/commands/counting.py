"""Counting controlled drugs: a count begins, and is recorded or abandoned (R79).

The book is read when a count is recorded, in the same turn; a difference opens a discrepancy in the
way that reconciling does, and changes nothing in the ledger.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from protocol.commands.keeping import content_digest, repeats
from protocol.commands.proving import today_at
from protocol.records import counts, custody, custody_holdings, custody_totals
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.custody import Kept as KeptContainer
from protocol.records.keeping import Kept
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.tables import CountEndRow, CountLineRow, CountRow, DiscrepancyRow
from protocol.records.work import Act, person_ref, work
from protocol.rules.actions import Action, Actor
from protocol.rules.audit import canonical_json
from protocol.rules.charting import PersonRef
from protocol.rules.counts import (
    Count,
    CountAbandonIn,
    CountEnding,
    CountIn,
    CountLine,
    CountRecordIn,
    ToCount,
    counted_amount,
    require_complete,
    require_counted_day,
)
from protocol.rules.custody import CONTAINERS_MAX
from protocol.rules.custody_amounts import full_amount
from protocol.rules.discrepancies import FoundBy
from protocol.rules.errors import (
    Impossible,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    SecondPersonMissing,
)
from protocol.rules.signature import digest_of


def begin_count(clinic: Clinic, actor: Actor, wanted: CountIn, *, now: datetime) -> Count:
    """A count begins. While it is blind, its counter is shown no book value of the location.

    Raises NotFound, Impossible (a day in the future), NotAllowedNow (one is under way).
    """
    digest = content_digest(wanted)
    with work(clinic, actor, Action.COUNT_BEGIN, now, attempt=wanted) as act:
        act.about(subject=wanted.id, location=str(wanted.location_id))
        if not repeats(act, Kept.COUNT, wanted.id, digest):
            location = custody.location(act.connection, clinic, wanted.location_id)
            require_counted_day(wanted, today_at(clinic, now))
            under_way = counts.open_counts(act.connection, clinic, location.id)
            if under_way:
                raise NotAllowedNow(
                    f"{under_way[0].begun_by.name} counts {location.name} since"
                    f" {under_way[0].began_at.isoformat(timespec='seconds')}.",
                    count=str(under_way[0].id),
                )
            act.add(
                new(CountRow,
                    clinic_id=clinic.id, id=wanted.id, location_id=location.id,
                    kind=wanted.kind.value, blind=wanted.blind, business=wanted.business.value,
                    counted_on=wanted.counted_on, began_at=now,
                    ledger_number=custody_totals.last_number(act.connection, clinic),
                    author_id=actor.person_id, author=act.author.model_dump_json(),
                    content_digest=digest,
                )
            )  # fmt: skip
    return _found(clinic, wanted.id)


def to_count(clinic: Clinic, actor: Actor, count_id: UUID, *, now: datetime) -> list[ToCount]:
    """The containers that the ledger has at the location of a count; in an open count with the
    book, in a blind one never. Raises NotFound, NotAllowedNow (it has ended)."""
    with reading(clinic, actor, Action.COUNT_VIEW, now, subject=count_id) as connection:
        count = counts.count(connection, clinic, count_id)
        _require_under_way(count)
        there = custody_holdings.containers_at(
            connection, clinic, count.location_id, None, CONTAINERS_MAX
        )
    return [
        ToCount(
            container_id=one.id, product=one.product, lot=one.lot, expires_on=one.expires_on,
            label=one.label, serial=one.serial, opened=one.opened_at is not None,
            book=None if count.blind else one.left,
        )
        for one in there
    ]  # fmt: skip


def record_count(
    clinic: Clinic, actor: Actor, count_id: UUID, wanted: CountRecordIn, *, now: datetime,
    second: Actor | None = None,
) -> Count:  # fmt: skip
    """What was counted, held against the book; each difference opens a discrepancy (R78).

    Raises NotFound, NotAllowedNow, NotPermitted (another began it), SecondPersonMissing,
    CountIncomplete, ExactCountDue, Impossible, UnitMismatch, AmountNotExact.
    """
    people = [str(one.person_id) for one in (actor, second) if one is not None]
    digest = digest_of([content_digest(wanted, count_id), people])
    with work(clinic, actor, Action.COUNT_RECORD, now, attempt=wanted) as act:
        count = _about(act, count_id, wanted.id)
        if not repeats(act, Kept.COUNT_END, wanted.id, digest):
            _require_under_way(count)
            counters = _counters(act, count, second)
            if wanted.observed_at > now:
                at = wanted.observed_at.isoformat(timespec="seconds")
                raise Impossible(f"{at} lies in the future.", field="observed_at", value=at)
            lines = _lines(act, count, wanted)
            act.about(counted=len(lines), differing=sum(bool(one.difference) for one in lines))
            act.add(
                _end_row(act, count_id, wanted, counters, digest),
                *(_line_row(act, count_id, wanted, one) for one in lines),
                *_discrepancies(act, count, wanted, lines),
            )
    return _found(clinic, count_id)


def abandon_count(
    clinic: Clinic, actor: Actor, count_id: UUID, wanted: CountAbandonIn, *, now: datetime
) -> Count:
    """A count comes to nothing, for a reason; it stays in the list.

    Raises NotFound, NotAllowedNow.
    """
    digest = content_digest(wanted, count_id)
    with work(clinic, actor, Action.COUNT_ABANDON, now, attempt=wanted) as act:
        count = _about(act, count_id, wanted.id)
        if not repeats(act, Kept.COUNT_END, wanted.id, digest):
            _require_under_way(count)
            act.add(
                new(CountEndRow,
                    clinic_id=clinic.id, id=wanted.id, count_id=count_id,
                    ending=CountEnding.ABANDONED.value, recorded_at=now,
                    people=_people([act.author]), found="[]", reason=wanted.reason,
                    content_digest=digest,
                )
            )  # fmt: skip
    return _found(clinic, count_id)


def _about(act: Act, count_id: UUID, subject_id: UUID) -> Count:
    act.about(subject=subject_id, count=str(count_id))
    count = counts.count(act.connection, act.clinic, count_id)
    act.about(location=str(count.location_id))
    return count


def _require_under_way(count: Count) -> None:
    if count.ending is not None:
        raise NotAllowedNow(f"The count was {count.ending}.", count=str(count.id))


def _counters(act: Act, count: Count, second: Actor | None) -> list[PersonRef]:
    if count.begun_by.id != act.actor.person_id:
        raise NotPermitted(
            f"The count was begun by {count.begun_by.name}, who records it.", count=str(count.id)
        )
    if second is not None and second.person_id == act.actor.person_id:
        raise NotPermitted("The second counter is the same person.")
    profile = custody_totals.profile_in_force(act.connection, act.clinic, act.now)
    rule = None if profile is None else profile.inventory
    if rule is not None and rule.counted_by > 1 and second is None:
        raise SecondPersonMissing("The profile in force has two people count.", asked=2)
    return [person_ref(one) for one in (act.actor, second) if one is not None]


def _lines(act: Act, count: Count, wanted: CountRecordIn) -> list[CountLine]:
    connection, clinic = act.connection, act.clinic
    there = custody_holdings.containers_at(
        connection, clinic, count.location_id, None, CONTAINERS_MAX
    )
    ids = [one.container_id for one in wanted.counted]
    require_complete(count.kind, there, ids)
    kept = {one.container.id: one for one in custody.kept_many(connection, clinic, ids)}
    profile = custody_totals.profile_in_force(connection, clinic, act.now)
    found = []
    for one in wanted.counted:
        held = kept.get(one.container_id)
        if held is None:
            raise NotFound(
                "There is no such container at this clinic.", container=str(one.container_id)
            )
        container = held.container
        counted = counted_amount(one, container, full_amount(container.product), profile)
        found.append(
            CountLine(
                container_id=container.id, product_id=container.product.id, lot=container.lot,
                drug=container.product.drug, counted=counted, book=_book(held, count),
                unit=container.product.unit, method=one.method,
                moved=_moved(held, count, wanted.observed_at),
            )
        )  # fmt: skip
    return found


def _book(held: KeptContainer, count: Count) -> Decimal:
    """What the ledger has of it at the location; of what it has elsewhere, nothing."""
    here = held.container.location_id == count.location_id
    return held.container.left if here else Decimal(0)


def _moved(held: KeptContainer, count: Count, observed_at: datetime) -> bool:
    """Whether the ledger has an entry about it since the count began or, of a count that was
    written down before, since it was taken."""
    return any(
        one.number > count.number or one.observed_at > observed_at for one in held.entries
    )  # fmt: skip


def _end_row(
    act: Act, count_id: UUID, wanted: CountRecordIn, counters: Sequence[PersonRef], digest: str
) -> New:
    found = canonical_json([one.model_dump(mode="json") for one in wanted.found]).decode()
    return new(CountEndRow,
        clinic_id=act.clinic.id, id=wanted.id, count_id=count_id,
        ending=CountEnding.RECORDED.value, observed_at=wanted.observed_at,
        observed_offset_min=offset_min(wanted.observed_at), recorded_at=act.now,
        people=_people(counters), found=found, note=wanted.note, content_digest=digest,
    )  # fmt: skip


def _people(counters: Sequence[PersonRef]) -> str:
    return canonical_json([one.model_dump(mode="json") for one in counters]).decode()


def _line_row(act: Act, count_id: UUID, wanted: CountRecordIn, line: CountLine) -> New:
    entered = next(
        one.amount for one in wanted.counted if one.container_id == line.container_id
    )  # fmt: skip
    return new(CountLineRow,
        clinic_id=act.clinic.id, count_id=count_id, container_id=line.container_id,
        entered_value=None if entered is None else entered.value,
        entered_unit=None if entered is None else entered.unit, counted=line.counted,
        book=line.book, unit=line.unit, method=line.method.value, moved=line.moved,
    )  # fmt: skip


def _discrepancies(
    act: Act, count: Count, wanted: CountRecordIn, lines: Sequence[CountLine]
) -> list[New]:
    """A row for each difference beyond the drug's tolerance, and for each thing not in the book;
    a remainder is book less counted, as reconciling has it."""
    rows = []
    for line in lines:
        terms = custody_totals.terms_in_force(act.connection, act.clinic, act.now, line.drug)
        if not terms.tolerates(line.difference, line.unit):
            name = str(line.container_id)
            remainder = line.difference.copy_negate()
            rows.append(_discrepancy(act, count, wanted, name, line.drug, line.unit, remainder,
                                     line.container_id))  # fmt: skip
    for place, one in enumerate(wanted.found):
        rows.append(_discrepancy(act, count, wanted, str(place), one.drug, one.amount.unit,
                                 one.amount.value.copy_negate()))  # fmt: skip
    return rows


def _discrepancy(
    act: Act, count: Count, wanted: CountRecordIn, name: str, drug: str, unit: str,
    remainder: Decimal, container_id: UUID | None = None,
) -> New:  # fmt: skip
    return new(DiscrepancyRow,
        clinic_id=act.clinic.id, id=uuid5(wanted.id, name), found_by=FoundBy.COUNT.value,
        found_id=count.id, container_id=container_id, location_id=count.location_id, drug=drug,
        unit=unit, remainder=remainder, recorded_at=act.now, author=act.author.model_dump_json(),
    )  # fmt: skip


def _found(clinic: Clinic, count_id: UUID) -> Count:
    with clinic.database.looking() as connection:
        return counts.count(connection, clinic, count_id)
