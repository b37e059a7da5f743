"""The chart as SVG: one template for paper and for the screen."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from reports.chart_drawing import number, strokes, words
from reports.chart_shapes import Chart

TITLE = "Trend chart of the session"


def chart_svg(chart: Chart, *, unit: str = "", text: str = "text") -> str:
    """The drawing, every word escaped (R168). `unit` is of its width and height: "pt" on paper.

    `text` is the name of the element of words, which paper has one of its own for (printing.py).
    """
    return _template().render(
        chart=chart, strokes=strokes(chart), words=words(chart), unit=unit, text=text, title=TITLE
    )


@cache
def _template() -> Template:
    places = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    places.filters["place"] = number
    return places.get_template("chart.svg")
