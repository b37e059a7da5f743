"""`chairside custody count …` and `chairside custody loss …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer

from api.cli_acting import (
    BAD_USAGE,
    Acting,
    As,
    AsJson,
    SecretFile,
    Stop,
    acting,
    listed,
    moment,
    program,
    say_json,
    secret_of,
)

if TYPE_CHECKING:
    from protocol.commands.loss_reporting import LossView
    from protocol.rules.actions import Actor
    from protocol.rules.counts import Count as CountKept

counts = program(help="Counts: begun blind or open, recorded against the book, or abandoned.")
losses = program(help="Thefts and losses: the facts, the clocks, and what was filed.")
Count = Annotated[UUID, typer.Argument(help="The count.")]


@counts.command("begin")
def begin(
    location: Annotated[UUID, typer.Option(help="Where.")],
    on: Annotated[str, typer.Option(help="The day, such as 2031-05-06.")],
    business: Annotated[Literal["opening", "close"], typer.Option(help="Of the business day.")],
    kind: Annotated[
        Literal["initial", "periodic", "spot"], typer.Option(help="Which inventory it is.")
    ] = "spot",
    blind: Annotated[
        bool, typer.Option("--blind/--open", help="Whether the counter sees the book.")
    ] = True,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Begin a count; while it is blind you are shown no book value of the location."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import counting
    from protocol.rules.counts import CountIn

    values = {"id": uuid7(), "location_id": location, "kind": kind, "blind": blind,
              "business": business, "counted_on": on}  # fmt: skip
    wanted = shaped(CountIn, values)
    with acting(username, secret_file) as one:
        done = counting.begin_count(one.clinic, one.actor, wanted, now=moment())
    listed([{"count": str(done.id), "blind": done.blind, "began": done.began_at}], as_json=as_json)


@counts.command("sheet")
def sheet(
    count: Count, username: As = "", secret_file: SecretFile = None, as_json: AsJson = False
) -> None:
    """List the containers to be counted; in a blind count without what the book has."""
    from protocol.commands import counting

    with acting(username, secret_file) as one:
        found = counting.to_count(one.clinic, one.actor, count, now=moment())
    listed(
        (
            {"container": str(each.container_id), "drug": each.product.drug, "lot": each.lot,
             "label": each.label, "serial": each.serial, "opened": each.opened,
             **({} if each.book is None else {"book": f"{each.book} {each.product.unit}"})}
            for each in found
        ),
        as_json=as_json,
    )  # fmt: skip


@counts.command("record")
def record(  # noqa: PLR0913, PLR0917 - one option for each thing that a count states
    count: Count,
    at: Annotated[str, typer.Option(help="When it was counted, with its zone.")],
    counted: Annotated[
        list[str],
        typer.Argument(help="CONTAINER=AMOUNT, the amount a number and a unit; ID alone is whole."),
    ],
    estimated: Annotated[
        list[UUID] | None, typer.Option(help="A container whose amount is estimated.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="In words.")] = None,
    second: Annotated[str, typer.Option(help="User name of the second counter.")] = "",
    second_secret_file: Annotated[
        Path | None,
        typer.Option(help="File with the second person's secret; else CHAIRSIDE_SECOND_SECRET."),
    ] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Record what was counted; each difference from the book opens a discrepancy."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import counting
    from protocol.rules.counts import CountRecordIn

    rough = {str(one) for one in estimated or ()}
    values = {"id": uuid7(), "observed_at": at, "note": note,
              "counted": [_counted(one, rough) for one in counted]}  # fmt: skip
    wanted = shaped(CountRecordIn, values)
    with acting(username, secret_file) as one:
        now = moment()
        done = counting.record_count(
            one.clinic, one.actor, count, wanted, now=now,
            second=_second(one, count, second, second_secret_file),
        )  # fmt: skip
    _tell(done, as_json=as_json)


def _second(one: Acting, count: UUID, username: str, secret_file: Path | None) -> "Actor | None":
    """The second counter, who proves to be there, if one is named."""
    from protocol.commands import witnessing
    from protocol.rules.actions import Action

    if not username:
        return None
    secret = secret_of(username, secret_file, "CHAIRSIDE_SECOND_SECRET")
    return witnessing.witness(
        one.clinic, one.actor, username, secret, Action.COUNT_RECORD, now=moment(), subject=count
    )


def _tell(done: "CountKept", *, as_json: bool) -> None:
    listed(
        (
            {"container": str(each.container_id), "drug": each.drug, "lot": each.lot,
             "counted": f"{each.counted} {each.unit}", "book": f"{each.book} {each.unit}",
             "difference": f"{each.difference} {each.unit}"}
            for each in done.lines
        ),
        as_json=as_json,
    )  # fmt: skip


def _counted(said: str, rough: set[str]) -> dict[str, object]:
    container, _, words = said.partition("=")
    value, _, unit = words.partition(" ")
    if words and not unit:
        raise Stop(f"{said}: an amount is a number, a space and a unit.", status=BAD_USAGE)
    return {
        "container_id": container, "method": "estimated" if container in rough else "exact",
        "amount": {"value": value, "unit": unit} if words else None,
    }  # fmt: skip


@counts.command("abandon")
def abandon(
    count: Count,
    reason: Annotated[str, typer.Option(help="Why it comes to nothing.")],
    username: As = "",
    secret_file: SecretFile = None,
) -> None:
    """Abandon a count; it stays in the list."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import counting
    from protocol.rules.counts import CountAbandonIn

    wanted = shaped(CountAbandonIn, {"id": uuid7(), "reason": reason})
    with acting(username, secret_file) as one:
        counting.abandon_count(one.clinic, one.actor, count, wanted, now=moment())


