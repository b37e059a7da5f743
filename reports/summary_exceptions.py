"""What a physician looks for first: limits crossed, rounds missed, corrections, contradictions."""

from decimal import Decimal
from uuid import UUID

from protocol.rules.charting import Entry, MissedRound
from protocol.rules.contradictions import Contradiction, ContradictionKind, contradictions
from protocol.rules.errors import Refusal
from protocol.rules.limits import Breach, LimitOn, Severity
from protocol.rules.quantity import in_family
from protocol.rules.schedule import DueRound, RoundState
from reports.described import described
from reports.formats import (
    NOT_RECORDED,
    counted,
    dose,
    measured,
    nearest,
    person,
    sentence_case,
    with_unit,
)
from reports.numbered import LACKING, RoundKey, round_key
from reports.sheet import Cell, Column, Ink, Row, Run, Section, Table, joined, text, typed
from reports.view import Thread, View, limit_mark, reason_of


def limits_crossed(view: View) -> Section | None:
    """Every breach with value, bound, source, reasons, second person, or OPEN (R111 to R113)."""
    if not view.record.breaches:
        return None
    entries = {one.id: one for one in view.record.entries}
    rows = [_breach_row(view, one, entries.get(one.entry_id)) for one in view.record.breaches]
    columns = (Column("No.", 6), Column("Time", 10), Column("Limit", 44), Column("Reason", 40))
    return Section("Limits crossed", (), (Table(columns, tuple(rows)),))


def _breach_row(view: View, breach: Breach, entry: Entry | None) -> Row:
    time = NOT_RECORDED if entry is None else view.clock.time(entry.observed_at)
    gone = breach.entry_id in view.record.replaced
    said: Cell = text(breach_said(breach), Ink.STRUCK if gone else Ink.PLAIN)
    if breach.note:
        said = (*said, Run(" "), *typed(breach.note))
    return Row(
        (
            text(limit_mark(view.numbers[breach.id]), Ink.MARK),
            (*(() if gone else view.disc(breach.entry_id)), *text(time, Ink.STRONG)), said,
            _answers(view, breach, gone),
        )
    )  # fmt: skip


def breach_said(breach: Breach) -> str:
    """Fact and source in printed form (R3, R120): the rules' own sentence has UCUM codes."""
    number = measured if breach.on is LimitOn.MEASURE else dose
    value = breach.value if breach.on is LimitOn.MEASURE else _rounded(breach)
    bound = with_unit(number(breach.bound), breach.bound_unit)
    return (
        f"{sentence_case(breach.label)} {with_unit(number(value), breach.unit)} is"
        f" {breach.direction} the {breach.severity} limit of {bound} ({breach.source})."
    )


def _rounded(breach: Breach) -> Decimal:
    """The number at print's precision, unless rounding would put it on the bound or within."""
    shown = nearest(breach.value)
    value, bound = in_family(shown, breach.unit), in_family(breach.bound, breach.bound_unit)
    beyond = value > bound if breach.direction == "above" else value < bound
    return shown if beyond else breach.value


def _answers(view: View, breach: Breach, gone: bool) -> Cell:
    answers = [_answer(view, one) for one in view.record.overrides_of(breach)]
    if gone:
        return joined(text("That entry was corrected or retracted", Ink.SOFT), *answers)
    if view.record.is_resolved(breach):
        return joined(*answers)
    lacks = "no reason with a second person" if breach.severity is Severity.HARD else "no reason"
    return joined((Run("OPEN", Ink.MARK), Run(f" {lacks}")), *answers)


def _answer(view: View, entry: Entry) -> Cell:
    second = entry.second_person
    return joined(
        typed(reason_of(entry), NOT_RECORDED), typed(person(entry.recorded_by)),
        () if second is None else (Run("second person "), *typed(person(second))),
        text(view.clock.time(entry.recorded_at)),
    )  # fmt: skip


def open_breaches(view: View) -> int:
    """How many limits crossed have no sufficient answer."""
    return sum(not view.record.is_resolved(one) for one in view.record.breaches)


