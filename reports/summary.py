"""The printed summary of a session: every string that reaches paper, and no markup (R151).

The first page answers a physician in ten seconds (look.md): who, pain before and after, given of
planned, extremes with their times, what crossed a limit and why, what is missing, who signed.
"""

from collections import Counter
from datetime import datetime

from protocol.rules.charting import AdverseEvent, AdverseSeverity, Source
from protocol.rules.patients import AllergyState, Patient
from protocol.rules.record import SessionRecord, VersionRef
from protocol.rules.signature import Signature
from reports import formats
from reports.banner import patient_facts
from reports.chart import chart
from reports.chart_shapes import Chart
from reports.formats import NO_BREAK, NOT_RECORDED, counted, duration, person, short_digest, words
from reports.identity import code_text, version_said
from reports.letterhead import letterhead_of
from reports.margins import chart_size, note_lines
from reports.sheet import (
    Banner,
    Cell,
    Figure,
    Ink,
    Labelled,
    Run,
    Section,
    Summary,
    joined,
    text,
    typed,
)
from reports.summary_course import addenda, adverse_events, course, notes
from reports.summary_custody import custody_in_brief, drug_custody
from reports.summary_doses import adjuncts, dosing, plan, planned, weights_used
from reports.summary_exceptions import (
    blocking,
    corrections,
    lacking_rounds,
    limits_crossed,
    missed_rounds,
    open_breaches,
)
from reports.summary_extremes import extreme_figures
from reports.summary_forms import forms, forms_in_brief
from reports.summary_given import given_figures
from reports.summary_readings import pain_figures, readings, span
from reports.summary_requests import requests_in_brief, requests_to_amend
from reports.summary_signatures import (
    document_status,
    retraction_mark,
    signature_places,
    signed_by,
    signing_facts,
    superseded,
)
from reports.summary_treatment import treatment
from reports.view import View, began_at, view_of

TITLE = "Infusion session summary"
DEMONSTRATION = "DEMONSTRATION · NOT A REAL PATIENT"
DISCLAIMER = (
    "Chairside keeps a record of what was charted. It is not a patient monitor and not for active"
    " monitoring."
)
# What stands beside the name on every page; a longer list is on page one and counted here.
ALLERGIES_CHARACTERS_MAX = 160


def summary(
    record: SessionRecord, *, printed_at: datetime, printed_by: str,
    superseded_by: Signature | None = None,
) -> Summary:  # fmt: skip
    """Everything that the sheet says of a record at the moment of printing.

    `superseded_by` is the signature that made the next version, where an earlier one is printed.
    """
    view = view_of(record, printed_at)
    status, detail = superseded(view, superseded_by) or document_status(view)
    mark = retraction_mark(view)
    sections, nothing = _sections(view)
    sheet = Summary(
        page_size=record.policy.page_size, title=TITLE,
        status=f"{status} · {mark}" if mark else status, status_detail=detail,
        demonstration=DEMONSTRATION if record.clinic.demonstration else "",
        banner=_banner(view), facts=_facts(view), figures=_figures(view),
        chart=None, sections=sections,
        nothing=nothing, signing=signing_facts(view), signatures=signature_places(view),
        foot=(_printed(view, printed_by), _document(view, status), DISCLAIMER),
        identifier=view.digest, printed_at=printed_at.isoformat(timespec="seconds"),
        code=code_text(record, view.digest),
        letterhead=letterhead_of(record.policy),
    )  # fmt: skip
    return sheet._replace(chart=_chart(view, sheet))


def _chart(view: View, sheet: Summary) -> Chart | None:
    """The chart as high as page one has room for, beside notes of one line or of more."""
    drawn = chart(view, chart_size(sheet))
    lines = 0 if drawn is None else note_lines(drawn.notes)
    return drawn if lines <= 1 else chart(view, chart_size(sheet, lines))


def _printed(view: View, printed_by: str) -> str:
    return (
        f"{view.record.clinic.name} · record {short_digest(view.digest)}"
        f" · printed {view.clock.moment(view.printed_at)} by {printed_by}"
    )


def _document(view: View, status: str) -> str:
    """Which document this is, on every page: id, version, status, digest (R151)."""
    version = version_said(view.record, status)
    return f"Document {view.record.id}, {version} · {status} · record SHA-256 {view.digest}"


def _banner(view: View) -> Banner:
    patient = view.record.patient
    return Banner(
        name=patient.name,
        facts=patient_facts(patient, view.clock),
        allergies=allergies_said(patient) if _short(view) else (
            f"{counted(len(patient.allergies), 'known allergy', 'known allergies')},"
            " listed on page 1"
        ),
        allergies_known=patient.allergy_state is AllergyState.KNOWN,
    )  # fmt: skip


def allergies_said(patient: Patient) -> str:
    """The allergies, or which of the states without any it is (R140)."""
    if patient.allergy_state is AllergyState.KNOWN:
        return "; ".join(patient.allergies)
    return formats.sentence_case(words(patient.allergy_state))


def _short(view: View) -> bool:
    return len(allergies_said(view.record.patient)) <= ALLERGIES_CHARACTERS_MAX


