"""What runs along the chart: phases, numbered events, the time, and the rounds that are due."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from protocol.rules.schedule import DueRound, RoundState
from reports.chart_axes import TimeAxis
from reports.chart_labels import Box, Room, ems, in_lines
from reports.chart_shapes import Ahead, Band, Disc, Label, Tone
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


def ahead(due: Iterable[DueRound], time: TimeAxis) -> tuple[Ahead, ...]:
    """The rounds that are due or will be, each moment once; one that is overdue is told apart."""
    states: dict[datetime, bool] = {}
    for one in due:
        if one.state in AHEAD_STATES and time.holds(one.due_at):
            overdue = one.state is RoundState.OVERDUE
            states[one.due_at] = states.get(one.due_at, False) or overdue
    return tuple(Ahead(at, time.x(at), overdue) for at, overdue in sorted(states.items()))


class Lane(NamedTuple):
    """Labels in rows, and how high the rows are together."""

    labels: tuple[Label, ...]
    height: float


def lane_below(
    view: View, due: Sequence[DueRound], time: TimeAxis, now: float | None, top: float, em: float
) -> Lane:
    """Below the time: the moment of looking, and what is due when."""
    said_now = f"now {view.clock.time(view.as_of)}"
    wanted = [] if now is None else [(now, said_now, Tone.NOW)]
    for one in ahead(due, time):
        names = [each.label for each in due if each.due_at == one.due_at
                 and each.state in AHEAD_STATES]  # fmt: skip
        state = "overdue since" if one.overdue else "due"
        said = f"{state} {view.clock.time(one.due_at)} {', '.join(names)}"
        wanted.append((one.x, said, Tone.SOFT))
    room = Room(Box(0, top, time.right + 12 * em, top + _ROWS_MAX * _ROW_EMS * em), em)
    rows = [top + (0.86 + _ROW_EMS * number) * em for number in range(_ROWS_MAX)]
    found = []
    for x, said, tone in wanted:
        side = 0.55 * em if tone is Tone.SOFT else 0.0
        places = [(x + side, y, "start") for y in rows] + [(x - side, y, "end") for y in rows]
        spot = room.place(said, places)
        if spot is not None:
            found.append(Label(spot[0], spot[1], said, tone, spot[2]))
    deepest = max((one.y for one in found), default=top)
    return Lane(tuple(found), deepest - top + 0.3 * em if found else 0.0)
