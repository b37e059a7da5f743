"""The downtime kit's paper: a protocol version laid out to write on by hand (R153).

Everything printed on it is the clinic's own: rounds, drug lines, limits, stop notes. Nothing is
filled in, and what is written is entered afterwards as transcribed (`api/transcription.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from protocol.rules.charting import DosingKind
from protocol.rules.forms import FormDocument, Item, ItemKind
from protocol.rules.limits import Limit, LimitOn
from protocol.rules.measures import BUILT_IN, Measure
from protocol.rules.protocols import (
    Anchor,
    Phase,
    PolicyDocument,
    ProtocolDocument,
    Round,
)
from protocol.rules.record import ClinicRef, VersionRef
from protocol.rules.schedule import offsets_min
from reports.formats import (
    concentration,
    dose,
    measured,
    person,
    short_digest,
    unit,
    with_unit,
    words,
)
from reports.listing import Printed, Told, listing
from reports.sheet import (
    Banner,
    Cell,
    Column,
    Ink,
    Labelled,
    Listing,
    Row,
    RowKind,
    Run,
    Section,
    Table,
    joined,
    text,
    typed,
)

TITLE = "Downtime sheet"
NOT_APPROVED = "nobody yet"
MEASURES_A_TABLE = 9
UNPLANNED_ROWS = 3
# How often a round is laid out that counts from something which may happen more than once.
ANCHORS_LAID_OUT = 2
_ANCHORED = {
    Anchor.PHASE_START: "from the phase's start",
    Anchor.INFUSION_START: "from the infusion's start",
    Anchor.RATE_CHANGE: "after each rate change",
    Anchor.BOLUS: "after each bolus",
    Anchor.INFUSION_STOP: "from the infusion's stop",
}
_ONCE = (Anchor.PHASE_START, Anchor.INFUSION_START, Anchor.INFUSION_STOP)
# Whose sheet it is, to be written on every page (R141).
_WHO = Banner(
    f"Patient {'_' * 34}",
    (Labelled("Born", text("_" * 14)), Labelled("Identifier", text("_" * 22))),
    allergies="", allergies_known=False,
)  # fmt: skip
# What is charted beside rounds and doses: title, rows to write in, columns with their share.
_BESIDE: tuple[tuple[str, int, tuple[tuple[str, int], ...]], ...] = (
    (
        "Adverse events", 4,
        (("Onset", 8), ("What", 32), ("Severity", 10), ("Action taken", 30), ("Resolved", 8),
         ("By", 12)),
    ),
    (
        "Other medicines", 4,
        (("Time", 8), ("Medicine", 32), ("Dose and unit", 16), ("Route", 12), ("Indication", 20),
         ("By", 12)),
    ),
    ("Rounds missed", 3, (("Due", 10), ("Round", 20), ("Reason", 58), ("By", 12))),
    ("Notes", 8, (("Time", 8), ("Text", 80), ("By", 12))),
)  # fmt: skip


class Version(NamedTuple):
    """A protocol version with the policy that it stands on, and the forms that it asks for."""

    ref: VersionRef
    protocol: ProtocolDocument
    policy: PolicyDocument
    forms: tuple[FormDocument, ...] = ()


def downtime_sheet(clinic: ClinicRef, version: Version, hours: int, printed: Printed) -> Listing:
    """A blank sheet of one session; rounds without an end are laid out for so many hours."""
    ref, protocol = version.ref, version.protocol
    approved = text(NOT_APPROVED) if ref.approved_by is None else typed(person(ref.approved_by))
    facts = (
        Labelled("Protocol", joined(
            typed(ref.name), text(f"version {ref.number}"), (Run("approved by "), *approved),
            text(f"digest {short_digest(ref.digest)}", Ink.SOFT),
        )),
        Labelled("Laid out", text(f"for {hours} hours; times are written as HH:MM")),
    )  # fmt: skip
    sections = (
        _patient(), *_stop_notes(protocol), *_limits(version), *map(_form, version.forms),
        *_phases(version, hours), _dosing(protocol), *_beside(), _hands(),
    )  # fmt: skip
    told = Told(TITLE, facts, sections, f"{ref.digest} {hours}", wide=True)
    return listing(clinic, told, printed)._replace(banner=_WHO)


def _blank(*cells: Cell) -> Row:
    return Row(cells, RowKind.BLANK)


def _ruled(columns: Sequence[Column], rows: int) -> Table:
    """A table to write in."""
    return Table(tuple(columns), tuple(_blank(*[()] * len(columns)) for _ in range(rows)))


def _patient() -> Section:
    names = ("Family name", "Given name", "Born", "First identifier", "Second identifier")
    more = (
        "Weight in kg, measured or stated, at", "Allergies, or none known",
        "Two identifiers checked by", "Session prepared at", "Written on paper because",
    )  # fmt: skip
    tables = tuple(
        _ruled([Column(name, 100 // len(row)) for name in row], 1) for row in (names, more)
    )
    return Section("Patient and session", (), tables)


def _stop_notes(protocol: ProtocolDocument) -> Iterator[Section]:
    if protocol.stop_notes:
        said = tuple(
            (Run(f"{note.label}  ", Ink.STRONG), *typed(note.text)) for note in protocol.stop_notes
        )
        yield Section("Stop notes of the protocol", paragraphs=said)


def _limits(version: Version) -> Iterator[Section]:
    rows = [
        Row((typed(source), text(_limit_on(one)), _bound(one), text(one.severity.value)))
        for source, document in (
            (f"{version.ref.name} version {version.ref.number}", version.protocol),
            (version.policy.name, version.policy),
        )
        for one in document.limits
    ]  # fmt: skip
    columns = (Column("Source", 30), Column("On", 25), Column("Bound", 30), Column("Severity", 15))
    if rows:
        yield Section("Limits that the clinic wrote", (), (Table(columns, tuple(rows)),))


def _limit_on(limit: Limit) -> str:
    on = limit.measure if limit.on is LimitOn.MEASURE and limit.measure else limit.on.value
    return words(on) + (f", {limit.drug_line}" if limit.drug_line else "")


def _bound(limit: Limit) -> Cell:
    low = None if limit.low is None else f"low {with_unit(dose(limit.low), limit.unit)}"
    high = None if limit.high is None else f"high {with_unit(dose(limit.high), limit.unit)}"
    return text(", ".join(part for part in (low, high) if part))


def _form(form: FormDocument) -> Section:
    """Every item with what may be answered; one that is shown only when, says when."""
    rows = [
        _blank(typed(item.label), joined(_answers(item), _when(form, item)), (), (), ())
        for item in form.items
    ]  # fmt: skip
    columns = (
        Column("Item", 34), Column("Answers", 30), Column("Answer", 20), Column("Time", 8),
        Column("By", 8),
    )  # fmt: skip
    return Section(form.title, (), (Table(columns, tuple(rows)),))


def _answers(item: Item) -> Cell:
    if item.options:
        several = " (several)" if item.kind is ItemKind.SEVERAL_OF else ""
        return (*typed("; ".join(option.label for option in item.options)), Run(several))
    scale = item.scale
    said = {
        ItemKind.YES_NO: "yes, no", ItemKind.DATE: "date", ItemKind.BODY_SITE: "body site",
        ItemKind.NUMBER: unit(item.unit or "1") or "number",
        ItemKind.SCALE: "" if scale is None else f"{measured(scale.low)} to {measured(scale.high)}",
    }.get(item.kind, "")  # fmt: skip
    return text(said, Ink.SOFT) if said else ()


def _when(form: FormDocument, item: Item) -> Cell:
    """On which answers to which other item it is asked, in that item's own words."""
    when = item.shown_when
    other = None if when is None else form.item(when.item)
    if when is None or other is None:
        return ()
    labels = {option.code: option.label for option in other.options}
    answered = " or ".join(labels.get(code, code) for code in when.answered)
    return (Run("if ", Ink.SOFT), *typed(other.label), Run(" is ", Ink.SOFT), *typed(answered))


