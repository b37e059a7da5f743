"""The shapes that every value takes on its way in: exact numbers, plain text, instants with zone.

Each rule gives its own error code and sentence, so that a problem names field, value and rule.
"""

import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

EXACT_PATTERN = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"
COMPUTED_PATTERN = r"^-?[0-9]{1,90}(\.[0-9]{1,15})?$"
CODE_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# As described to clients: no control characters, and one character at least that is no space.
PROSE_PATTERN = (
    r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*"
    r"[^\u0000-\u001f\u007f-\u009f\s]"
    r"[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$"
)
LINE_PATTERN = (
    r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*"
    r"[^\u0000-\u001f\u007f-\u009f\s]"
    r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"
)
LINE_CHARACTERS_MAX = 400
PROSE_CHARACTERS_MAX = 20_000
INSTANT_YEAR_MIN, INSTANT_YEAR_MAX = 1900, 2200

_EXACT = re.compile(EXACT_PATTERN)
_COMPUTED = re.compile(COMPUTED_PATTERN)
_CODE = re.compile(CODE_PATTERN)
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
# C0 and C1 controls, of which prose keeps tab and line feed; lone surrogates cannot be encoded.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("[\n\t\u2028\u2029]")


def _exact(value: Any) -> Decimal:  # noqa: ANN401 - the input of a validator has any type
    """Take a decimal number from text alone; a float has already lost its digits (R121, R122)."""
    return _decimal(value, _EXACT)


def _computed(value: Any) -> Decimal:  # noqa: ANN401 - the input of a validator has any type
    return _decimal(value, _COMPUTED)


def _decimal(value: Any, pattern: re.Pattern[str]) -> Decimal:  # noqa: ANN401 - as its callers
    if isinstance(value, Decimal):
        value = format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, bool | int | float):
        raise PydanticCustomError(
            "number_not_text", "A number is taken as text, in quotes, to keep its exact digits."
        )
    if not isinstance(value, str):
        raise PydanticCustomError("number_not_text", "A number is taken as text.")
    if "," in value:
        raise PydanticCustomError(
            "ambiguous_separator", "A comma in a number is ambiguous; the decimal mark is a point."
        )
    if not pattern.fullmatch(value):  # `$` alone would let a last line feed through
        raise PydanticCustomError(
            "not_a_decimal",
            "A number is up to 15 digits, then optionally a point and up to 15 digits.",
        )
    number = Decimal(value)
    return number or number.copy_abs()  # there is no dose of "-0"


def _text(value: str, characters_max: int, lines: bool) -> str:
    if _SURROGATE.search(value):
        raise PydanticCustomError("lone_surrogate", "The text holds half a character (surrogate).")
    if _CONTROL.search(value) or (not lines and _LINE_ENDS.search(value)):
        raise PydanticCustomError("control_character", "The text holds a control character.")
    if not any(character.isprintable() and not character.isspace() for character in value):
        raise PydanticCustomError("blank", "The text is blank.")
    if len(value) > characters_max:
        raise PydanticCustomError(
            "too_long", "The text is longer than {most} characters.", {"most": characters_max}
        )
    return value


def _line(value: str) -> str:
    return _text(value, LINE_CHARACTERS_MAX, lines=False)


def _prose(value: str) -> str:
    # A page's text area sends CR LF (HTML's form submission); the record keeps LF.
    return _text(value.replace("\r\n", "\n"), PROSE_CHARACTERS_MAX, lines=True)


def _code(value: str) -> str:
    if not _CODE.fullmatch(value) or len(value) > 80:
        raise PydanticCustomError(
            "not_a_code", "A code is lower-case letters and digits, joined by single hyphens."
        )
    return value


def _time_text(value: Any) -> Any:  # noqa: ANN401 - the input of a validator has any type
    if not isinstance(value, str | datetime):
        raise PydanticCustomError("time_not_text", "A time is ISO 8601 text with its zone.")
    # Pydantic reads "1700000000" as seconds since 1970, as it does the number.
    if isinstance(value, str) and not _DAY.match(value):
        raise PydanticCustomError("time_not_text", "A time is ISO 8601 text with its zone.")
    return value


def _day_text(value: Any) -> Any:  # noqa: ANN401 - the input of a validator has any type
    if isinstance(value, datetime) or not isinstance(value, str | date):
        raise PydanticCustomError("day_not_text", "A day is text: year, month and day.")
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticCustomError("day_not_text", "A day is text: year, month and day.")
    return value


def _instant(value: datetime) -> datetime:
    if not INSTANT_YEAR_MIN <= value.year <= INSTANT_YEAR_MAX:
        raise PydanticCustomError(
            "year_out_of_range",
            "The year lies outside {first} to {last}.",
            {"first": INSTANT_YEAR_MIN, "last": INSTANT_YEAR_MAX},
        )
    offset = value.utcoffset() or timedelta()
    if offset.total_seconds() % 60:
        raise PydanticCustomError("zone_not_in_minutes", "The zone offset is in whole minutes.")
    # Two times in one named zone subtract as wall clocks, an hour off over a change to summer time.
    return value.replace(tzinfo=timezone(offset), fold=0)


def plain(value: Decimal) -> str:
    """The digits as entered, never in exponent form: Decimal('1E+2') gives '100' (R121)."""
    return format(value, "f")


Exact = Annotated[
    Decimal,
    BeforeValidator(_exact),
    PlainSerializer(plain, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": EXACT_PATTERN, "examples": ["0"]}),
]
"""An exact decimal, taken and given as text: no float, NaN, infinity, exponent or comma."""

Computed = Annotated[
    Decimal,
    BeforeValidator(_computed),
    PlainSerializer(plain, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": COMPUTED_PATTERN, "examples": ["0"]}),
]
"""A result of exact arithmetic: as `Exact`, with more digits than anyone may enter."""

Line = Annotated[
    str,
    AfterValidator(_line),
    WithJsonSchema(
        {"type": "string", "pattern": LINE_PATTERN, "maxLength": LINE_CHARACTERS_MAX},
    ),
]
"""One line of text without control characters, not blank."""

Prose = Annotated[
    str,
    AfterValidator(_prose),
    WithJsonSchema(
        {"type": "string", "pattern": PROSE_PATTERN, "maxLength": PROSE_CHARACTERS_MAX},
    ),
]
"""Text of several lines, kept as typed."""

Code = Annotated[
    str,
    AfterValidator(_code),
    WithJsonSchema({"type": "string", "pattern": CODE_PATTERN, "maxLength": 80}),
]
"""A short name inside a document: `heart-rate`, `infusion`, `line-1`."""

Instant = Annotated[AwareDatetime, BeforeValidator(_time_text), AfterValidator(_instant)]
"""A moment with its zone offset, from 1900 to 2200; numbers and naive times are refused."""

Day = Annotated[date, BeforeValidator(_day_text)]
"""A calendar day as text; a number would be taken for seconds since 1970."""


class Shape(BaseModel):
    """A frozen value of the rules: unknown fields are refused, nothing is coerced silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")
