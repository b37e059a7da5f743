"""The file of real infusions, and what the tests of a replay do with it."""

import csv
import io
from pathlib import Path

from api.replay_clinic import replay_clinic
from api.replay_infusions import GivenSegment, replay
from api.replay_rows import Refused, read_infusions
from protocol.records.database import Database

FILE = Path(__file__).parent / "real-infusions.csv"
Cells = dict[str, str]


def rows_of_file() -> list[Cells]:
    return list(csv.DictReader(io.StringIO(FILE.read_text())))


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


def one_row(start: str, end: str, **cells: str) -> Cells:
    return {
        "infusion": "inf-one", "segment": "1", "drug": "Examplamine", "start": start, "end": end,
        "rate": "6", "rate_unit": "mg/h", "weight_kg": "", "amount_unit": "mg", **cells,
    }  # fmt: skip
