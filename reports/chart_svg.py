"""The chart as SVG: one template for paper and for the screen."""

from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from protocol.rules.record import SessionRecord
from reports.chart import chart
from reports.chart_drawing import INK, number, strokes, words
from reports.chart_shapes import SCREEN, Chart
from reports.view import view_of

SCREEN_FACES = "Inter, 'Noto Sans', 'DejaVu Sans'"
TITLE = "Trend chart of the session"
NOTHING = "Nothing was charted that a chart shows."
SCREEN_WIDTH = int(SCREEN.width)


def session_svg(record: SessionRecord, now: datetime, width: int = SCREEN_WIDTH) -> str:
    """A session's chart for a screen, so many pixels wide: while the session goes on it ends at
    this moment, with the rounds marked that are due."""
    view = view_of(record, now)
    size = SCREEN._replace(width=width)
    due = view.due if record.ended_at is None else None
    drawn = chart(view, size, due)
    if drawn is None:
        return _template("no-chart.svg").render(size=size, said=NOTHING, ink=INK)
    return chart_svg(drawn)


def chart_svg(
    chart: Chart, *, unit: str = "", text: str = "text", faces: str = SCREEN_FACES
) -> str:
    """The drawing, every word escaped (R168). `unit` is of its width and height: "pt" on paper.

    `text` is the name of the element of words, which paper has one of its own for (printing.py).
    """
    return _template("chart.svg").render(
        chart=chart,
        strokes=strokes(chart),
        words=words(chart),
        unit=unit,
        text=text,
        title=TITLE,
        faces=faces,
    )


@cache
def _template(name: str) -> Template:
    places = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    places.filters["place"] = number
    return places.get_template(name)
