"""The forms of a session as printed: each item with its answer, who gave it and when, the scores
with how they came about, and what is lacking with the reason why the session went on (R98, R102).

An item that is not asked is not printed. What nobody answered says so, and never reads as met.
"""

from itertools import groupby

from protocol.rules.answers import LackingKind, shown_items
from protocol.rules.form_state import (
    FormState,
    GivenAnswer,
    Response,
    answers_that_hold,
    plain_answers,
)
from protocol.rules.forms import FormPurpose, Item, ScoringMethod
from protocol.rules.record import PinnedForm
from protocol.rules.scoring import Score
from reports.formats import (
    NOT_RECORDED,
    computed,
    counted,
    dose,
    person,
    short_digest,
    with_unit,
    words,
)
from reports.forms_said import answer_said
from reports.sheet import (
    Cell,
    Column,
    Ink,
    Labelled,
    Row,
    RowKind,
    Run,
    Section,
    Table,
    joined,
    text,
    typed,
)
from reports.view import View, source_mark

_WAITING = {
    FormPurpose.INTAKE: "The beginning of the session waits for it; answers of its course count.",
    FormPurpose.PRE_SESSION: "The beginning of the session waits for it.",
    FormPurpose.DISCHARGE: "The completion of the session waits for it.",
}
_MARKS = {
    LackingKind.UNANSWERED: "LACKING",
    LackingKind.ABSENT: "LACKING",
    LackingKind.NOT_MET: "NOT MET",
}
_COLUMNS = (Column("Item", 36), Column("Answer", 34), Column("Time", 9), Column("By", 21))
_SCORE_COLUMNS = (
    Column("Score", 30), Column("Result", 22), Column("Method", 24), Column("Answered", 24),
)  # fmt: skip


def forms_in_brief(view: View) -> tuple[Labelled, ...]:
    """One line for the first page: each form, and how much of it is lacking."""
    said = [joined(typed(one.title), _brief(one), by=" ") for one in view.record.form_states]
    return (Labelled("Forms", joined(*said)),) if said else ()


def _brief(state: FormState) -> Cell:
    if not state.lacking:
        return text("nothing lacking" if state.answers else "no answers")
    explained = len(state.lacking) - len(state.open)
    said = f"{len(state.lacking):,} lacking"
    if explained:
        said += f", {explained:,} with a reason"
    return text(said, Ink.MARK if state.open else Ink.PLAIN)


def forms(view: View) -> list[Section]:
    """A section for each form that the session is pinned to."""
    return [_form(view, one) for one in view.record.forms]


def _form(view: View, pinned: PinnedForm) -> Section:
    form, state = pinned.document, view.record.form_state(pinned.document)
    tables = [_items(view, pinned, state)]
    if state.scores:
        tables.append(Table(_SCORE_COLUMNS, tuple(_score(state, one) for one in state.scores)))
    about = [_version(pinned)]
    about += [f"Answers are about {form.recall}."] if form.recall else []
    about += [f"Source: {form.source}"] if form.source else []
    about += [f"Licence: {form.licence}"] if form.licence else []
    return Section(
        form.title, tuple(about), tuple(tables), (*_overrides(view, state), *_hidden(view, pinned))
    )


def _version(pinned: PinnedForm) -> str:
    version, form = pinned.version, pinned.document
    approved = person(version.approved_by) if version.approved_by else NOT_RECORDED.lower()
    return (
        f"Form {version.name}, version {version.number}, approved by {approved}, digest"
        f" {short_digest(version.digest)}. {_WAITING.get(form.purpose, 'No step waits for it.')}"
    )


def _items(view: View, pinned: PinnedForm, state: FormState) -> Table:
    """The items that are asked, under the headings of the form."""
    responses = view.record.responses(pinned.document.name)
    marks = {one.item: _MARKS[one.why] for one in state.lacking}
    rows: list[Row] = []
    asked = shown_items(pinned.document, plain_answers(answers_that_hold(responses)))
    for section, items in groupby(asked, key=lambda item: item.section):
        if section:
            rows.append(Row((typed(section),), RowKind.HEADING))
        unanswered: list[Item] = []
        for item in items:
            given, mark = state.given(item.code), marks.get(item.code)
            if given is None and mark is None:
                unanswered.append(item)
            else:
                rows.append(_item(view, item, given, mark, responses))
        if unanswered:
            rows.append(Row((_not_recorded(unanswered),), RowKind.REMARK))
    return Table(_COLUMNS, tuple(rows))


