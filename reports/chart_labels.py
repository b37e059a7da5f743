"""Where words may stand on the chart: the first free place of a few, the same every time (R147).

Widths are reckoned from the letters of Inter at their widest, so that what fits here fits in the
layout engine, in a browser, and in a font that stands in for Inter.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

# Thousandths of an em in Inter's semibold with tabular digits, at or above each letter's width.
_WIDTHS = {
    letter: width
    for width, letters in (
        (300, " '.,:;Iijl·\u00a0"), (400, '!"()/[\\]frt{|}'), (550, "-^_`–°*?s"),
        (600, "7FJLacekvxyz"), (660, "#$0123456789EPSbdghnopqu"), (750, "&+<=>BKRTXZ~×ACDHNUVY"),
        (850, "GOQ%w"), (950, "mM"),
    )
    for letter in letters
}  # fmt: skip
_WIDEST = 1050


def ems(words: str) -> float:
    """How wide words are at most, in the height of their letters."""
    return sum(_WIDTHS.get(letter, _WIDEST) for letter in words) / 1000


class Box(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether two rectangles share any room."""
        return (
            self.left < other.right and other.left < self.right
            and self.top < other.bottom and other.top < self.bottom
        )  # fmt: skip

    def within(self, other: "Box") -> bool:
        """Whether this one lies inside of the other."""
        return (
            other.left <= self.left and self.right <= other.right
            and other.top <= self.top and self.bottom <= other.bottom
        )  # fmt: skip


def box_around(x: float, y: float, half: float) -> Box:
    """A mark's room."""
    return Box(x - half, y - half, x + half, y + half)


class Room:
    """A pane's room for words: what is taken is not given twice."""

    def __init__(self, bounds: Box, em: float) -> None:
        self.bounds, self.em = bounds, em
        self.taken: list[Box] = []
        self.avoided: list[Box] = []

    def take(self, boxes: Iterable[Box]) -> None:
        """Room of marks: no word stands here."""
        self.taken += boxes

    def avoid(self, boxes: Iterable[Box]) -> None:
        """Room of lines: a word stands here only where it fits nowhere else."""
        self.avoided += boxes

    def place(
        self, words: str, places: Sequence[tuple[float, float, str]]
    ) -> tuple[float, float, str] | None:
        """The first of the places (x, base line, anchor) that is free, which is then taken."""
        boxes = [(one, self.box(words, *one)) for one in places]
        for avoided in (self.avoided, []):
            for one, box in boxes:
                if box.within(self.bounds) and not _any(box, self.taken) and not _any(box, avoided):
                    self.taken.append(box)
                    return one
        return None

    def box(self, words: str, x: float, y: float, anchor: str) -> Box:
        """The room that words take: from the top of a capital to the base line."""
        width = ems(words) * self.em
        left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        return Box(left, y - 0.76 * self.em, left + width, y + 0.04 * self.em)


def _any(box: Box, others: Iterable[Box]) -> bool:
    return any(box.meets(other) for other in others)


def around(x: float, y: float, half: float, em: float) -> list[tuple[float, float, str]]:
    """Places about a mark: above it, below, right, left, then aslant."""
    near, middle = half + 0.16 * em, y + 0.36 * em
    above, below = y - near, y + near + 0.73 * em
    return [
        (x, above, "middle"), (x, below, "middle"), (x + near, middle, "start"),
        (x - near, middle, "end"), (x + half, above, "start"), (x - half, above, "end"),
        (x + half, below, "start"), (x - half, below, "end"),
    ]  # fmt: skip


def along(points: Sequence[tuple[float, float]], half: float) -> list[Box]:
    """A line's room, in pieces as long as they are high at most."""
    found = []
    for (x, y), (to_x, to_y) in pairwise(points):
        pieces = max(1, int(max(abs(to_x - x), abs(to_y - y)) / (4 * half)))
        for number in range(pieces):
            a, b = number / pieces, (number + 1) / pieces
            ys = (y + (to_y - y) * a, y + (to_y - y) * b)
            found.append(
                Box(x + (to_x - x) * a, min(ys) - half, x + (to_x - x) * b, max(ys) + half)
            )
    return found


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Places in rising order at least `apart`, as near as can be to those wanted, between two ends.

    Neighbours that meet are moved as one group, to the mean of what they want.
    """
    groups: list[list[float]] = []
    for one in wanted:
        groups.append([one])
        while len(groups) > 1 and _first(groups[-1], apart, low, high) < (
            _first(groups[-2], apart, low, high) + len(groups[-2]) * apart
        ):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [
        _first(group, apart, low, high) + number * apart
        for group in groups
        for number in range(len(group))
    ]


def _first(group: Sequence[float], apart: float, low: float, high: float) -> float:
    """Where a group begins that stands around the mean of what its members want."""
    centre = sum(group) / len(group) - (len(group) - 1) * apart / 2
    return max(low, min(centre, high - (len(group) - 1) * apart))


def in_lines(words: str, width: float) -> list[str]:
    """Words in lines of so many ems; a word that is longer has a line of its own."""
    found: list[str] = []
    for word in words.split(" "):
        if found and ems(f"{found[-1]} {word}") <= width:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found
