"""What a chart is made of: places on the drawing and the words that stand there, no markup.

Lengths are in one unit, a point on paper and a pixel on screen; x goes right and y goes down. Each
place says which charted value and moment it is of, so that a test can hold it against the record.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from protocol.rules.limits import Severity
from reports.chart_axes import Tick, TimeAxis, ValueAxis


class Size(NamedTuple):
    """How large a chart is: its width, the height of its letters, and the height there is room
    for, where there is a page to fill; its panes are made higher or lower for it, within reason."""

    width: float
    em: float
    room: float | None = None


# 180 mm between A4's margins; 6.5 pt and 13 px are the smallest letters (look.md).
PAPER = Size(width=510, em=6.5)
SCREEN = Size(width=1100, em=13)


class Marker(StrEnum):
    """How a measure's points are drawn: told apart by shape, so that grey print loses nothing."""

    CIRCLE = "open circle"
    SQUARE = "filled square"
    CROSS = "cross"
    DIAMOND = "diamond"
    BOX = "open square"
    BAR = "bar, from diastolic to systolic"
    STEP = "step"


class Tone(StrEnum):
    """How words on the chart are set."""

    NAME = "name"
    SOFT = "soft"
    VALUE = "value"
    PAIN = "pain"
    DISC = "disc"
    NOW = "now"


class Label(NamedTuple):
    """Words with the point they begin at, centre on or end at, on their base line."""

    x: float
    y: float
    said: str
    tone: Tone
    anchor: str = "start"


class Point(NamedTuple):
    """A charted value at its moment; `beyond` is 1 or -1 where it lies outside of the axis."""

    at: datetime
    value: Decimal
    x: float
    y: float
    beyond: int = 0
    crossed: bool = False


class Bar(NamedTuple):
    """A blood pressure: the ends that were charted, one at least (R148)."""

    high: Point | None
    low: Point | None


class Step(NamedTuple):
    """A stretch at one charted rate; `open` where no stop is recorded."""

    start: datetime
    end: datetime
    rate: Decimal
    x: float
    until: float
    y: float
    open: bool


class Pause(NamedTuple):
    """A stretch without a rate between a pause and what ended it."""

    start: datetime
    end: datetime
    x: float
    until: float

    @property
    def length(self) -> timedelta:
        """How long it was."""
        return self.end - self.start


class Bolus(NamedTuple):
    """A bolus at its moment, and its amount."""

    at: datetime
    x: float
    y: float
    said: str


class Bound(NamedTuple):
    """A limit as a line, over the phases it holds in; none where it lies outside of the axis."""

    value: Decimal
    severity: Severity
    y: float
    spans: tuple[tuple[float, float], ...]


class Missed(NamedTuple):
    """A round without this pane's measures: no line is drawn across it."""

    due_at: datetime
    x: float


class Pane(NamedTuple):
    """One measure's part of the chart."""

    marker: Marker
    top: float
    bottom: float
    axis: ValueAxis | None = None
    lines: tuple[tuple[Point, ...], ...] = ()
    bars: tuple[Bar, ...] = ()
    steps: tuple[Step, ...] = ()
    pauses: tuple[Pause, ...] = ()
    boluses: tuple[Bolus, ...] = ()
    bounds: tuple[Bound, ...] = ()
    leaders: tuple[tuple[float, float], ...] = ()
    missed: tuple[Missed, ...] = ()
    labels: tuple[Label, ...] = ()
    pain: bool = False
    half: float = 0.0
    unlabelled: int = 0


class Band(NamedTuple):
    """A phase, every second one shaded."""

    x: float
    until: float
    shaded: bool


class Disc(NamedTuple):
    """An event's number, or those of several that stand too close for a disc each."""

    x: float
    width: float
    moments: tuple[float, ...]
    said: str


class Ahead(NamedTuple):
    """A round that is due, at its time."""

    due_at: datetime
    x: float
    y: float
    overdue: bool


class Chart(NamedTuple):
    """The drawing, whole. `notes` is what cannot be drawn and is said beside it."""

    size: Size
    height: float
    time: TimeAxis
    top: float
    bottom: float
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    panes: tuple[Pane, ...]
    discs: tuple[Disc, ...]
    disc_y: float
    now: float | None
    ahead: tuple[Ahead, ...]
    labels: tuple[Label, ...]
    notes: tuple[str, ...]
    description: str
