"""The program replays real infusions with their vials, and prints the log of their location."""

import csv
import io
import json
import subprocess

import pytest

from api.cli import run
from tests.data.infusions import VIALS, as_csv, infusions_with_vials, one_vial, rows_of_file


def test_the_program_replays_infusions_with_their_vials_and_prints_their_log(
    tmp_path, monkeypatch, capsysbinary, program
):
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path / "home"))
    infusions, vials = tmp_path / "infusions.csv", tmp_path / "vials.csv"
    infusions.write_bytes(as_csv(infusions_with_vials()))
    vials.write_bytes(as_csv([*rows_of_file(VIALS), one_vial(infusion="inf-gone")]))
    replay = ["session", "replay", "--from-infusions", str(infusions), "--vials", str(vials)]
    assert run([*replay, "--json"]) == 1
    out, err = capsysbinary.readouterr()
    assert err.decode() == (
        f"chairside: {vials}, line 7: the custody of infusion inf-gone is refused (not-found): No"
        " infusion of that name was charted.\n"
    )
    lines = [json.loads(one) for one in out.splitlines()]
    balances = {one["infusion"]: one for one in lines if "drawn" in one}
    of = balances["inf-80c05ce1"]
    amounts = [of[name] for name in ("drawn", "given", "wasted", "remainder", "unit")]
    assert amounts == ["250", "218.3333508", "31.6666492", "0", "ug"]
    assert [name for name, one in balances.items() if one["discrepancies"]] == ["inf-696b4783"]
    (location,) = of["locations"]
    assert run(replay) == 1
    said = capsysbinary.readouterr().out.decode().splitlines()
    found = balances["inf-696b4783"]["discrepancies"][0]
    assert (
        "inf-696b4783  Fentanyl (Concentrate)  50 ug drawn = 10.0825788 given + 37.5 wasted"
        f" + 2.4174212 remainder  discrepancy {found}  location {location}"
    ) in said
    assert sum("  closes  " in one for one in said) == 3
    _require_printed(location, tmp_path / "log.pdf", program, capsysbinary)
    assert run(["audit", "verify"]) == 0


def _require_printed(location, sheet, program, capsysbinary):
    """The log of a location on paper and as CSV, with all that the table of vials has."""
    assert run(["custody", "log", "--location", location, "--pdf", "-o", str(sheet)]) == 0
    command = [program("pdftotext"), "-layout", str(sheet), "-"]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    for words in ("Controlled-substance log", "Unit cupboard", "INVENTED-0001", "EXPIRED",
                  "WRONG LOT", "Replay Witness", "31.6666492 mcg", "inf-80c05ce1"):  # fmt: skip
        assert words in printed
    capsysbinary.readouterr()
    assert run(["custody", "log", "--location", location, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsysbinary.readouterr().out.decode("utf-8-sig"))))
    wasted = [one["amount"] for one in rows if one["kind"] == "waste"]
    assert sorted(wasted) == ["0.69999832", "2.099650646", "31.6666492", "37.5"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--vials", "{vials}"],
        ["{acts}", "--vials", "{vials}"],
        ["--from-infusions", "{acts}", "--vials", "{nothing}"],
    ],
)
def test_vials_without_their_infusions_or_that_are_no_table_are_refused_whole(
    tmp_path, monkeypatch, arguments
):
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path / "home"))
    files = {"vials": VIALS, "nothing": tmp_path / "gone.csv", "acts": tmp_path / "some.csv"}
    files["acts"].write_bytes(as_csv(infusions_with_vials()))
    asked = [one.format(**files) for one in arguments]
    assert run(["session", "replay", *asked]) == 2
    assert not (tmp_path / "home").exists()