def _phases(version: Version, hours: int) -> Iterator[Section]:
    measures = {
        **BUILT_IN,
        **{one.code: one for one in (*version.policy.measures, *version.protocol.measures)},
    }
    for phase in version.protocol.phases:
        tables = tuple(
            table
            for one in phase.rounds
            for table in _round_tables(phase, one, measures, hours * 60)
        )
        entered = _ruled([Column(f"{phase.label}: entered at", 30), Column("By", 20)], 1)
        yield Section(f"Phase: {phase.label}", (), (entered, *tables))


def _round_tables(
    phase: Phase, one: Round, measures: dict[str, Measure], horizon_min: int
) -> Iterator[Table]:
    """One round's times down, its measures across; many measures take several tables."""
    for start in range(0, len(one.measures), MEASURES_A_TABLE):
        codes = one.measures[start : start + MEASURES_A_TABLE]
        share = 72 // len(codes)
        columns = (
            Column("Due", 12), Column("Time", 8),
            *(_measure_column(measures.get(code), code, share) for code in codes),
            Column("By", 8),
        )  # fmt: skip
        blanks: list[Cell] = [()] * (len(codes) + 2)
        rows = [_blank(text(due), *blanks) for due in _due(one, horizon_min)]
        rows += [_blank((), *blanks) for _ in range(UNPLANNED_ROWS)]
        about = f"{phase.label}: {one.label}, {_ANCHORED[one.anchor]}"
        yield Table(columns, tuple(rows), text(about, Ink.STRONG))


def _measure_column(measure: Measure | None, code: str, share: int) -> Column:
    if measure is None:
        return Column(words(code), share)
    return Column(measure.label, share, unit(measure.units[0]))


def _due(one: Round, horizon_min: int) -> Iterable[str]:
    times = [f"+{_hours(minutes)}" for minutes in offsets_min(one) if minutes <= horizon_min]
    if one.anchor in _ONCE:
        return times
    return [f"{number}. {at}" for number in range(1, ANCHORS_LAID_OUT + 1) for at in times]


def _hours(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _dosing(protocol: ProtocolDocument) -> Section:
    lines = tuple(
        (
            Run(line.code, Ink.STRONG), Run("  "), *typed(line.drug),
            Run(f" {concentration(line.concentration)}"), *_diluted(line.diluent),
            Run(f", {line.route}"),
        )
        for line in protocol.drug_lines
    )  # fmt: skip
    kinds = ", ".join(words(one.value) for one in DosingKind)
    columns = (
        Column("Time", 8), Column("Drug line", 14), Column("Event", 16), Column("Rate", 14),
        Column("Unit", 8), Column("Dose of a bolus", 14), Column("Unit", 8), Column("By", 8),
        Column("Second person", 10),
    )  # fmt: skip
    return Section("Dosing events", (f"Events: {kinds}.",), (_ruled(columns, 12),), lines)


def _diluted(diluent: str | None) -> Cell:
    return (Run(" in "), *typed(diluent)) if diluent else ()


def _beside() -> Iterator[Section]:
    for title, rows, columns in _BESIDE:
        yield Section(title, (), (_ruled([Column(*one) for one in columns], rows),))


def _hands() -> Section:
    names = ("Initials", "Name and credential", "Signature", "Date and time")
    said = _ruled([Column(name, 25) for name in names], 4)
    after = ("Session ended at", "Transcribed by", "Transcribed at", "Verified by")
    return Section("Who wrote", (), (said, _ruled([Column(name, 25) for name in after], 1)))
