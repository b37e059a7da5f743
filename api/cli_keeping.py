"""`chairside hold`, `disclosure` and `amendment`: what is kept beside the chart."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.cli_acting import (
    BAD_USAGE,
    As,
    AsJson,
    SecretFile,
    Stop,
    acting,
    listed,
    moment,
    program,
    write_out,
)

holds = program(help="Holds: while one stands, nothing that it covers is purged.")
disclosures = program(help="Disclosures: recorded as they are made, accounted for to the patient.")
amendments = program(help="Patients' requests to amend the record: logged, answered, disagreed.")
Patient = Annotated[UUID, typer.Option("--patient", help="The patient.")]
Session = Annotated[UUID | None, typer.Option("--session", help="About this session alone.")]


@holds.command("place")
def place(
    matter: Annotated[str, typer.Option(help="What it is for.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    patient: Annotated[
        UUID | None, typer.Option(help="On this patient; absent: on the whole clinic.")
    ] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Place a hold on a patient or on the whole clinic."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import holding
    from protocol.rules.holds import HoldIn

    values = {"id": uuid7(), "patient_id": patient, "matter": matter, "reason": reason}
    with acting(username, secret_file) as one:
        done = holding.place_hold(one.clinic, one.actor, shaped(HoldIn, values), now=moment())
    listed([done.model_dump(mode="json", exclude={"placed_by"})], as_json=as_json)


@holds.command("lift")
def lift(
    hold: Annotated[UUID, typer.Argument(help="The hold.")],
    reason: Annotated[str, typer.Option(help="Why it no longer stands.")],
    username: As = "",
    secret_file: SecretFile = None,
) -> None:
    """Lift a hold; it stays in the list."""
    from api.documents import shaped
    from protocol.commands import holding
    from protocol.rules.holds import LiftIn

    wanted = shaped(LiftIn, {"reason": reason})
    with acting(username, secret_file) as one:
        holding.lift_hold(one.clinic, one.actor, hold, wanted, now=moment())


@holds.command("list")
def list_holds(username: As = "", secret_file: SecretFile = None, as_json: AsJson = False) -> None:
    """List every hold: those that stand and those that were lifted."""
    from protocol.commands import holding

    with acting(username, secret_file) as one:
        found = holding.holds(one.clinic, one.actor, now=moment())
    listed(
        (
            {"hold": str(each.id), "stands": each.stands, "placed": each.placed_at,
             "patient": str(each.patient_id or ""), "matter": each.matter,
             "by": each.placed_by.name, "lifted": each.lifted and each.lifted.at}
            for each in found
        ),
        as_json=as_json,
    )  # fmt: skip


@disclosures.command("record")
def record(  # noqa: PLR0913, PLR0917 - one option for each thing that an accounting states
    patient: Patient,
    to: Annotated[str, typer.Option(help="To whom.")],
    what: Annotated[str, typer.Option(help="What, in brief.")],
    purpose: Annotated[str, typer.Option(help="Why.")],
    at: Annotated[str, typer.Option(help="When, with its zone.")],
    address: Annotated[str | None, typer.Option(help="The recipient's address.")] = None,
    session: Session = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Record a disclosure that was made."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import disclosing
    from protocol.rules.disclosures import DisclosureIn

    values = {
        "id": uuid7(), "session_id": session, "disclosed_at": at, "recipient": to,
        "recipient_address": address, "what": what, "purpose": purpose,
    }  # fmt: skip
    wanted = shaped(DisclosureIn, values)
    with acting(username, secret_file) as one:
        disclosing.record_disclosure(one.clinic, one.actor, patient, wanted, now=moment())
    listed([wanted.model_dump(mode="json")], as_json=as_json)


@disclosures.command("report")
def account(
    patient: Patient,
    since: Annotated[str | None, typer.Option("--from", help="From this moment.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Before this moment.")] = None,
    format_: Annotated[str, typer.Option("--format", help="csv or pdf.")] = "csv",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="File to write.")] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Account for a patient's disclosures, by default as far back as the policy says."""
    from api.documents import shaped
    from api.report_files import accounting_pdf, csv_rows
    from api.schemas_keeping import DISCLOSURE_FIELDS, AccountingIn, disclosure_values
    from protocol.commands import disclosing
    from protocol.rules.actions import Action
    from reports.listing import Printed

    if format_ not in ("csv", "pdf"):
        raise Stop("--format is one of csv, pdf.", status=BAD_USAGE)
    window = shaped(AccountingIn, {"since": since, "until": until})
    with acting(username, secret_file) as one:
        now = moment()
        found = disclosing.disclosures(
            one.clinic, one.actor, patient, now=now, since=window.since, until=window.until,
            action=Action.DISCLOSURE_ACCOUNT,
        )  # fmt: skip
        printed = Printed(now, one.actor.name, found.page_size)
    if as_json:
        listed((each.model_dump(mode="json") for each in found.disclosures), as_json=True)
    elif format_ == "pdf":
        write_out(out, accounting_pdf(found, printed))
    else:
        rows = [DISCLOSURE_FIELDS, *map(disclosure_values, found.disclosures)]
        write_out(out, b"".join(csv_rows(rows)))


