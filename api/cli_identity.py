"""`chairside user`, the rest of it: secrets, second factors, credentials, sign-ins, tokens."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli_acting import (
    Acting,
    As,
    AsJson,
    SecretFile,
    Stop,
    acting,
    code_of,
    listed,
    moment,
    say,
    say_json,
    secret_of,
)

if TYPE_CHECKING:
    from protocol.records.persons import Person
    from protocol.records.sign_ins import SignIn

Whose = Annotated[str, typer.Argument(help="Whose account.")]
NewSecretFile = Annotated[
    Path | None, typer.Option(help="File with the new secret, or -; else CHAIRSIDE_NEW_SECRET.")
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on `chairside user`."""
    app.command("secret")(secret)
    app.command("reset-secret")(reset_secret)
    app.command("enrol-second-factor")(enrol)
    app.command("reset-second-factor")(reset_second_factor)
    app.command("credential")(credential)
    app.command("sign-ins")(sign_ins)
    app.command("revoke")(revoke)
    app.command("token")(token)


def secret(
    as_: As = "", secret_file: SecretFile = None, new_secret_file: NewSecretFile = None
) -> None:
    """Set the own secret anew; every other sign-in of the account ends."""
    from protocol.commands import people

    with acting(as_, secret_file) as one:
        new = secret_of(as_, new_secret_file, "CHAIRSIDE_NEW_SECRET")
        people.set_secret(
            one.clinic, one.actor, one.secret, new, now=moment(), code=code_of(secret_file),
            token=one.token,
        )  # fmt: skip
    say("The secret is set.")


def reset_secret(
    username: Whose, as_: As = "", secret_file: SecretFile = None,
    new_secret_file: NewSecretFile = None,
) -> None:  # fmt: skip
    """Replace a forgotten secret, as administrator; its owner then sets an own one."""
    from protocol.commands import people

    with acting(as_, secret_file) as one:
        new = secret_of(username, new_secret_file, "CHAIRSIDE_NEW_SECRET")
        person = _named(one, username)
        people.reset_secret(one.clinic, one.actor, person.id, new, now=moment())
    say(f"{username} signs in with it and sets an own secret.")


def enrol(as_: As = "", secret_file: SecretFile = None) -> None:
    """Enrol an authenticator: shows its QR code, asks a code of it, prints the recovery codes."""
    import segno

    from protocol.commands import second_factor
    from protocol.commands.signing_in import token_hash

    with acting(as_, secret_file) as one:
        code = code_of(secret_file) if one.actor.ceiling is None else None
        offered = second_factor.enrol(one.clinic, one.actor, one.secret, code, now=moment())
        segno.make(offered.uri, error="m", micro=False).terminal(compact=True)
        say(offered.uri)
        given = typer.prompt("Code that the authenticator shows", err=True)
        codes = second_factor.confirm(
            one.clinic, one.actor, given, now=moment(), token_hash=token_hash(one.token)
        )
    say("Recovery codes, each for one use, shown this once:")
    for each in codes:
        say(each)


def reset_second_factor(username: Whose, as_: As = "", secret_file: SecretFile = None) -> None:
    """End a lost second factor, as administrator; the person's sign-ins end with it."""
    from protocol.commands import second_factor

    with acting(as_, secret_file) as one:
        second_factor.reset(one.clinic, one.actor, _named(one, username).id, now=moment())
    say(f"{username} has no second factor any more.")


