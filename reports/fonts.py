"""The letters of every sheet: open fonts (SIL OFL) of registry packages, the same everywhere.

The packages hold variable fonts. WeasyPrint would write the time of day into each instance that it
makes of one, so the weights are cut here with HarfBuzz, whose wheel brings its own library: the
same versions give the same bytes wherever they run (R164). Inter sets everything that it has
letters for. What it lacks is looked for in the Noto fonts, of which only the letters in use are
cut out. What these lack too is left to the fonts of the machine, and the sheet says which letters
no font has.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from unicodedata import category

FAMILY = "Chairside"
BOX = "\u25a1"  # stands for a letter that no font has
WEIGHTS = (400, 600, 700)
_MORE_WEIGHTS = (400, 700)
_OPTICAL_SIZE = 14  # Inter's own text size; its display cuts are for headlines
_INTER = ("fontpkg_inter", "files/Inter[opsz,wght].ttf")
_NOTO = "manimgx_fonts"
_CJK = ("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc")
# One file holds the forms of each tradition. Kana and Hangul say which are meant; Han alone does
# not, and is set in the simplified Chinese forms.
_JAPANESE, _KOREAN, _CHINESE = 0, 1, 2
# In this order a letter that several have is taken from the first.
_SCRIPTS = (
    "NotoSans[wght].ttf", "NotoSansHebrew[wght].ttf", "NotoSansArabic[wght].ttf",
    "NotoSansArmenian[wght].ttf", "NotoSansGeorgian[wght].ttf", "NotoSansDevanagari[wght].ttf",
    "NotoSansBengali[wght].ttf", "NotoSansGujarati[wght].ttf", "NotoSansGurmukhi[wght].ttf",
    "NotoSansTamil[wght].ttf", "NotoSansTelugu[wght].ttf", "NotoSansKannada[wght].ttf",
    "NotoSansMalayalam[wght].ttf", "NotoSansOriya[wght].ttf", "NotoSansSinhala[wght].ttf",
    "NotoSansThai[wght].ttf", "NotoSansLao[wght].ttf", "NotoSansKhmer[wght].ttf",
    "NotoSansMyanmar[wght].ttf", "NotoSansEthiopic[wght].ttf", "NotoSansSymbols[wght].ttf",
    "NotoEmoji[wght].ttf",
)  # fmt: skip
# A few letters of each script that names come in, for `doctor` to look for.
SCRIPTS = {
    "Latin": "AzÅşĐ", "Greek": "Αωΰ", "Cyrillic": "ЖяЇґ", "Arabic": "محمدپ", "Hebrew": "שלוםץ",
    "Chinese": "王小明龍", "Japanese": "田中たろうケ", "Korean": "김민준", "Devanagari": "नमस्ते",
    "Thai": "สมชาย", "Armenian": "Հայկ", "Georgian": "გიორგი", "Ethiopic": "አበበ",
}  # fmt: skip


class Face(NamedTuple):
    """A font file in memory: the family and weight that a sheet's style knows it by."""

    family: str
    weight: int
    content: bytes


class Typeset(NamedTuple):
    """The faces for some text, and the letters that none of them has."""

    faces: tuple[Face, ...]
    lacking: tuple[str, ...]

    @property
    def families(self) -> tuple[str, ...]:
        """The families in the order in which a letter is looked for."""
        return tuple(dict.fromkeys(one.family for one in self.faces))


class _Source(NamedTuple):
    """A bundled variable font."""

    path: Path
    face: int = 0


def typeset(text: str) -> Typeset:
    """The faces that a text is set in."""
    others = "" if text.isascii() else "".join(sorted(_beyond_inter(text)))
    return _typeset(others)


@lru_cache(maxsize=64)
def _typeset(others: str) -> Typeset:
    if not others:
        return Typeset(_inter(), ())
    left, more = set(others), []
    for place, source in enumerate(_sources(others)):
        found = left & _letters(source)
        if found:
            family = f"{FAMILY} {place}"
            more += [Face(family, one, _cut(source, one, found)) for one in _MORE_WEIGHTS]
            left -= found
    return Typeset((*_inter(), *more), tuple(sorted(left)))


def _beyond_inter(text: str) -> set[str]:
    known = _letters(_Source(_file(*_INTER)))
    return {one for one in set(text) if one not in known and not _invisible(one)}


def _invisible(letter: str) -> bool:
    """Control, format and space characters, and marks that pick a glyph's variant, draw nothing."""
    return category(letter)[0] in "CZ" or "\ufe00" <= letter <= "\ufe0f"


def _sources(letters: Iterable[str]) -> Iterator[_Source]:
    for name in _SCRIPTS[:-2]:
        yield _Source(_file(_NOTO, name))
    yield _Source(_file(*_CJK), _tradition(letters))
    for name in _SCRIPTS[-2:]:
        yield _Source(_file(_NOTO, name))


def _tradition(letters: Iterable[str]) -> int:
    for one in letters:
        if "\u3040" <= one <= "\u30ff":
            return _JAPANESE
        if "\uac00" <= one <= "\ud7a3" or "\u1100" <= one <= "\u11ff":
            return _KOREAN
    return _CHINESE


@cache
def _file(package: str, name: str) -> Path:
    return Path(str(files(package))) / name


@cache
def _letters(source: _Source) -> frozenset[str]:
    import uharfbuzz

    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(source.path)), source.face)
    return frozenset(map(chr, face.unicodes))


@cache
def _inter() -> tuple[Face, ...]:
    return tuple(Face(FAMILY, one, _cut(_Source(_file(*_INTER)), one)) for one in WEIGHTS)


def _cut(source: _Source, weight: int, letters: Iterable[str] = ()) -> bytes:
    """One weight of a variable font as a font of its own: whole, or for some letters alone."""
    import uharfbuzz

    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(source.path)), source.face)
    wanted = uharfbuzz.SubsetInput()
    if letters:
        # Pango takes the space between two words from the words' own font.
        wanted.unicode_set.update(map(ord, (*letters, *" \u00a0\u200c\u200d")))
    else:
        wanted.keep_everything()
    axes = {"wght": weight, "opsz": _OPTICAL_SIZE}
    for axis in face.axis_infos:
        wanted.pin_axis_location(face, axis.tag, axes.get(axis.tag, axis.default_value))
    # PDF knows no CFF2 font, which is what the Chinese and Japanese one is.
    wanted.flags |= uharfbuzz.SubsetFlags.DOWNGRADE_CFF2
    return bytes(uharfbuzz.subset(face, wanted).blob.data)


def lacking_said(lacking: Sequence[str]) -> str:
    """The letters that no font here has, as a sheet, the program and `doctor` name them."""
    named = ", ".join(f"U+{ord(one):04X}" for one in lacking[:12])
    more = f" and {len(lacking) - 12} more" if len(lacking) > 12 else ""
    return f"No font for {named}{more}: an empty box stands for each." if lacking else ""
