"""A server of a real clinic does not start without TLS, hosts and secrets that hold."""

from pathlib import Path
from uuid import UUID

import pytest

from api.cli import run
from api.production import Start, faults, is_production
from api.settings import Settings
from protocol.records.clinics import DEMONSTRATION, REAL, Clinic
from protocol.records.database import Database
from tests.api.server import certificate

PASSWORD = "an-invented-password"
URL = f"postgresql+psycopg://chairside:{PASSWORD}@db.example/record"


def a_clinic(purpose: str = REAL) -> Clinic:
    return Clinic(Database("sqlite://"), UUID(int=1), "Invented", "Etc/UTC", purpose)


def start(host: str = "0.0.0.0", purpose: str = REAL, **settings: object) -> Start:
    values: dict[str, object] = {
        "database_url": URL, "trusted_proxies": "10.0.0.1", "allowed_hosts": "record.example",
    }  # fmt: skip
    return Start(Settings.model_validate(values | settings), host, [a_clinic(purpose)])


def test_a_real_clinic_behind_a_trusted_proxy_or_tls_is_served(tmp_path: Path) -> None:
    made, key = certificate(tmp_path)
    assert faults(start()) == []
    assert faults(start(trusted_proxies="", tls_certificate=made, tls_key=key)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"purpose": DEMONSTRATION, "production": True},
         "has the clinic Invented, whose purpose is demonstration"),
        ({"trusted_proxies": ""},
         "CHAIRSIDE_TLS_CERTIFICATE is not set and CHAIRSIDE_TRUSTED_PROXIES is empty"),
        ({"allowed_hosts": ""}, "CHAIRSIDE_ALLOWED_HOSTS is empty"),
        ({"database_url": "postgresql+psycopg://me:short@db/record"},
         "CHAIRSIDE_DATABASE_URL has a password of 5 characters: in production 12"),
        ({"database_url": "postgresql+psycopg://chairside-user:chairside-user@db/record"},
         "the user's or the database's name"),
        ({"database_url": "postgresql+psycopg://me:infusion-record@db/infusion-record"},
         "the user's or the database's name"),
        ({"tls_key": "/nowhere"}, "CHAIRSIDE_TLS_KEY is /nowhere and CHAIRSIDE_TLS_CERTIFICATE"),
    ],
)  # fmt: skip
def test_each_rule_that_is_broken_is_one_plain_line(changes: dict, said: str) -> None:
    [fault] = faults(start(**changes))
    assert said in fault
    assert "\n" not in fault
    assert "short" not in fault


def test_a_key_that_anyone_may_open_is_a_fault(tmp_path: Path) -> None:
    made, key = certificate(tmp_path)
    key.chmod(0o644)
    [fault] = faults(start(tls_certificate=made, tls_key=key))
    assert f"CHAIRSIDE_TLS_KEY={key} has mode 0644" in fault
    key.chmod(0o640)
    assert faults(start(tls_certificate=made, tls_key=key)) == []


def test_every_broken_rule_is_told_at_once() -> None:
    assert len(faults(start(trusted_proxies="", allowed_hosts=""))) == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_this_machine_alone_nothing_is_asked_for(host: str) -> None:
    assert not is_production(start(host, allowed_hosts=""))
    assert faults(start(host, allowed_hosts="", trusted_proxies="")) == []
    assert is_production(start(host, allowed_hosts="record.example"))
    assert is_production(start(host, allowed_hosts="", production=True))


def test_a_demonstration_is_served_to_anyone() -> None:
    assert not is_production(start(purpose=DEMONSTRATION))


@pytest.fixture
def program(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    (tmp_path / "chairside.db").write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path))
    monkeypatch.setenv("CHAIRSIDE_SECRET", "an invented secret")
    return monkeypatch


INIT = ["init", "--clinic", "Real", "--zone", "Etc/UTC", "--username", "ada", "--name", "Ada"]


def test_the_program_says_why_it_does_not_serve(
    program: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(INIT) == 0
    assert run(["serve", "--host", "0.0.0.0", "--port", "0"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "CHAIRSIDE_TLS_CERTIFICATE is not set" in lines[0]
    assert "CHAIRSIDE_ALLOWED_HOSTS is empty" in lines[1]


def test_a_demonstration_is_not_for_production(
    program: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["demo", "--no-serve"]) == 0
    program.setenv("CHAIRSIDE_PRODUCTION", "true")
    assert run(["serve", "--port", "0"]) == 1
    assert "whose purpose is demonstration" in capsys.readouterr().err
    assert run(["demo", "--no-serve"]) == 1
    assert "there is no demonstration clinic" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALLOWED_HOSTS", "https://record.example", "is no host name"),
        ("ALLOWED_HOSTS", "*", "is no host name"),
        ("ALLOWED_HOSTS", "record.example:443", "is no host name"),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "is everyone"),
        ("TRUSTED_PROXIES", "::/0", "is everyone"),
        ("TRUSTED_PROXIES", "*", "is no address"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "has host bits set"),
        ("PRODUCTION", "perhaps", "valid boolean"),
    ],
)
def test_a_setting_that_cannot_be_is_told_with_its_value(
    program: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    name: str, value: str, said: str,
) -> None:  # fmt: skip
    program.setenv(f"CHAIRSIDE_{name}", value)
    assert run(["serve", "--port", "0"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"chairside: CHAIRSIDE_{name}={value}: ")
    assert said in line


def test_a_certificate_that_does_not_load_is_told(
    program: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(INIT) == 0
    made, key = certificate(tmp_path)
    for options, said in (
        (["--tls-certificate", str(made)], "CHAIRSIDE_TLS_KEY is not set: TLS takes both."),
        (["--tls-certificate", str(key), "--tls-key", str(made)], "they do not load"),
        (["--tls-certificate", "/nowhere", "--tls-key", str(key)], "there is no such file"),
    ):
        assert run(["serve", "--port", "0", *options]) == 1
        assert said in capsys.readouterr().err
