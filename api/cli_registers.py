"""`chairside custody log|inventory|balance|due|discrepancies|scan`, `custody count …` and
`custody loss …`: the registers of controlled drugs, apart from any chart."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api import cli_counts
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
    say_json,
    write_out,
)

if TYPE_CHECKING:
    from api.schemas_registers import LogWindowIn

Location = Annotated[UUID, typer.Option("--location", help="The location.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Write CSV.")]
AsPdf = Annotated[bool, typer.Option("--pdf", help="Write PDF.")]
Out = Annotated[Path | None, typer.Option("-o", "--out", help="File to write.")]
app = program(
    help="Controlled drugs: the log and inventory of each location apart from the chart, counts,"
    " due dates, losses, scans."
)


def add_to(group: typer.Typer) -> None:
    """Put these commands into a group."""
    for name, command in (
        ("log", log), ("inventory", inventory), ("balance", balance), ("due", due),
        ("discrepancies", discrepancies), ("scan", scan),
    ):  # fmt: skip
        group.command(name)(command)
    group.add_typer(cli_counts.counts, name="count")
    group.add_typer(cli_counts.losses, name="loss")


def _one_format(*wanted: bool) -> None:
    if sum(wanted) > 1:
        raise Stop("One of --json, --csv and --pdf is taken at a time.", status=BAD_USAGE)


def _window(since: str | None, until: str | None, product: UUID | None) -> "LogWindowIn":
    from api.documents import shaped
    from api.schemas_registers import LogWindowIn

    return shaped(LogWindowIn, {"since": since, "until": until, "product_id": product})


def log(  # noqa: PLR0913, PLR0917 - one option for each thing that is asked
    location: Location,
    since: Annotated[
        str | None, typer.Option("--from", help="Entered from this moment, with its zone.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Entered before this moment, with its zone.")
    ] = None,
    product: Annotated[UUID | None, typer.Option(help="Of this product alone.")] = None,
    as_csv: AsCsv = False,
    as_pdf: AsPdf = False,
    out: Out = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """The controlled-substance log of a location, apart from the chart: CSV unless --pdf or
    --json. Nothing is left out: a reversal stands beside the entry that it reverses."""
    from api.custody_files import log_csv, log_pdf
    from protocol.commands import custody_log
    from protocol.rules.actions import Action
    from reports.listing import Printed

    _one_format(as_csv, as_pdf, as_json)
    wanted = _window(since, until, product).wanted(location)
    action = Action.CUSTODY_PRINT if as_pdf else Action.CUSTODY_EXPORT
    with acting(username, secret_file) as one:
        now = moment()
        found = custody_log.log(one.clinic, one.actor, wanted, now=now, action=action)
        printed = Printed(now, one.actor.name, found.page_size)
    if as_json:
        listed((each.model_dump(mode="json") for each in found.lines), as_json=True)
    elif as_pdf:
        write_out(out, log_pdf(found, printed))
    else:
        write_out(out, b"".join(log_csv(found)))


def inventory(
    location: Location,
    count: Annotated[UUID | None, typer.Option(help="This count; absent: the newest.")] = None,
    as_csv: AsCsv = False,
    as_pdf: AsPdf = False,
    out: Out = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """The newest inventory of a location, counted against book: CSV unless --pdf or --json."""
    from api.custody_files import inventory_csv, inventory_pdf
    from api.schemas_registers import InventoryOut
    from protocol.commands import custody_log
    from protocol.rules.actions import Action
    from reports.listing import Printed

    _one_format(as_csv, as_pdf, as_json)
    action = Action.CUSTODY_PRINT if as_pdf else Action.CUSTODY_EXPORT
    with acting(username, secret_file) as one:
        now = moment()
        found = custody_log.inventory(
            one.clinic, one.actor, location, now=now, action=action, count_id=count
        )
        printed = Printed(now, one.actor.name, found.page_size)
    if as_json:
        say_json(InventoryOut.of(found).model_dump(mode="json"))
    elif as_pdf:
        write_out(out, inventory_pdf(found, printed))
    else:
        write_out(out, b"".join(inventory_csv(found)))


def balance(
    location: Location,
    as_csv: AsCsv = False,
    out: Out = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """What a location holds by the ledger: a line a product, with --csv a row a container."""
    from api.custody_files import stock_csv
    from protocol.commands import custody_log
    from protocol.rules.actions import Action
    from protocol.rules.values import plain

    _one_format(as_csv, as_json)
    action = Action.CUSTODY_EXPORT if as_csv else Action.CUSTODY_VIEW
    with acting(username, secret_file) as one:
        found = custody_log.inventory(one.clinic, one.actor, location, now=moment(), action=action)
    if as_csv:
        write_out(out, b"".join(stock_csv(found)))
        return
    listed(
        (
            {"product": str(each.product.id), "drug": each.product.drug,
             "strength": f"{each.product.strength.amount} in {each.product.strength.volume}",
             "containers": len(each.containers), "held": plain(each.book),
             "unit": each.product.unit}
            for each in found.stock.lines
        ),
        as_json=as_json,
    )  # fmt: skip


def due(username: As = "", secret_file: SecretFile = None, as_json: AsJson = False) -> None:
    """When each location's next inventory is due, by the jurisdiction profile in force."""
    from protocol.commands import custody_log

    with acting(username, secret_file) as one:
        found = custody_log.due(one.clinic, one.actor, now=moment())
    listed(
        (
            {"location": each.location, "state": each.state.value,
             "kind": each.kind and each.kind.value, "due": each.due_on, "last": each.last_on,
             "by": each.by, "id": str(each.location_id)}
            for each in found
        ),
        as_json=as_json,
    )  # fmt: skip


def discrepancies(
    open_only: Annotated[bool, typer.Option("--open", help="Those not closed alone.")] = False,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """List the discrepancies that reconciling and counting opened."""
    from protocol.commands import custody_views
    from protocol.rules.values import plain

    with acting(username, secret_file) as one:
        found = custody_views.found_discrepancies(
            one.clinic, one.actor, now=moment(), open_only=open_only
        )
    listed(
        (
            {"discrepancy": str(each.id), "state": each.state.value,
             "found_by": each.found_by.value, "drug": each.drug,
             "remainder": plain(each.remainder), "unit": each.unit, "opened": each.opened_at,
             "by": each.opened_by.name}
            for each in found
        ),
        as_json=as_json,
    )  # fmt: skip


def scan(
    text: Annotated[str, typer.Argument(help="What the scanner typed, or - for standard input.")],
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """What a GS1 symbol says: product number, lot, expiry, serial, and the clinic's product.

    The separator (FNC1) comes as GS, <GS>, {GS}, [GS], ^], | or ~; parentheses are taken too.
    """
    from api.documents import shaped
    from protocol.commands import custody_log
    from protocol.rules.gs1 import ScanIn

    said = typer.get_text_stream("stdin").readline() if text == "-" else text
    wanted = shaped(ScanIn, {"text": said})
    with acting(username, secret_file) as one:
        found = custody_log.scan(one.clinic, one.actor, wanted, now=moment())
    line: dict[str, object] = found.scanned.model_dump(mode="json")
    line |= {
        "expired": found.expired, "products": [str(one.id) for one in found.products],
        "drugs": [one.drug for one in found.products],
    }  # fmt: skip
    if as_json:
        say_json(line)
    else:
        listed([line | {"products": " ".join(str(one.id) for one in found.products),
                        "drugs": "; ".join(one.drug for one in found.products)}],
               as_json=False)  # fmt: skip


add_to(app)
