"""The patient's requests to amend the record, with the answers and statements, as printed (R49)."""

from protocol.rules.requests import AmendmentRequest, RequestState
from reports.formats import NOT_RECORDED, counted, person, sentence_case
from reports.sheet import Cell, Ink, Labelled, Run, Section, joined, text, typed
from reports.view import View


def requests_in_brief(view: View) -> tuple[Labelled, ...]:
    """One line for the first page, where there is a request."""
    found = view.record.amendment_requests
    if not found:
        return ()
    states = [one.state_at(view.printed_at) for one in found]
    said = [f"{states.count(one):,} {one}" for one in RequestState if one in states]
    statements = sum(len(one.statements) for one in found)
    if statements:
        said.append(counted(statements, "statement"))
    return (Labelled("Requests", text(f"to amend the record: {', '.join(said)}; at the end")),)


def requests_to_amend(view: View) -> Section | None:
    """Every request with what came of it; nothing that was charted changes by one."""
    found = view.record.amendment_requests
    if not found:
        return None
    paragraphs = [each for one in found for each in _told(view, one)]
    about = "Kept with the record as the patient and the clinic wrote them; no signature covers it."
    return Section("Requests to amend the record", (about,), (), tuple(paragraphs))


def _told(view: View, one: AmendmentRequest) -> list[Cell]:
    clock, state = view.clock, one.state_at(view.printed_at)
    due = "" if one.answer_due_at is None else f"answer due {clock.day(one.answer_due_at)}"
    head = joined(
        text(f"Received {clock.moment(one.received_at)}", Ink.STRONG),
        text(sentence_case(state), Ink.STRONG), text(due), typed(person(one.recorded_by)),
    )  # fmt: skip
    lines: list[Cell] = [(*head, Run("", Ink.LINE), *typed(one.what))]
    if one.why:
        lines.append((Run("Reason given  ", Ink.SOFT), *typed(one.why)))
    if one.answer is not None:
        answer = one.answer
        lines.append(
            joined(
                text(f"{sentence_case(state)} {clock.moment(answer.answered_at)}", Ink.STRONG),
                typed(person(answer.answered_by)), typed(answer.reason, NOT_RECORDED),
            )
        )  # fmt: skip
    for statement in one.statements:
        said = f"Statement of {statement.kind} {clock.moment(statement.recorded_at)}"
        lines.append((*text(said, Ink.STRONG), Run("", Ink.LINE), *typed(statement.text)))
    return lines
