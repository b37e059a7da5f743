"""One summary PDF, warm, against WeasyPrint rendering as many pages of plain paragraphs."""

import logging
import time
from datetime import timedelta
from io import BytesIO
from statistics import median

import pypdf
import weasyprint
from uuid_utils.compat import uuid7

from protocol.commands import charting
from protocol.records.session_record import load_record
from protocol.rules.charting import Charted
from protocol.rules.record import SessionRecord
from reports.printing import summary_pdf
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
    """Seconds a sheet and a plain document of as many pages, in turns, by the median."""
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    record = charted_session(world)
    sheet = summary_pdf(record, printed_at=world.now, printed_by="Bench")
    pages = len(pypdf.PdfReader(BytesIO(sheet)).pages)
    plain = _paragraphs(pages)
    peer = weasyprint.HTML(string=plain).write_pdf()
    if len(pypdf.PdfReader(BytesIO(peer)).pages) != pages:
        raise RuntimeError("the plain document has another number of pages")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        start = time.process_time()
        summary_pdf(record, printed_at=world.now, printed_by="Bench")
        ours.append(time.process_time() - start)
        start = time.process_time()
        weasyprint.HTML(string=plain).write_pdf()
        theirs.append(time.process_time() - start)
    return {
        "pages": float(pages),
        "summary_s": median(ours),
        "paragraphs_s": median(theirs),
        "ratio": median(ours) / median(theirs),
    }


def _paragraphs(pages: int) -> str:
    """So many full pages of plain paragraphs, in the sheet's own type."""
    words = "A plain paragraph of invented words stands here to be laid out and drawn. " * 4
    page = f"<div style='break-after: page'>{f'<p>{words}</p>' * 16}</div>"
    style = "@page{size:A4;margin:18mm} body{font:8.5pt/1.35 Inter} p{margin:0 0 3pt}"
    return f"<style>{style}</style>{page * pages}"
