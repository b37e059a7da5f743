"""`chairside audit review|reviews|regular|purge`: what people do with the trail."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.cli_acting import (
    As,
    AsJson,
    SecretFile,
    acting,
    listed,
    moment,
    say,
    say_json,
    secret_of,
)


def add_to(app: typer.Typer) -> None:
    """Put these commands beside `audit verify`."""
    app.command("review")(review)
    app.command("reviews")(reviews)
    app.command("regular")(regular)
    app.command("purge")(purge)


def review(
    since: Annotated[str, typer.Option("--from", help="From this moment, with its zone.")],
    until: Annotated[str, typer.Option("--to", help="Before this moment, with its zone.")],
    remark: Annotated[str, typer.Option(help="What the reviewer has to say of it.")],
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Sign a review of a window of the trail: its counts, its digest, the remark."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import reviewing
    from protocol.rules.review import AuditReviewIn

    with acting(username, secret_file) as one:
        wanted = shaped(
            AuditReviewIn,
            {"id": uuid7(), "since": since, "until": until, "remark": remark,
             "secret": one.secret},
        )  # fmt: skip
        done = reviewing.review(one.clinic, one.actor, wanted, now=moment())
    if as_json:
        say_json(done.model_dump(mode="json"))
    else:
        say(f"{done.seen.entries} entries reviewed, {done.seen.by_reviewer} of them the"
            f" reviewer's own; digest {done.seen.digest}")  # fmt: skip


def reviews(username: As = "", secret_file: SecretFile = None, as_json: AsJson = False) -> None:
    """List the reviews, and the stretches that lack one with when each is due."""
    from protocol.commands import reviewing

    with acting(username, secret_file) as one:
        found = reviewing.reviews(one.clinic, one.actor, now=moment())
        lacking = reviewing.lacking_reviews(one.clinic, one.actor, now=moment())
    lines: list[dict[str, object]] = [
        {"state": "reviewed", "from": each.since, "to": each.until, "by": each.reviewer.name,
         "entries": each.seen.entries, "remark": each.remark}
        for each in found
    ]  # fmt: skip
    lines += [
        {"state": each.state.value, "from": each.since, "to": each.until, "due": each.due_at}
        for each in lacking
    ]
    listed(lines, as_json=as_json)


def regular(
    since: Annotated[str, typer.Option("--from", help="From this moment, with its zone.")],
    until: Annotated[str, typer.Option("--to", help="Before this moment, with its zone.")],
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """List sessions whose charting crosses the policy's thresholds of regularity.

    It lists and judges nobody; it shows no values, and nothing where the policy has no threshold.
    """
    from api.documents import shaped
    from api.schemas_audit import WindowIn
    from protocol.commands import surveying

    window = shaped(WindowIn, {"since": since, "until": until})
    with acting(username, secret_file) as one:
        found = surveying.regular_charting(
            one.clinic, one.actor, since=window.since, until=window.until, now=moment()
        )
    listed((each._asdict() for each in found), as_json=as_json)


def purge(  # noqa: PLR0913, PLR0917 - one option for each thing that a purge states
    record_class: Annotated[str, typer.Option("--class", help="A class of the policy's rules.")],
    until: Annotated[str, typer.Option("--to", help="Entries before this moment, with its zone.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    basis: Annotated[str, typer.Option(help="The legal basis.")],
    second: Annotated[str, typer.Option(help="User name of the second person.")],
    patient: Annotated[UUID | None, typer.Option(help="Only details about this patient.")] = None,
    second_secret_file: Annotated[
        Path | None,
        typer.Option(help="File with the second person's secret; else CHAIRSIDE_SECOND_SECRET."),
    ] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Purge the audit detail of one record class; the entries stay, each with a tombstone."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import proving, purging
    from protocol.rules.actions import Action
    from protocol.rules.retention import PurgeIn

    wanted = shaped(
        PurgeIn,
        {"id": uuid7(), "record_class": record_class, "until": until, "reason": reason,
         "legal_basis": basis, "patient_id": patient},
    )  # fmt: skip
    with acting(username, secret_file) as one:
        other = proving.second_person(
            one.clinic, one.actor, second,
            secret_of(second, second_secret_file, "CHAIRSIDE_SECOND_SECRET"),
            Action.AUDIT_PURGE, now=moment(),
        )  # fmt: skip
        done = purging.purge(one.clinic, one.actor, wanted, second=other, now=moment())
    listed(
        [{"purge": str(done.id), "purged": done.purged, "held": done.held,
          "waiting": done.waiting}], as_json=as_json,
    )  # fmt: skip