def _not_recorded(items: list[Item]) -> Cell:
    """Items that no step waits for and that nobody answered, in one line."""
    return (Run(f"{NOT_RECORDED}: ", Ink.SOFT), *joined(*(typed(one.label) for one in items)))


def _item(
    view: View, item: Item, given: GivenAnswer | None, mark: str | None,
    responses: tuple[Response, ...],
) -> Row:  # fmt: skip
    marked = text(mark, Ink.MARK) if mark else ()
    if given is None:
        lacking = joined(text(NOT_RECORDED, Ink.SOFT), marked)
        return Row((typed(item.label), lacking, text("–"), text("–")))
    absent = given.answer.absent is not None
    said = answer_said(view, item, given.answer)
    answer = joined(text(said, Ink.SOFT) if absent else typed(said), marked)
    return Row(
        (
            typed(item.label),
            (*answer, *_before(view, item, given, responses)),
            text(view.clock.time(given.observed_at), Ink.STRONG),
            joined(
                typed(person(given.recorded_by)),
                view.late(given.observed_at, given.recorded_at),
                source_mark(given.source),
            ),
        )
    )  # fmt: skip


def _before(
    view: View, item: Item, given: GivenAnswer, responses: tuple[Response, ...]
) -> list[Run]:
    """What was answered to the same item before, and stands in the record as it was."""
    runs: list[Run] = []
    for one in responses:
        for answer in one.answers:
            if answer.item == item.code and one.id != given.response_id:
                runs += [
                    Run("", Ink.LINE), Run(f"{view.clock.time(one.observed_at)}  ", Ink.SOFT),
                    Run(answer_said(view, item, answer), Ink.TYPED),
                    Run(f", {person(one.recorded_by)}", Ink.SOFT),
                ]  # fmt: skip
    return runs


def _score(state: FormState, score: Score) -> Row:
    marks = {one.item: _MARKS[one.why] for one in state.lacking}
    mark = marks.get(score.code)
    marked = text(mark, Ink.MARK) if mark else ()
    if score.value is None:
        result = joined(text("No score", Ink.SOFT), marked)
    else:
        percent = score.method is ScoringMethod.PERCENT_OF_MAXIMUM
        said = with_unit(computed(score.value), "%" if percent else "{score}")
        result = joined(text(said, Ink.STRONG), typed(score.band), marked)
    answered = f"{score.answered:,} of {counted(score.items, 'item')}"
    if score.sum is not None and score.maximum is not None:
        answered += f", sum {dose(score.sum)} of {dose(score.maximum)}"
    needed = counted(score.answered_min, "answer")
    method = f"{words(score.method)}, computed; from {needed} up"
    return Row((typed(score.label), result, text(method), text(answered)))


def _hidden(view: View, pinned: PinnedForm) -> list[Cell]:
    """Answers to items that another answer hides since: they count for nothing, and stay."""
    form, responses = pinned.document, view.record.responses(pinned.document.name)
    asked = shown_items(form, plain_answers(answers_that_hold(responses)))
    said: list[Cell] = []
    for one in responses:
        for answer in one.answers:
            item = form.item(answer.item)
            if item is not None and item not in asked:
                head = f"Answered at {view.clock.time(one.observed_at)} and not asked now  "
                words = f"{item.label}: {answer_said(view, item, answer)}"
                by = typed(person(one.recorded_by))
                said.append((Run(head, Ink.SOFT), *joined(typed(words), by)))
    return said


def _overrides(view: View, state: FormState) -> list[Cell]:
    """Everything that is lacking, and each reason for going on without."""
    said = [joined(text("No reason given", Ink.MARK), text(one.sentence)) for one in state.open]
    labels = {one.item: one.label for one in state.lacking}
    for override in state.overrides:
        names = ", ".join(labels.get(code, code) for code in override.items)
        said.append(
            (
                Run(view.clock.time(override.observed_at), Ink.STRONG), Run("  Went on without "),
                *typed(names), Run(": "), *typed(override.reason), Run(" · "),
                *joined(
                    typed(person(override.recorded_by)),
                    view.late(override.observed_at, override.recorded_at),
                ),
            )
        )  # fmt: skip
    return said
