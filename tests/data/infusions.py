"""The file of real infusions, and what the tests of a replay do with it."""

import csv
import io
from pathlib import Path

from api.replay_clinic import replay_clinic
from api.replay_infusions import GivenSegment, replay
from api.replay_rows import Infusion, Refused, read_infusions
from api.replay_vials import VialBalance, replay_vials
from api.vial_rows import read_vials
from protocol.records.database import Database

FILE = Path(__file__).parent / "real-infusions.csv"
VIALS = Path(__file__).parent / "invented-vials.csv"
Cells = dict[str, str]


def rows_of_file(file: Path = FILE) -> list[Cells]:
    return list(csv.DictReader(io.StringIO(file.read_text())))


def infusions_with_vials() -> list[Cells]:
    """The rows of the real infusions for which there are invented vials."""
    named = {row["infusion"] for row in rows_of_file(VIALS)}
    return [row for row in rows_of_file() if row["infusion"] in named]


def as_csv(rows: list[Cells]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def replayed(url: str, content: bytes) -> tuple[list[GivenSegment], list[Refused]]:
    database = Database(url)
    segments, refused = [], []
    for one in replay(replay_clinic(database), read_infusions(content)):
        if isinstance(one, Refused):
            refused.append(one)
        else:
            segments += one
    database.close()
    return segments, refused


def with_vials(url: str, content: bytes, vials: bytes) -> tuple[list[VialBalance], list[Refused]]:
    """Chart the infusions and enter their vials: the balances, and whose custody was refused."""
    database = Database(url)
    here, found = replay_clinic(database), read_infusions(content)
    gone_in = [not isinstance(one, Refused) for one in replay(here, found)]
    charted = {
        one.name: one
        for one, is_in in zip(found, gone_in, strict=True)
        if is_in and isinstance(one, Infusion)
    }
    balances, refused = [], []
    for one in replay_vials(here, charted, read_vials(vials)):
        if isinstance(one, Refused):
            refused.append(one)
        else:
            balances += one
    database.close()
    return balances, refused


def one_row(start: str, end: str, **cells: str) -> Cells:
    return {
        "infusion": "inf-one", "segment": "1", "drug": "Examplamine", "start": start, "end": end,
        "rate": "6", "rate_unit": "mg/h", "weight_kg": "", "amount_unit": "mg", **cells,
    }  # fmt: skip


def one_vial(**cells: str) -> Cells:
    """A vial of `one_row`'s infusion on 2 January 2144, all of whose draw is wasted."""
    return {
        "infusion": "inf-one", "vial": "V-1", "location": "Cupboard", "drug": "Examplamine",
        "form": "solution in a vial", "strength": "10", "strength_unit": "mg",
        "strength_volume": "1", "strength_volume_unit": "mL", "size": "2", "size_unit": "mL",
        "lot": "A1", "expires": "2144-06-30", "supplier": "Supplier",
        "received_at": "2144-01-01T08:00:00", "opened_at": "2144-01-02T02:50:00",
        "drawn_at": "2144-01-02T02:55:00", "drawn": "2", "drawn_unit": "mL",
        "wasted_at": "2144-01-02T04:05:00", "wasted": "14", "wasted_unit": "mg",
        "manner": "sink", "witness": "Somebody", "left": "", "left_unit": "", **cells,
    }  # fmt: skip
