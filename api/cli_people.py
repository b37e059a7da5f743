"""`chairside user`: accounts at the clinic, as its administrator."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api import cli_identity
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
    secret_of,
)

if TYPE_CHECKING:
    from protocol.records.persons import Person
    from protocol.rules.actions import Role
    from protocol.rules.credentials import Credential as Held

app = program(
    help="Accounts: add, list, change, secrets, second factors, sign-ins, programs' tokens. Nobody"
    " changes the own standing."
)
cli_identity.add_to(app)
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", help="nurse, physician, administrator or auditor; may be repeated."),
]
Credential = Annotated[str | None, typer.Option(help="As printed after the name, such as RN.")]
EndsAt = Annotated[
    str | None,
    typer.Option(help="The account ends by itself at this moment, with its zone; an auditor's in"
                 " any case, by default after thirty days."),
]  # fmt: skip


@app.command("add")
def add(
    username: Annotated[str, typer.Argument(help="User name; never given to another person.")],
    name: Annotated[str, typer.Option(help="Name as printed on the record.")],
    role: Roles = None,
    credential: Credential = None,
    ends_at: EndsAt = None,
    new_secret_file: Annotated[
        Path | None,
        typer.Option(help="File with the new person's secret, or -; else CHAIRSIDE_NEW_SECRET."),
    ] = None,
    as_: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Add an account with its roles and a first secret of twelve characters or more.

    The first secret does nothing but let its owner set an own one (`user secret`).
    """
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import people

    with acting(as_, secret_file) as one:
        secret = secret_of(username, new_secret_file, "CHAIRSIDE_NEW_SECRET")
        person = shaped(
            people.PersonIn,
            {
                "id": uuid7(), "username": username, "name": name,
                "credential": credential or "", "roles": _roles(role), "secret": secret,
                "ends_at": ends_at,
            },
        )  # fmt: skip
        people.add_person(one.clinic, one.actor, person, now=moment())
    ends = people.standing_end(person.roles, person.ends_at, moment())
    values = person.model_dump(mode="json", exclude={"secret", "ends_at"})
    shown = {**values, "roles": " ".join(values["roles"]), "ends_at": _moment(ends)}
    listed([shown], as_json=as_json)


@app.command("list")
def list_(as_: As = "", secret_file: SecretFile = None, as_json: AsJson = False) -> None:
    """List every account: id, user name, name, credential, roles, whether it is active, its end,
    and its credentials with their last day."""
    from protocol.commands import people
    from protocol.commands.proving import today_at

    with acting(as_, secret_file) as one:
        found = people.people(one.clinic, one.actor, now=moment())
        held = people.credentials(one.clinic, one.actor, now=moment())
        today = today_at(one.clinic, moment())
    listed(
        ({**_line(each), "credentials": _held(held.get(each.id, ()), today)} for each in found),
        as_json=as_json,
    )


@app.command("change")
def change(
    username: Annotated[str, typer.Argument(help="Whose account.")],
    role: Roles = None,
    credential: Credential = None,
    ends_at: EndsAt = None,
    active: Annotated[
        bool | None, typer.Option("--active/--closed", help="Open or close the account.")
    ] = None,
    as_: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Change roles, credential, or whether the account is open; what is not named stays."""
    from api.documents import shaped
    from protocol.commands import people

    with acting(as_, secret_file) as one:
        known = people.people(one.clinic, one.actor, now=moment())
        person = next((each for each in known if each.username == username), None)
        if person is None:
            raise Stop(f"There is no user {username} at this clinic.")
        standing = shaped(
            people.StandingIn,
            {
                "roles": sorted(person.roles) if role is None else _roles(role),
                "credential": person.credential if credential is None else credential,
                "active": person.active if active is None else active,
                "ends_at": person.ends_at if ends_at is None else ends_at,
            },
        )
        people.change_person(one.clinic, one.actor, person.id, standing, now=moment())
        changed = people.people(one.clinic, one.actor, now=moment())
    listed([_line(each) for each in changed if each.id == person.id], as_json=as_json)


def _line(person: "Person") -> dict[str, object]:
    return {
        "id": str(person.id), "username": person.username, "name": person.name,
        "credential": person.credential, "roles": " ".join(sorted(person.roles)),
        "active": person.active, "ends_at": _moment(person.ends_at),
    }  # fmt: skip


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _held(credentials: "Iterable[Held]", today: date) -> str:
    return "; ".join(
        f"{one.title} until {one.expires_on}{' (EXPIRED)' if one.expired(today) else ''}"
        if one.expires_on else one.title
        for one in credentials
    )  # fmt: skip


def _roles(named: list[str] | None) -> list["Role"]:
    from protocol.rules.actions import Role

    unknown = [one for one in named or [] if one not in set(Role)]
    if unknown or not named:
        raise Stop(f"--role is one of {', '.join(Role)}.", status=BAD_USAGE)
    return [Role(one) for one in named]