def _facts(view: View) -> tuple[Labelled, ...]:
    record = view.record
    weights = weights_used(view)
    signers = (Labelled("Signed", signed_by(view)),) if record.signed else ()
    found = [
        Labelled("Clinic", typed(record.clinic.name)),
        Labelled("Session", joined(text(view.clock.day(record.history[0].at)), _series(view))),
        *treatment(view),
        Labelled("Protocol", _version(record.protocol_version)),
        Labelled("Policy", _version(record.policy_version)),
        Labelled("Status", _status(view)),
        *signers,
        Labelled("Weight used", text("; ".join(weights) or NOT_RECORDED)),
        Labelled("Times", text(_zone(view))),
        *forms_in_brief(view),
        *requests_in_brief(view),
        *custody_in_brief(view),
    ]
    if not _short(view):
        found.insert(0, Labelled("Allergies", typed(allergies_said(view.record.patient))))
    transcribed = _transcribed(view)
    return (*found, Labelled("Transcribed", text(transcribed))) if transcribed else tuple(found)


def _series(view: View) -> Cell:
    return (Run("series "), *typed(view.record.series)) if view.record.series else ()


def _version(version: VersionRef) -> Cell:
    approved = version.approved_by
    by = typed(person(approved)) if approved else text(NOT_RECORDED.lower())
    return joined(
        typed(version.name), text(f"version {version.number}"), (Run("approved by "), *by)
    )  # fmt: skip


def _zone(view: View) -> str:
    local = view.clock.local(view.record.history[-1].at)
    return (
        f"24-hour, {view.clock.said} ({formats.offset(local)}); a time without a date is of"
        f" {formats.day(view.clock.today)}"
    )


def _transcribed(view: View) -> str:
    """How many entries were copied from another source, and what that did to their times."""
    sources = Counter(one.source for one in view.record.entries)
    copied = sources[Source.TRANSCRIBED] + sources[Source.TRANSCRIBED_SHIFTED]
    if not copied:
        return ""
    shifted = sources[Source.TRANSCRIBED_SHIFTED]
    said = f"{copied:,} of {counted(len(view.record.entries), 'entry', 'entries')}"
    if shifted:
        said += (
            f"; the source of {shifted:,} hides its dates: dates and times of day are shifted,"
            " intervals are true"
        )
    return said


def _figures(view: View) -> tuple[Figure, ...]:
    return (
        *pain_figures(view), *given_figures(view, planned(view)), *extreme_figures(view),
        _limits_figure(view), _rounds_figure(view), _adverse_figure(view), _amended_figure(view),
    )  # fmt: skip


def _status(view: View) -> Cell:
    """Where the session stands, since when, and how long it took."""
    record, last = view.record, view.record.history[-1]
    status = text(formats.sentence_case(words(record.status)), Ink.STRONG)
    began = began_at(record)
    if record.ended_at is None or began >= last.at:
        return joined(status, text(f"since {view.clock.time(last.at)}"))
    span = f"{view.clock.time(began)} to {view.clock.time(last.at)}"
    return joined(status, text(span), text(duration(last.at - began)))


def _limits_figure(view: View) -> Figure:
    crossed, still = len(view.record.breaches), open_breaches(view)
    detail = f"{still:,} open, {crossed - still:,} explained or corrected"
    return Figure("Limits crossed", f"{crossed:,}", text(detail), brief=True)


def _rounds_figure(view: View) -> Figure:
    missed = lacking_rounds(view)
    without = sum(one.reason is None for one in missed)
    return Figure("Rounds missed", f"{len(missed):,}", text(f"{without:,} without a reason"), True)


def _adverse_figure(view: View) -> Figure:
    events = [one.latest.content for one in view.of(AdverseEvent) if one.retraction is None]
    by = Counter(one.severity for one in events if isinstance(one, AdverseEvent))
    detail = " · ".join(f"{by[one]:,} {one}" for one in AdverseSeverity if by[one])
    return Figure("Adverse events", f"{len(events):,}", text(detail or "none recorded"), True)


def _amended_figure(view: View) -> Figure:
    late = sum(view.record.is_late(one) for one in view.record.entries)
    retracted = sum(one.retraction is not None for one in view.threads)
    corrected = sum(len(one.versions) - 1 for one in view.threads)
    late_said = f"{late:,} recorded late".replace(" ", NO_BREAK)
    detail = f"{corrected:,} corrected · {retracted:,} retracted · {late_said}"
    return Figure("Entries amended", f"{corrected + retracted:,}", text(detail), brief=True)


# Their absence goes without saying: no readings are named, and what is unsigned has no addenda.
_UNSAID = ("measures", "blocking", "addenda", "drug custody", "requests to amend")


def _sections(view: View) -> tuple[tuple[Section, ...], str]:
    """The parts that have something to say, and one sentence that names those that have not."""
    extremes = span(view)
    parts: dict[str, Section | None] = {
        "limits crossed": limits_crossed(view),
        "missed rounds": missed_rounds(view),
        "blocking": blocking(view),
        "adverse events": adverse_events(view),
        "measures": Section("Measures", (), (extremes,)) if extremes else None,
        "plan": plan(view),
        "dosing events": dosing(view),
        "readings": readings(view),
        "other medicines": adjuncts(view),
        "notes": notes(view),
        **{f"form {number}": one for number, one in enumerate(forms(view), 1)},
        "course": course(view),
        "corrections": corrections(view),
        "addenda": addenda(view),
        "drug custody": drug_custody(view),
        "requests to amend": requests_to_amend(view),
    }
    lacking = [name for name, part in parts.items() if part is None and name not in _UNSAID]
    nothing = f"Nothing recorded of: {', '.join(lacking)}." if lacking else ""
    return tuple(part for part in parts.values() if part is not None), nothing