def credential(
    username: Whose,
    title: Annotated[str, typer.Option(help="What it is; of one title the latest holds.")],
    number: Annotated[str | None, typer.Option(help="Its number.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Who issued it.")] = None,
    expires_on: Annotated[str | None, typer.Option(help="Its last day, YYYY-MM-DD.")] = None,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="It is no longer held.")] = False,
    as_: As = "",
    secret_file: SecretFile = None,
) -> None:
    """Record a professional credential of a person, and its last day."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import people
    from protocol.rules.credentials import Credential

    values = {"id": uuid7(), "title": title, "number": number, "issuer": issuer,
              "expires_on": expires_on, "withdrawn": withdrawn}  # fmt: skip
    recorded = shaped(Credential, values)
    with acting(as_, secret_file) as one:
        person = _named(one, username)
        people.record_credential(one.clinic, one.actor, person.id, recorded, now=moment())
    say(f"{username}: {title} is recorded.")


def sign_ins(
    everyone: Annotated[bool, typer.Option("--all", help="Everyone's, as administrator.")] = False,
    as_: As = "", secret_file: SecretFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """List what is open in the own name: sign-ins and programs' tokens."""
    from protocol.commands import signing_in

    with acting(as_, secret_file) as one:
        found = (
            signing_in.all_sign_ins(one.clinic, one.actor, now=moment())
            if everyone
            else signing_in.own_sign_ins(one.clinic, one.actor, now=moment())
        )
        lines = list(_lines(found))
    listed(lines, as_json=as_json)


def _lines(found: "Iterable[SignIn]") -> Iterable[dict[str, object]]:
    for one in found:
        yield {
            "id": str(one.id), "username": one.person.username, "workstation": one.workstation,
            "label": one.label, "held": one.held, "scopes": one.scopes,
            "signed_in_at": one.signed_in_at.isoformat(),
            "expires_at": one.times.expires_at.isoformat(),
            "standing": one.standing(moment()).value,
        }  # fmt: skip


def revoke(
    sign_in: Annotated[UUID, typer.Argument(help="Id of a sign-in or token, as listed.")],
    anyones: Annotated[bool, typer.Option("--any", help="Anyone's, as administrator.")] = False,
    as_: As = "",
    secret_file: SecretFile = None,
) -> None:
    """End a sign-in or a token; the next request with it is refused."""
    from protocol.commands import signing_in

    with acting(as_, secret_file) as one:
        signing_in.revoke(one.clinic, one.actor, sign_in, now=moment(), anyones=anyones)
    say(f"{sign_in} is of no use any more.")


def token(
    label: Annotated[str, typer.Option(help="What the program is.")],
    scope: Annotated[list[str], typer.Option(help="An act it may do; may be repeated.")],
    expires_at: Annotated[str, typer.Option(help="When the token ends, with its zone.")],
    as_: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a token by which a program acts in the own name within its scopes; shown once."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import signing_in

    wanted = shaped(
        signing_in.ApiTokenIn,
        {"id": uuid7(), "label": label, "scopes": scope, "expires_at": expires_at},
    )
    with acting(as_, secret_file) as one:
        code = code_of(secret_file)
        made = signing_in.add_api_token(
            one.clinic, one.actor, wanted, one.secret, code, now=moment()
        )
    if as_json:
        say_json({"id": str(made.id), "token": made.token, "expires_at": made.expires_at})
    else:
        say(made.token)


def report_emergencies(one: Acting, *, as_json: bool) -> None:
    """Every emergency access with what was done under it."""
    from api.schemas_emergency import EmergencyReportOut
    from protocol.commands import emergency

    for access in emergency.accesses(one.clinic, one.actor, now=moment()):
        _, entries = emergency.done_under(one.clinic, one.actor, access.id, now=moment())
        if as_json:
            say(EmergencyReportOut.reported(access, entries).model_dump_json())
            continue
        reviewed = "reviewed" if access.reviewed else "not reviewed"
        say(f"{access.began_at.isoformat()}  {access.person.name}  {access.reason}  {reviewed}")
        for line in entries:
            each = line.entry
            say(f"    {each.number}  {each.at}  {each.action}  {each.outcome}  {each.session_id}")


def _named(one: Acting, username: str) -> "Person":
    from protocol.commands import people

    known = people.people(one.clinic, one.actor, now=moment())
    person = next((each for each in known if each.username == username), None)
    if person is None:
        raise Stop(f"There is no user {username} at this clinic.")
    return person
