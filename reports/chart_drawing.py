"""A chart as strokes: one path for each kind of mark, so that a page is quickly set.

WeasyPrint's cost is an SVG's elements and words (performance.md A), and a browser's is its elements
too: all circles of a chart are two strokes, all squares one. A dot is a stroke of no length with
round ends, which paper and screen draw as a full circle.
"""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple

from protocol.rules.limits import Severity
from reports.chart_panes import points_of
from reports.chart_shapes import Chart, Disc, Label, Marker, Pane, Point, Tone

INK, SOFT, RULE, GROUND = "#12212b", "#5b6b76", "#d9e0e4", "#eef2f4"
ACCENT, TINT, PAIN = "#0b6e8a", "#d6e6ec", "#8a3b12"


class Stroke(NamedTuple):
    """One path: how wide it is drawn, in which colours, and whether in dashes."""

    d: str
    stroke: str = "none"
    width: float = 0.0
    fill: str = "none"
    dashes: str = ""
    cap: str = ""


class Words(NamedTuple):
    """Labels that are set alike."""

    tone: Tone
    fill: str
    weight: int
    labels: tuple[Label, ...]


_TONES = {
    Tone.SOFT: (SOFT, 400), Tone.NAME: (INK, 600), Tone.VALUE: (INK, 600), Tone.PAIN: (PAIN, 700),
    Tone.NOW: (ACCENT, 700), Tone.DISC: ("#ffffff", 700),
}  # fmt: skip


def number(value: float) -> str:
    """A place to a hundredth, in as few digits as say it."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def at(x: float, y: float) -> str:
    """The start of a stroke."""
    return f"M{number(x)} {number(y)}"


def strokes(chart: Chart) -> list[Stroke]:
    """Everything that is drawn, from the ground up; kinds that nothing is of are left out."""
    thin, em = chart.size.em / 15, chart.size.em
    layers = (*_ground(chart, thin), *_limits(chart, thin), *_rates(chart, thin, em),
              *_marks(chart, thin), *_above(chart, thin, em))  # fmt: skip
    return [one for one in layers if one.d]


def words(chart: Chart) -> list[Words]:
    """The labels by how they are set."""
    em = chart.size.em
    every = [*chart.labels, *(one for pane in chart.panes for one in pane.labels)]
    every += [
        Label(one.x, chart.disc_y + 0.36 * em, one.said, Tone.DISC, "middle") for one in chart.discs
    ]
    return [
        Words(tone, fill, weight, tuple(one for one in every if one.tone is tone))
        for tone, (fill, weight) in _TONES.items()
        if any(one.tone is tone for one in every)
    ]


def _ground(chart: Chart, thin: float) -> Iterator[Stroke]:
    top, bottom, time = chart.top, chart.bottom, chart.time
    shaded = (one for one in chart.bands if one.shaded)
    yield Stroke("".join(_rectangle(one.x, top, one.until, bottom) for one in shaded), fill=GROUND)
    grid = [f"{at(one.x, top)}V{number(bottom)}" for one in chart.ticks]
    for pane in chart.panes:
        ys = [y for _, y in pane.axis.ticks()] if pane.axis else [pane.bottom]
        grid += [f"{at(time.left, y)}H{number(time.right)}" for y in ys]
    yield Stroke("".join(grid), RULE, thin)
    em = chart.size.em
    leaders = "".join(
        f"{at(time.right, y)}L{number(time.right + 0.8 * em)} {number(to)}"
        for pane in chart.panes
        for y, to in pane.leaders
    )
    yield Stroke(leaders, SOFT, thin)
    fills = "".join(
        _rectangle(one.x, one.y, one.until, pane.bottom)
        for pane in chart.panes
        for one in pane.steps
    )
    yield Stroke(fills, fill=TINT)


def _limits(chart: Chart, thin: float) -> Iterator[Stroke]:
    for severity, ink, width, dashes in (
        (Severity.SOFT, SOFT, 1.3, f"{number(2 * thin * 2)} {number(2 * thin * 1.6)}"),
        (Severity.HARD, INK, 1.8, f"{number(2 * thin * 8)} {number(2 * thin * 2.5)}"),
    ):
        lines = "".join(
            f"{at(a, bound.y)}H{number(b)}"
            for pane in chart.panes
            for bound in pane.bounds
            if bound.severity is severity
            for a, b in bound.spans
        )
        yield Stroke(lines, ink, width * thin, dashes=dashes)
    yield Stroke(_guides(chart), SOFT, 1.2 * thin, dashes=f"{number(thin)} {number(4 * thin)}")


def _guides(chart: Chart) -> str:
    """From an event's number down through every pane, and where a round is due."""
    events = (x for disc in chart.discs for x in dict.fromkeys(disc.moments))
    down = (f"{at(x, chart.disc_y)}V{number(chart.bottom)}" for x in events)
    ahead = (f"{at(one.x, chart.top)}V{number(chart.bottom)}" for one in chart.ahead)
    return "".join((*down, *ahead))


def _rates(chart: Chart, thin: float, em: float) -> Iterator[Stroke]:
    yield Stroke("".join(_steps(pane) for pane in chart.panes), INK, 2.4 * thin)
    gaps = "".join(
        f"{at(gap.x, pane.bottom)}V{number(pane.axis.top)}H{number(gap.until)}"
        f"V{number(pane.bottom)}"
        for pane in chart.panes
        for gap in pane.pauses
        if pane.axis is not None
    )
    missed = "".join(
        f"{at(one.x, pane.top)}V{number(pane.bottom)}"
        for pane in chart.panes
        for one in pane.missed
    )
    dashes = f"{number(0.3 * em)} {number(0.25 * em)}"
    yield Stroke(gaps + missed, INK, 1.5 * thin, dashes=dashes)


