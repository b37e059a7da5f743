"""How much room the banner and the foot of a sheet need.

CSS cannot grow a page's margin with what stands in it, and a name is never cut off (R141), so the
lines are reckoned here; a line to spare is in each.
"""

from collections.abc import Sequence

from reports.sheet import Banner, Listing, Summary, letters

NAME_MAX = 60  # A longer name is set smaller, and never cut off (R141).
_TEXT_WIDTH_MM = 180


def margins(sheet: Summary) -> tuple[int, int]:
    """The page's margins at the top and at the bottom in mm."""
    who = _lines(_banner_mm(sheet.banner), _TEXT_WIDTH_MM)
    allergies = _lines(_ems(f"Allergies {sheet.banner.allergies}") * 3.0, _TEXT_WIDTH_MM)
    return 20 + 6 * who + 4 * allergies, _foot_mm(sheet.foot)


def listing_margins(sheet: Listing) -> tuple[int, int]:
    """The same of a list, which may be of no patient."""
    banner = 0 if sheet.banner is None else 6 * _lines(_banner_mm(sheet.banner), _TEXT_WIDTH_MM)
    return 20 + banner, _foot_mm(sheet.foot)


def _foot_mm(foot: Sequence[str]) -> int:
    return 12 + 3 * sum(_lines(_ems(line) * 2.3, _TEXT_WIDTH_MM * 0.85) for line in foot)


def _banner_mm(banner: Banner) -> float:
    name_mm = 3.2 if len(banner.name) > NAME_MAX else 4.6
    facts = " ".join(f"{one.label}  {letters(one.value)}" for one in banner.facts)
    return _ems(banner.name) * name_mm + _ems(facts) * 3.0


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
