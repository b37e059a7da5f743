"""Whether a printed sheet says what its record says: every number derived anew and found (R163).

The record is set as HTML once more, without paper, and its numbers are looked for in the text of
the pages, one after the other. A number that is on the paper and not in the record is found as
well: between two that were derived there is no digit but those of the banner, the foot and a
table's repeated heads. What was typed in a script of another direction may come in another order.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from typing import NamedTuple
from unicodedata import bidirectional

_DIGIT = re.compile(r"[0-9]")
_NUMBER = re.compile(r"[0-9]+(?:[.,:][0-9]+)*")
_SPACE = re.compile(r"[\s\u200b\u200c\u200d\u00ad]+")
_UNDRAWN = frozenset({"title", "desc", "style", "script", "head"})
_RUNNING = frozenset({"header", "footer"})
_EMPTY = frozenset({"br", "wbr", "col", "meta", "img", "link"})
_LEFTWARDS = frozenset({"R", "AL", "RLE", "RLO", "RLI"})
_LONG = 800  # letters in one cell of the narrowest column run over a page from about here
_SHOWN_MAX = 40


class _Numbers(NamedTuple):
    """What the HTML says: in its order, what may stand anywhere, and whole on every page."""

    in_order: list[str]
    anywhere: set[str]
    running: list[str]
    has_long: bool


def differences(html: str, pages: Sequence[str], drawn: Sequence[str] = ()) -> list[str]:
    """The first number that is not on the paper, or that is there and is not the record's.

    `drawn` are the words of the chart, which is painted before the text that stands around it. A
    cell that may run over a page is read page by page, so that what stands beside it comes in
    between: where there is one, each digit must at least be there as often as it was derived.
    """
    derived = _numbers_of(html)
    text = "".join(
        _without_running(_bare(page), number, len(pages), derived.running)
        for number, page in enumerate(pages, 1)
    )
    whole = _bare("".join(drawn))
    if whole not in text:
        return ["the chart's words are not printed as they are drawn"]
    text = text.replace(whole, "\0", 1)
    found = list(_in_order(derived, text))
    return [] if derived.has_long and not _miscounted(derived, text) else found


def _in_order(derived: _Numbers, text: str) -> Iterator[str]:
    place = 0
    for one in derived.in_order:
        found = text.find(one, place)
        if found < 0:
            yield f"{one} of the record is not printed where it belongs"
            return
        yield from _strange(text[place:found], derived.anywhere)
        place = found + len(one)
    yield from _strange(text[place:], derived.anywhere)


def _miscounted(derived: _Numbers, text: str) -> bool:
    """Whether some digit is printed less often than derived, or so often that no repeated head and
    no text of another direction explains it."""
    wanted = Counter(_DIGIT.findall("".join(derived.in_order)))
    printed = Counter(_DIGIT.findall(text))
    free = set(_DIGIT.findall("".join(derived.anywhere)))
    return bool(wanted - printed) or not set(printed - wanted) <= free


def _strange(between: str, anywhere: set[str]) -> Iterator[str]:
    if not _DIGIT.search(between):
        return
    for word in sorted(anywhere, key=len, reverse=True):
        between = between.replace(word, "\0")
    if found := _DIGIT.search(between):
        start = max(found.start() - _SHOWN_MAX // 2, 0)
        yield f"{between[start : start + _SHOWN_MAX]!r} is printed and is not the record's"


def _without_running(page: str, number: int, pages: int, running: Sequence[str]) -> str:
    for one in (f"Page{number}of{pages}", *running):
        if one:
            page = page.replace(one, "\0", 1)
    return page


def _bare(words: str) -> str:
    return _SPACE.sub("", words)


def _numbers_of(html: str) -> _Numbers:
    reader = _Reader()
    reader.feed(html)
    return reader.numbers()


class _Reader(HTMLParser):
    """The texts of a sheet's HTML with what stands around each."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self._lines: list[str] = []
        self._in_order: list[str] = []
        self._anywhere: set[str] = set()
        self._longest = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _EMPTY:
            self._open.append(tag)
        if tag == "p" and _RUNNING & set(self._open):
            self._lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        around = set(self._open)
        if around & _UNDRAWN:
            return
        found = _NUMBER.findall(data)
        self._longest = max(self._longest, len(data))
        leftwards = any(bidirectional(one) in _LEFTWARDS for one in data)
        if around & _RUNNING:
            if self._lines:
                self._lines[-1] += data
            self._anywhere.update(found if leftwards else ())
        elif leftwards:
            self._anywhere.update(found)
        else:
            self._in_order += found
            self._anywhere.update(found if "thead" in around else ())

    def numbers(self) -> _Numbers:
        """The numbers, by where they may stand."""
        lines = [_bare(one) for one in self._lines]
        return _Numbers(self._in_order, self._anywhere, lines, self._longest > _LONG)
