"""What runs along the chart: phases, numbered events, the time, and the rounds that are due."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from protocol.rules.schedule import DueRound, RoundState
from reports.chart_axes import TimeAxis
from reports.chart_labels import Box, Room, box_around, ems, in_lines
from reports.chart_shapes import Ahead, Band, Disc, Label, Size, Tone
from reports.view import View

AHEAD_STATES = (RoundState.UPCOMING, RoundState.DUE, RoundState.OVERDUE)
_ROWS_MAX = 4
_HEAD_LINES_MAX = 2
_ROW_EMS = 1.2


class Keys:
    """Letters for names that find no room on the chart; what each stands for is said beside it."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def letter(self, name: str) -> str:
        """A name's letter: (a), (b), ... and after (z), (aa)."""
        number = len(self._letters)
        spelled = chr(ord("a") + number % 26) * (1 + number // 26)
        return self._letters.setdefault(name, f"({spelled})")

    def said(self) -> list[str]:
        """Each letter with its name."""
        return [f"{letter} {name}" for name, letter in self._letters.items()]


def bands(view: View, time: TimeAxis) -> tuple[Band, ...]:
    """The phases in their order, every second one shaded from the first on."""
    shaded = [one.code for one in view.record.protocol.phases][::2]
    return tuple(
        Band(time.x(one.start), time.x(one.end or view.as_of), one.phase.code in shaded)
        for one in view.spans
        if one.start <= time.end and (one.end or time.end) >= time.start
    )


def phase_labels(view: View, time: TimeAxis, keys: Keys, em: float) -> list[Label]:
    """Each phase's name over its stretch, in two lines at most; a letter where it is wider."""
    named: list[tuple[float, list[str]]] = []
    for one in view.spans:
        x, until = time.x(one.start), time.x(one.end or view.as_of)
        width, name = (until - x) / em - 0.4, one.phase.label
        lines = in_lines(name, width)
        if len(lines) > _HEAD_LINES_MAX or any(ems(line) > width for line in lines):
            lines = [keys.letter(name)]
        if width > 0:
            named.append(((x + until) / 2, lines))
    rows = max((len(lines) for _, lines in named), default=0)
    room = Room(Box(time.left, 0, time.right, (rows + 1) * _ROW_EMS * em), em)
    found = []
    for x, lines in named:
        for row, line in enumerate(lines, rows - len(lines)):
            y = (1.0 + _ROW_EMS * row) * em
            if room.place(line, [(x, y, "middle")]):
                found.append(Label(x, y, line, Tone.NAME, "middle"))
    return found


def discs(view: View, time: TimeAxis, em: float) -> tuple[Disc, ...]:
    """The events' numbers at their moments; neighbours that would overlap share one disc."""
    found: list[tuple[int, int, tuple[float, ...]]] = []
    for number, at in enumerate(view.event_times.values(), 1):
        if not time.holds(at):
            continue
        found.append((number, number, (time.x(at),)))
        while len(found) > 1 and _meet(_disc(found[-2], em), _disc(found[-1], em), 0.12 * em):
            first, last = found[-2], found[-1]
            found[-2:] = [(first[0], last[1], (*first[2], *last[2]))]
    return tuple(_disc(one, em) for one in found)


def _disc(numbers: tuple[int, int, tuple[float, ...]], em: float) -> Disc:
    first, last, moments = numbers
    said = str(first) if first == last else f"{first}–{last}"
    width = max(1.5, ems(said) + 0.8) * em
    return Disc((moments[0] + moments[-1]) / 2, width, moments, said)


def _meet(one: Disc, other: Disc, apart: float) -> bool:
    return other.x - one.x < (one.width + other.width) / 2 + apart


class Lane(NamedTuple):
    """What stands below the time, and how high it is."""

    labels: tuple[Label, ...]
    ahead: tuple[Ahead, ...]
    height: float


def lane_below(
    view: View, due: Sequence[DueRound], time: TimeAxis, now: float | None, top: float, size: Size
) -> Lane:
    """Below the time: the moment of looking, and each round that is due or overdue."""
    em = size.em
    room = Room(Box(0, top, size.width, top + _ROWS_MAX * _ROW_EMS * em), em)
    rows = [top + (0.86 + _ROW_EMS * number) * em for number in range(_ROWS_MAX)]
    labels: list[Label] = []
    marks: list[Ahead] = []
    if now is not None:
        said = f"now {view.clock.time(view.as_of)}"
        labels += _in_a_row(room, said, now, rows, 0.0, Tone.NOW)
    for at, overdue in _due_moments(due, time).items():
        names = [one.label for one in due if one.due_at == at and one.state in AHEAD_STATES]
        state = "overdue since" if overdue else "due"
        said = f"{state} {view.clock.time(at)} {', '.join(names)}"
        found = _in_a_row(room, said, time.x(at), rows, 0.6 * em, Tone.SOFT)
        labels += found
        y = (found[0].y if found else rows[0]) - 0.36 * em
        room.take([box_around(time.x(at), y, 0.5 * em)])
        marks.append(Ahead(at, time.x(at), y, overdue))
    deepest = max((*(one.y for one in labels), *(one.y for one in marks)), default=None)
    height = 0.0 if deepest is None else deepest - top + 0.4 * em
    return Lane(tuple(labels), tuple(marks), height)


def _due_moments(due: Iterable[DueRound], time: TimeAxis) -> dict[datetime, bool]:
    """When something is due on the chart's time, each moment once, and whether it is overdue."""
    states: dict[datetime, bool] = {}
    for one in sorted(due, key=lambda each: each.due_at):
        if one.state in AHEAD_STATES and time.holds(one.due_at):
            overdue = one.state is RoundState.OVERDUE
            states[one.due_at] = states.get(one.due_at, False) or overdue
    return states


def _in_a_row(
    room: Room, said: str, x: float, rows: Sequence[float], side: float, tone: Tone
) -> list[Label]:
    places = [(x + side, y, "start") for y in rows] + [(x - side, y, "end") for y in rows]
    spot = room.place(said, places)
    return [] if spot is None else [Label(spot[0], spot[1], said, tone, spot[2])]