@amendments.command("log")
def log(
    patient: Patient,
    what: Annotated[str, typer.Option(help="What the patient asks, in the own words.")],
    received: Annotated[str, typer.Option(help="When it was received, with its zone.")],
    why: Annotated[str | None, typer.Option(help="The patient's reason.")] = None,
    session: Session = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Log a patient's request to amend the record; the policy's clock runs from its receipt."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import requesting
    from protocol.rules.requests import AmendmentRequestIn

    values = {
        "id": uuid7(), "session_id": session, "received_at": received, "what": what, "why": why
    }  # fmt: skip
    wanted = shaped(AmendmentRequestIn, values)
    with acting(username, secret_file) as one:
        done = requesting.log_request(one.clinic, one.actor, patient, wanted, now=moment())
    listed([{"request": str(done.id), "answer_due": done.answer_due_at}], as_json=as_json)


@amendments.command("answer")
def answer(
    request: Annotated[UUID, typer.Argument(help="The request.")],
    accepted: Annotated[bool, typer.Option("--accept/--deny", help="The answer.")],
    reason: Annotated[str | None, typer.Option(help="In words; a denial has them.")] = None,
    entry: Annotated[
        UUID | None, typer.Option(help="The correction or addendum that came of it.")
    ] = None,
    username: As = "",
    secret_file: SecretFile = None,
) -> None:
    """Accept a request, or deny it with a written reason; what was charted stays as it is."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import requesting
    from protocol.rules.requests import AmendmentAnswerIn

    values = {"id": uuid7(), "accepted": accepted, "reason": reason, "entry_id": entry}
    wanted = shaped(AmendmentAnswerIn, values)
    with acting(username, secret_file) as one:
        requesting.answer_request(one.clinic, one.actor, request, wanted, now=moment())


@amendments.command("state")
def state(
    request: Annotated[UUID, typer.Argument(help="The denied request.")],
    text: Annotated[str, typer.Option(help="The statement, in full.")],
    rebuttal: Annotated[
        bool, typer.Option("--rebuttal", help="The clinic's, of the patient's statement.")
    ] = False,
    username: As = "",
    secret_file: SecretFile = None,
) -> None:
    """Keep a statement of disagreement, or the clinic's rebuttal, with the record."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import requesting
    from protocol.rules.requests import StatementIn, StatementKind

    kind = StatementKind.REBUTTAL if rebuttal else StatementKind.DISAGREEMENT
    wanted = shaped(StatementIn, {"id": uuid7(), "kind": kind, "text": text})
    with acting(username, secret_file) as one:
        requesting.state(one.clinic, one.actor, request, wanted, now=moment())


@amendments.command("list")
def list_requests(
    patient: Annotated[UUID | None, typer.Option(help="Only this patient's.")] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """List the requests with where each stands and when its answer is due."""
    from protocol.commands import requesting

    with acting(username, secret_file) as one:
        now = moment()
        found = requesting.requests(one.clinic, one.actor, now=now, patient_id=patient)
    listed(
        (
            {"request": str(each.id), "state": each.state_at(now).value,
             "received": each.received_at, "answer_due": each.answer_due_at,
             "patient": str(each.patient_id), "what": each.what}
            for each in found
        ),
        as_json=as_json,
    )  # fmt: skip
