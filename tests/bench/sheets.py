"""A summary PDF, warm, against the same content of other engines; and sheets in bulk."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from multiprocessing import forkserver
from pathlib import Path
from statistics import median

import pypdf
import weasyprint
from uuid_utils.compat import uuid7

from protocol.commands import charting
from protocol.records.session_record import load_record
from protocol.rules.charting import Charted
from protocol.rules.record import SessionRecord
from reports.pressroom import Wanted, print_all
from reports.printing import summary_pdf
from reports.summary import summary
from tests.bench import peers
from tests.bench.chain import _reading
from tests.bench.world import World

READINGS, ROUNDS = 40, 7


def charted_session(world: World) -> SessionRecord:
    """A session of forty readings and an infusion with ten rate changes."""
    start = world.now - timedelta(hours=3)
    for number in range(READINGS):
        reading = _reading(world).model_copy(
            update={"observed_at": start + timedelta(minutes=4 * number)}
        )
        charting.record_reading(world.clinic, world.nurse, world.session_id, reading, now=world.now)
    kinds = ["start", *["rate-change"] * 10, "stop"]
    for number, kind in enumerate(kinds):
        rate = None if kind == "stop" else {"value": str(10 + number), "unit": "mL/h"}
        event = Charted.model_validate(
            {
                "id": uuid7(),
                "observed_at": start + timedelta(minutes=13 * number),
                "content": {"kind": "dosing", "event": kind, "drug_line": "line-1", "rate": rate},
            }
        )
        charting.record_dosing_event(
            world.clinic, world.nurse, world.session_id, event, now=world.now
        )
    with world.clinic.database.looking() as connection:
        return load_record(connection, world.clinic, world.session_id)


def measure(world: World) -> dict[str, float]:
    """Seconds a sheet, and what the same content takes elsewhere, in turns, by the median.

    No two documents are alike: an engine that remembers its last one gains nothing.
    """
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    record = charted_session(world)
    pages = _pages(_ours(record, world.now))
    plain = _paragraphs(pages)
    if _pages(weasyprint.HTML(string=plain).write_pdf()) != pages:
        raise RuntimeError("the plain document has another number of pages")
    with peers.chromium_engine() as chromium:
        engines = {
            "plain_tables": peers.weasyprint_plain, "typst": peers.typst_engine(),
            "chromium": chromium,
        }  # fmt: skip
        taken: dict[str, list[float]] = {name: [] for name in ("summary", "paragraphs", *engines)}
        for number in range(ROUNDS + 1):
            varied = _varied(record, number)
            sheet = summary(varied, printed_at=world.now, printed_by="Bench")
            chart = peers.chart_of_circles(varied)
            taken["summary"].append(_timed(partial(_ours, varied, world.now)))
            taken["paragraphs"].append(_timed(weasyprint.HTML(string=plain).write_pdf))
            for name, engine in engines.items():
                taken[name].append(_timed(partial(engine, sheet, chart)))
    warm = {name: median(times[1:]) for name, times in taken.items()}
    ours = warm["summary"]
    return {
        "pages": float(pages),
        **{f"{name}_s": seconds for name, seconds in warm.items()},
        "ratio": ours / warm["paragraphs"],
        **{f"of_{name}": ours / warm[name] for name in engines},
    }


def _ours(record: SessionRecord, now: datetime) -> bytes:
    return summary_pdf(record, printed_at=now, printed_by="Bench")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _pages(pdf: bytes) -> int:
    return len(pypdf.PdfReader(BytesIO(pdf)).pages)


def _varied(record: SessionRecord, number: int) -> SessionRecord:
    """The same session of another patient."""
    patient = record.patient.model_copy(update={"given": f"Bench {number}"})
    return record.model_copy(update={"patient": patient})


def in_bulk(world: World, sheets: int) -> dict[str, float]:
    """Sheets a second on two presses of those on one, and what a press holds in memory."""
    record = charted_session(world)
    wanted = [Wanted(_varied(record, number), world.now, "Bench") for number in range(sheets)]
    rates, held = {}, []
    for presses in (1, 2):
        printing = print_all(iter(wanted), presses)
        for _ in range(presses):  # the first sheet of a press is a cold one
            next(printing)
        start, done = time.perf_counter(), 0
        for printed in printing:
            done += 1
            held += [] if presses == 1 or done % 20 else [max(map(_memory_mb, _presses()))]
            if printed.pdf is None:
                raise RuntimeError(printed.fault)
        rates[presses] = done / (time.perf_counter() - start)
    quarter = max(len(held) // 4, 1)
    return {
        "sheets": float(sheets), "one_per_s": rates[1], "two_per_s": rates[2],
        "two_of_one": rates[2] / rates[1], "memory_mb": max(held),
        "memory_last_of_first_quarter": max(held[-quarter:]) / max(held[:quarter]),
    }  # fmt: skip


def _presses() -> list[int]:
    server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    return [int(one) for one in Path(f"/proc/{server}/task/{server}/children").read_text().split()]


def _memory_mb(process: int) -> float:
    """Its resident memory."""
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _paragraphs(pages: int) -> str:
    """So many full pages of plain paragraphs, in the sheet's own type."""
    words = "A plain paragraph of invented words stands here to be laid out and drawn. " * 4
    page = f"<div style='break-after: page'>{f'<p>{words}</p>' * 16}</div>"
    style = "@page{size:A4;margin:18mm} body{font:8.5pt/1.35 Inter} p{margin:0 0 3pt}"
    return f"<style>{style}</style>{page * pages}"