def missed_rounds(view: View) -> Section | None:
    """Every round that lacks measures, with its reason or that none was given (R63)."""
    reasons: dict[RoundKey, list[Entry]] = {}
    for entry in view.record.of(MissedRound):
        assert isinstance(entry.content, MissedRound)
        key = (entry.content.due_at, entry.content.phase, entry.content.round)
        reasons.setdefault(key, []).append(entry)
    due = {round_key(one): one for one in lacking_rounds(view)}
    rows = [
        _round_row(view, key, due.get(key), reasons.get(key, []))
        for key in sorted({*due, *reasons})
    ]
    columns = (
        Column("Due", 10), Column("Phase", 16), Column("Round", 18), Column("Not recorded", 26),
        Column("Reason", 30),
    )  # fmt: skip
    return Section("Missed rounds", (), (Table(columns, tuple(rows)),)) if rows else None


def lacking_rounds(view: View) -> list[DueRound]:
    """The rounds that were missed, with or without a reason, or are overdue at printing."""
    return [one for one in view.due if one.state in LACKING]


def _round_row(view: View, key: RoundKey, due: DueRound | None, given: list[Entry]) -> Row:
    """A round; a reason whose round lacks nothing, or is not due, is printed all the same."""
    due_at, phase, code = key
    why = joined(*(_answer_to_round(view, one) for one in given))
    if due is None:
        lacking = text("No measure of this round is lacking", Ink.SOFT)
    else:
        lacking = text(", ".join(view.measure(one) for one in due.lacking))
        overdue = due.state is RoundState.OVERDUE
        why = why or text("OVERDUE at printing" if overdue else "No reason given", Ink.MARK)
    time = (*view.disc(key), *text(view.clock.time(due_at), Ink.STRONG))
    return Row((time, typed(view.phase(phase)), typed(view.round(phase, code)), lacking, why))


def _answer_to_round(view: View, entry: Entry) -> Cell:
    assert isinstance(entry.content, MissedRound)
    thread = Thread((entry,), None)
    return joined(typed(entry.content.reason), view.by(thread))


def corrections(view: View) -> Section | None:
    """Every replaced version beside what replaced it, with reason, author and time (R55 to R57)."""
    rows = []
    for thread in view.threads:
        following = [*thread.versions[1:], *([thread.retraction] if thread.retraction else [])]
        for before, after in zip(thread.versions, following, strict=False):
            rows.append((after.number, _correction_row(view, before, after, thread)))
    columns = (
        Column("Time", 10), Column("Charted first", 33), Column("What stands", 33),
        Column("Reason", 24),
    )  # fmt: skip
    table = Table(columns, tuple(row for _, row in sorted(rows, key=lambda one: one[0])))
    return Section("Corrections and retractions", (), (table,)) if rows else None


def _correction_row(view: View, before: Entry, after: Entry, thread: Thread) -> Row:
    first = joined(
        text(described(view, before), Ink.STRUCK),
        typed(person(before.recorded_by)),
        text(f"recorded {view.clock.time(before.recorded_at)}"),
    )
    moved = before.observed_at != after.observed_at and after is not thread.retraction
    stands = joined(
        text(f"observed {view.clock.time(after.observed_at)}") if moved else (),
        text("RETRACTED", Ink.MARK) if after is thread.retraction else text(described(view, after)),
    )
    reason = joined(
        typed(reason_of(after), NOT_RECORDED),
        typed(person(after.recorded_by)),
        text(view.clock.time(after.recorded_at)),
    )
    ink = Ink.STRUCK if moved else Ink.STRONG
    return Row((text(view.clock.time(before.observed_at), ink), first, stands, reason))


def blocking(view: View) -> Section | None:
    """What contradicts itself and blocks a signature, for an unsigned record."""
    if view.record.signed:
        return None
    try:
        found = contradictions(view.record, view.printed_at)
    except Refusal as refusal:
        return Section("What blocks a signature", (), (), (text(refusal.sentence),))
    rounds = [one for one in found if one.kind is ContradictionKind.ROUND_UNEXPLAINED]
    said = [_said(view, one) for one in found if one not in rounds]
    if rounds:
        said.append(f"{counted(len(rounds), 'missed round')} without a reason.")
    if not said:
        return None
    return Section("What blocks a signature", (), (), tuple(text(one) for one in said))


def _said(view: View, one: Contradiction) -> str:
    """The rule's sentence with times and numbers as this sheet prints them."""
    if one.kind is ContradictionKind.BREACH_OPEN:
        number = view.numbers[UUID(one.about)]
        return f"Limit {limit_mark(number)} is open."
    if one.kind is ContradictionKind.DOSING_OUT_OF_ORDER:
        entry = next(each for each in view.record.entries if str(each.id) == one.about)
        return f"{view.clock.time(entry.observed_at)} {described(view, entry)}: out of order."
    return one.sentence
