"""One line for any entry, as the list of corrections names it."""

from protocol.rules.charting import (
    Addendum,
    Adjunct,
    AdverseEvent,
    DosingEvent,
    Entry,
    FormOverride,
    FormResponse,
    MissedRound,
    Note,
    Override,
    PhaseEntered,
    Plan,
    Reading,
    Retraction,
)
from reports import forms_said
from reports.formats import dose, measured, quantity, with_unit, words
from reports.summary_doses import event_said
from reports.view import View, limit_mark


def described(view: View, entry: Entry) -> str:
    """What an entry says, whole."""
    return "; ".join(part for part in _parts(view, entry) if part)


def _parts(view: View, entry: Entry) -> list[str | None]:  # noqa: PLR0911 - one for each content
    match entry.content:
        case Reading() as reading:
            return [_values(view, reading), reading.context]
        case DosingEvent() as event:
            return [f"{view.drug(event.drug_line)}: {event_said(entry)}", event.note]
        case AdverseEvent() as event:
            return _adverse(view, event)
        case Adjunct() as given:
            return [f"{given.medicine} {quantity(given.dose)}", given.route, given.indication]
        case Note() | Addendum() as written:
            return [written.text]
        case MissedRound() as missed:
            name = view.round(missed.phase, missed.round)
            return [f"{name} due {view.clock.time(missed.due_at)} missed", missed.reason]
        case PhaseEntered() as entered:
            return [f"Phase: {view.phase(entered.phase)}"]
        case Plan() as plan:
            return _plan(view, plan)
        case Override() as override:
            number = view.numbers.get(override.breach_id)
            of = "a limit" if number is None else limit_mark(number)
            return [f"Reason for {of}", override.reason]
        case FormResponse() as response:
            return forms_said.response_parts(view, response)
        case FormOverride() as override:
            return forms_said.override_parts(view, override)
        case Retraction() as retraction:
            return ["Retraction", retraction.reason]


def _values(view: View, reading: Reading) -> str:
    return ", ".join(
        f"{view.observation(one)} {with_unit(measured(one.value), one.unit)}"
        for one in reading.observations
    )


def _adverse(view: View, event: AdverseEvent) -> list[str | None]:
    resolved = event.resolved_at
    return [
        event.what, words(event.severity), f"onset {view.clock.time(event.onset_at)}",
        f"resolved {view.clock.time(resolved)}" if resolved else None, event.action_taken,
        f"outcome {words(event.outcome)}", event.relatedness,
    ]  # fmt: skip


def _plan(view: View, plan: Plan) -> list[str | None]:
    over = plan.duration_min
    return [
        f"Plan for {view.drug(plan.drug_line)}",
        None if plan.dose is None else quantity(plan.dose),
        None if plan.rate is None else quantity(plan.rate),
        None if over is None else f"over {with_unit(dose(over), 'min')}",
        plan.note,
    ]