@counts.command("list")
def list_counts(
    location: Annotated[UUID | None, typer.Option(help="Of this location alone.")] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """List the counts: those under way, recorded and abandoned."""
    from protocol.commands import custody_log

    with acting(username, secret_file) as one:
        found = custody_log.found_counts(
            one.clinic, one.actor, now=moment(), location_id=location
        )  # fmt: skip
    if as_json:
        for each in found:
            say_json(each.model_dump(mode="json"))
        return
    listed(
        (
            {"count": str(each.id), "kind": each.kind.value, "on": each.counted_on,
             "business": each.business.value, "by": each.begun_by.name,
             "ended": each.ending and each.ending.value,
             "differing": sum(bool(line.difference) for line in each.lines)}
            for each in found
        ),
        as_json=False,
    )  # fmt: skip


@losses.command("report")
def report(  # noqa: PLR0913, PLR0917 - one option for each thing that a report states
    location: Annotated[UUID, typer.Option(help="From where.")],
    kind: Annotated[Literal["theft", "loss", "unexplained"], typer.Option(help="What it is.")],
    drug: Annotated[str, typer.Option(help="The drug, by its full name.")],
    discovered: Annotated[str, typer.Option(help="When it was discovered, with its zone.")],
    facts: Annotated[str, typer.Option(help="What is known.")],
    amount: Annotated[str, typer.Option(help="How much: a number, a space and a unit.")] = "",
    quantity: Annotated[str | None, typer.Option(help="Of its quantity, in words.")] = None,
    pattern: Annotated[str | None, typer.Option(help="Of a pattern, in words.")] = None,
    access: Annotated[str | None, typer.Option(help="Of who had access.")] = None,
    diversion: Annotated[str | None, typer.Option(help="How likely a diversion is.")] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Report a theft or loss; the clocks run from its discovery, by the profile in force."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import loss_reporting
    from protocol.rules.losses import LossIn

    value, _, unit = amount.partition(" ")
    values = {
        "id": uuid7(), "location_id": location, "kind": kind, "drug": drug, "facts": facts,
        "discovered_at": discovered, "amount": {"value": value, "unit": unit} if amount else None,
        "factors": {"quantity": quantity, "pattern": pattern, "access": access,
                    "diversion": diversion},
    }  # fmt: skip
    wanted = shaped(LossIn, values)
    with acting(username, secret_file) as one:
        done = loss_reporting.report_loss(one.clinic, one.actor, wanted, now=moment())
    listed(_clocks([done]), as_json=as_json)


@losses.command("filed")
def filed(
    report_id: Annotated[UUID, typer.Argument(metavar="REPORT", help="The report.")],
    filing: Annotated[
        Literal["written-notice", "electronic-report"], typer.Argument(help="What was filed.")
    ],
    at: Annotated[str, typer.Option(help="When it was handed in, with its zone.")],
    reference: Annotated[str | None, typer.Option(help="Its reference.")] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Note what the clinic has handed in; the program files nothing."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import loss_reporting
    from protocol.rules.losses import FilingIn

    values = {"id": uuid7(), "filing": filing, "filed_at": at, "reference": reference}
    wanted = shaped(FilingIn, values)
    with acting(username, secret_file) as one:
        done = loss_reporting.note_filing(one.clinic, one.actor, report_id, wanted, now=moment())
    listed(_clocks([done]), as_json=as_json)


@losses.command("list")
def list_losses(username: As = "", secret_file: SecretFile = None, as_json: AsJson = False) -> None:
    """List the reports, a line for each of their clocks."""
    from protocol.commands import loss_reporting

    with acting(username, secret_file) as one:
        found = loss_reporting.loss_reports(one.clinic, one.actor, now=moment())
    if as_json:
        for each in found:
            states = {name.value: state.value for name, state in each.states.items()}
            say_json(each.report.model_dump(mode="json") | {"states": states})
        return
    listed(_clocks(found), as_json=False)


def _clocks(found: "list[LossView]") -> list[dict[str, object]]:
    lines: list[dict[str, object]] = []
    for one in found:
        head = {"report": str(one.report.id), "kind": one.report.kind.value,
                "drug": one.report.drug, "discovered": one.report.discovered_at}  # fmt: skip
        if not one.report.clocks:
            lines.append(head | {"filing": None, "state": None, "due": None, "source": None})
        lines += [
            head | {"filing": each.filing.value, "state": one.states[each.filing].value,
                    "due": each.due_on, "source": each.source}
            for each in one.report.clocks
        ]  # fmt: skip
    return lines
