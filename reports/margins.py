"""How much room a page's head and foot take, and what is left on page one for the chart.

CSS cannot grow a page's margin with what stands in it, and a name is never cut off, so lines are
reckoned here from the widths of letters, with a line to spare.
"""

from reports.chart_shapes import PAPER, Size
from reports.sheet import Banner, Cell, Figure, Summary, letters

NAME_MAX = 60  # A longer name is set smaller, and never cut off (R141).
TEXT_WIDTH_MM = 180
_PAGE_HEIGHT_MM = {"A4": 297, "Letter": 279}
_TEXT_WIDTH_PT = {"A4": 510, "Letter": 527}
_FIGURES_A_ROW = 4
NOTES_BY = " · "
_POINT_MM = 25.4 / 72
# The heights that summary.css gives, in mm: a line of facts, a small line, a figure's value.
_FACT_MM, _SMALL_MM, _VALUE_MM = 4.05, 3.57, 5.93
_TITLE_MM, _HEADING_MM, _NOTE_MM = 8.5, 9.4, 1.2
_LABEL_MM, _LOGO_MM, _CODE_MM = 26.0, 13.0, 23.0


def margins_mm(banner: Banner, foot: tuple[str, ...]) -> tuple[int, int]:
    """Room for the banner and the foot in mm; a line to spare is in both."""
    allergies = _lines(_ems(f"Allergies {banner.allergies}") * 3.0, TEXT_WIDTH_MM)
    return 20 + banner_mm(banner) + 4 * allergies, 12 + 3 * foot_lines(foot)


def banner_mm(banner: Banner) -> int:
    """How high the patient's line is, in mm."""
    name_mm = 3.2 if len(banner.name) > NAME_MAX else 4.6
    facts = " ".join(f"{one.label}  {letters(one.value)}" for one in banner.facts)
    return 6 * _lines(_ems(banner.name) * name_mm + _ems(facts) * 3.0, TEXT_WIDTH_MM)


def foot_lines(foot: tuple[str, ...]) -> int:
    """How many lines the foot has."""
    return sum(_lines(_ems(line) * 2.3, TEXT_WIDTH_MM * 0.85) for line in foot)


def chart_size(sheet: Summary, note_lines: int = 1) -> Size:
    """The chart's size on paper, with as much height as page one leaves it and its notes."""
    top, bottom = margins_mm(sheet.banner, sheet.foot)
    body = _PAGE_HEIGHT_MM[sheet.page_size] - top - bottom
    facts = sum(_lines(_ems(letters(one.value)) * 3.0, TEXT_WIDTH_MM - _LABEL_MM - _CODE_MM)
                for one in sheet.facts)  # fmt: skip
    head = _letterhead_mm(sheet) + _TITLE_MM + _FACT_MM * facts + 3 + _figures_mm(sheet)
    below = _NOTE_MM + _SMALL_MM * note_lines
    room = (body - head - _HEADING_MM - below) / _POINT_MM
    return PAPER._replace(width=_TEXT_WIDTH_PT[sheet.page_size], room=room)


def note_lines(notes: tuple[str, ...]) -> int:
    """How many lines the chart's notes take."""
    return _lines(_ems(NOTES_BY.join(notes)) * 2.5, TEXT_WIDTH_MM)


def _letterhead_mm(sheet: Summary) -> float:
    head = sheet.letterhead
    if head is None:
        return 0.0
    return max(_SMALL_MM * len(head.lines), _LOGO_MM if head.logo else 0.0) + 3


def _figures_mm(sheet: Summary) -> float:
    return _rows_mm([one for one in sheet.figures if not one.brief], _VALUE_MM) + _rows_mm(
        [one for one in sheet.figures if one.brief], 0.0
    )


def _rows_mm(figures: list[Figure], value_mm: float) -> float:
    rows = [
        figures[start : start + _FIGURES_A_ROW] for start in range(0, len(figures), _FIGURES_A_ROW)
    ]
    width = TEXT_WIDTH_MM / _FIGURES_A_ROW - 4
    return sum(
        2 + value_mm + _SMALL_MM * (1 + max(_detail_lines(one.detail, width) for one in row))
        for row in rows
    )


def _detail_lines(detail: Cell, width_mm: float) -> int:
    return _lines(_ems(letters(detail)) * 2.5, width_mm)


def _lines(width_mm: float, room_mm: float) -> int:
    return 1 + int(width_mm // room_mm)


def _ems(words: str) -> float:
    """The width of a line in ems of Inter's bold, letters of other scripts as wide as high."""
    return sum(_em(one) for one in words)


def _em(letter: str) -> float:
    if letter in " .,:;·'-il":
        return 0.3
    if not letter.isascii() or letter in "WM":
        return 1.05
    return 0.75 if letter.isupper() else 0.6