def _steps(pane: Pane) -> str:
    """The rate's line: up from nothing where it begins, down where it ends, and open where no end
    is recorded."""
    d, until = "", None
    for one, following in zip_longest(pane.steps, pane.steps[1:]):
        d += "" if until == one.x else at(one.x, pane.bottom)
        d += f"V{number(one.y)}H{number(one.until)}"
        until = one.until
        goes_on = one.open or (following is not None and following.x == until)
        d += "" if goes_on else f"V{number(pane.bottom)}"
    return d


def _marks(chart: Chart, thin: float) -> Iterator[Stroke]:
    for ink, wanted in ((INK, (Marker.SQUARE, Marker.CROSS, Marker.BOX)),
                        (ACCENT, (Marker.CIRCLE,)), (PAIN, (Marker.DIAMOND,))):  # fmt: skip
        runs = [run for pane in chart.panes if pane.marker in wanted for run in pane.lines]
        yield Stroke("".join(_joined(run) for run in runs if len(run) > 1), ink, 1.6 * thin)
    bars = "".join(_bar(pane) for pane in chart.panes if pane.bars)
    yield Stroke(bars, INK, 2.2 * thin)
    circles = _of(chart, Marker.CIRCLE)
    dots = "".join(f"{at(one.x, one.y)}h0" for _, one in circles)
    half = min((pane.half for pane, _ in circles), default=0.0)
    yield Stroke(dots, ACCENT, 2 * half + 1.4 * thin, cap="round")
    yield Stroke(dots, "#ffffff", max(2 * half - 1.6 * thin, 0.5 * half), cap="round")
    yield Stroke("".join(_square(p, one, 0.85) for p, one in _of(chart, Marker.SQUARE)), fill=INK)
    crosses = "".join(_cross(pane, one) for pane, one in _of(chart, Marker.CROSS))
    yield Stroke(crosses, INK, 2 * thin)
    boxes = "".join(_square(pane, one, 0.8) for pane, one in _of(chart, Marker.BOX))
    yield Stroke(boxes, INK, 1.8 * thin, fill="#ffffff")
    diamonds = "".join(_diamond(pane, one) for pane, one in _of(chart, Marker.DIAMOND))
    yield Stroke(diamonds, fill=PAIN)
    boluses = "".join(
        f"{at(one.x, one.y - pane.half)}l{number(pane.half)} {number(2 * pane.half)}"
        f"h{number(-2 * pane.half)}z"
        for pane in chart.panes
        for one in pane.boluses
    )
    yield Stroke(boluses, fill=INK)


def _of(chart: Chart, marker: Marker) -> list[tuple[Pane, Point]]:
    wanted = [pane for pane in chart.panes if pane.marker is marker]
    return [(pane, one) for pane in wanted for one in points_of(pane)]


def _above(chart: Chart, thin: float, em: float) -> Iterator[Stroke]:
    yield Stroke("".join(_pill(one, chart.disc_y, 1.45 * em) for one in chart.discs), fill=INK)
    due = "".join(
        f"{at(one.x - 0.4 * em, one.y - 0.32 * em)}h{number(0.8 * em)}L{number(one.x)}"
        f" {number(one.y + 0.36 * em)}z"
        for one in chart.ahead
    )
    yield Stroke(due, INK, 1.5 * thin, fill="#ffffff")
    if chart.now is not None:
        line = f"{at(chart.now, chart.top)}V{number(chart.bottom + 0.4 * em)}"
        yield Stroke(line, ACCENT, 3 * thin)


def _rectangle(x: float, y: float, until: float, bottom: float) -> str:
    return f"{at(x, y)}H{number(until)}V{number(bottom)}H{number(x)}z"


def _joined(run: Iterable[Point]) -> str:
    places = [f"{number(one.x)} {number(one.y)}" for one in run]
    return f"M{places[0]}L{' '.join(places[1:])}"


def _bar(pane: Pane) -> str:
    half, found = pane.half * 1.1, []
    for bar in pane.bars:
        ends = [one for one in bar if one is not None]
        if len(ends) == 2:
            found.append(f"{at(ends[0].x, ends[0].y)}V{number(ends[1].y)}")
        found += [f"{at(one.x - half, one.y)}h{number(2 * half)}" for one in ends]
    return "".join(found)


def _square(pane: Pane, one: Point, share: float) -> str:
    half = pane.half * share
    return _rectangle(one.x - half, one.y - half, one.x + half, one.y + half)


def _cross(pane: Pane, one: Point) -> str:
    half = pane.half * 0.85
    side = number(2 * half)
    return (
        f"{at(one.x - half, one.y - half)}l{side} {side}"
        f"{at(one.x - half, one.y + half)}l{side} {number(-2 * half)}"
    )


def _diamond(pane: Pane, one: Point) -> str:
    half = pane.half * 1.25
    a, b = number(half), number(-half)
    return f"{at(one.x, one.y - half)}l{a} {a} {b} {a} {b} {b}z"


def _pill(disc: Disc, y: float, height: float) -> str:
    """A stadium: four curves, which a layout engine draws quicker than arcs."""
    r = height / 2
    left, right = disc.x - disc.width / 2 + r, disc.x + disc.width / 2 - r
    k, a, b = number(0.5523 * r), number(r), number(-r)
    less, lesser = number(r - 0.5523 * r), number(-(r - 0.5523 * r))
    return (
        f"{at(left, y - r)}H{number(right)}c{k} 0 {a} {less} {a} {a}c0 {k} {lesser} {a} {b} {a}"
        f"H{number(left)}c-{k} 0 {b} {lesser} {b} {b}c0 -{k} {less} {b} {a} {b}z"
    )
