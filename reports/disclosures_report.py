"""The accounting of a patient's disclosures on paper (R50)."""

from collections.abc import Sequence
from datetime import datetime

from protocol.rules.disclosures import Disclosure
from protocol.rules.patients import Patient
from protocol.rules.record import ClinicRef
from protocol.rules.signature import digest_of
from reports.formats import Clock, clock_of, counted, person
from reports.listing import Printed, Told, listing
from reports.sheet import (
    Cell,
    Column,
    Ink,
    Labelled,
    Listing,
    Row,
    Run,
    Section,
    Table,
    text,
    typed,
)

TITLE = "Accounting of disclosures"
_COLUMNS = (
    Column("Disclosed", 14), Column("To", 24), Column("What", 24), Column("Purpose", 22),
    Column("Recorded", 16),
)  # fmt: skip


def disclosures_report(
    clinic: ClinicRef, patient: Patient, disclosures: Sequence[Disclosure], *,
    since: datetime | None, until: datetime, printed: Printed,
) -> Listing:  # fmt: skip
    """Every disclosure in the window, corrected ones struck through beside what stands."""
    clock = clock_of(clinic.zone, printed.at)
    begin = "the first" if since is None else clock.moment(since)
    standing = sum(one.replaced_by is None for one in disclosures)
    facts = (
        Labelled("Window", text(f"from {begin} to before {clock.moment(until)}")),
        Labelled("Holds", text(counted(standing, "disclosure"))),
    )
    rows = tuple(_row(clock, one) for one in disclosures)
    section = Section(
        "Disclosures", () if rows else ("None is recorded in this window.",),
        (Table(_COLUMNS, rows),) if rows else (),
    )  # fmt: skip
    digest = digest_of([one.model_dump(mode="json") for one in disclosures])
    return listing(clinic, Told(TITLE, facts, (section,), digest, patient), printed)


def _row(clock: Clock, one: Disclosure) -> Row:
    ink = Ink.TYPED if one.replaced_by is None else Ink.STRUCK
    to: list[Run] = [Run(one.recipient, ink)]
    if one.recipient_address:
        to += [Run("", Ink.LINE), Run(one.recipient_address, ink)]
    return Row((
        text(clock.moment(one.disclosed_at), Ink.STRONG), tuple(to), text(one.what, ink),
        text(one.purpose, ink), _recorded(clock, one),
    ))  # fmt: skip


def _recorded(clock: Clock, one: Disclosure) -> Cell:
    runs = [Run(f"{clock.moment(one.recorded_at)} "), *typed(person(one.recorded_by))]
    if one.replaced_by is not None:
        runs += [Run("", Ink.LINE), Run("CORRECTED", Ink.MARK)]
    if one.reason:
        runs += [Run("", Ink.LINE), Run("Correction  ", Ink.SOFT), *typed(one.reason)]
    return tuple(runs)
