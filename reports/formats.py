"""Every printed number, time and name: one way to write each, on screen and on paper.

R120 to R126 and R142 rule here. A slash is never printed in a unit, in prose or in a table's
head: ISMP's list of error-prone abbreviations has it taken for the digit 1, so "per" stands
everywhere. A number and its unit are joined by a no-break space, so that no line ends between them.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import NamedTuple
from zoneinfo import ZoneInfo

from protocol.rules import signature
from protocol.rules.charting import PersonRef, Weight
from protocol.rules.protocols import Concentration
from protocol.rules.quantity import Quantity

NOT_RECORDED = "Not recorded"
NO_BREAK = "\u00a0"
COMPUTED_DIGITS = 4

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# ISMP and R120: mcg for ug, units for IU, L upper-case. A score and a bare number have no unit.
_UNITS = {
    "ug": "mcg", "[iU]": "units", "m[iU]": "milliunits", "meq": "mEq", "umol": "micromol",
    "uL": "microlitre", "mm[Hg]": "mmHg", "Cel": "°C", "[degF]": "°F", "[lb_av]": "lb",
    "d": "days", "deg": "degrees", "{score}": "", "1": "",
}  # fmt: skip


def unit(code: str) -> str:
    """A UCUM code as it is printed: "ug/kg/min" is "mcg per kg per min" (R120, R123)."""
    parts = [_UNITS.get(part, part) for part in code.split("/")]
    return f"{NO_BREAK}per{NO_BREAK}".join(parts).strip(NO_BREAK)


def with_unit(number: str, code: str) -> str:
    """A printed number and its unit; a score stands alone."""
    named = unit(code)
    return f"{number}{NO_BREAK}{named}" if named else number


def measured(value: Decimal) -> str:
    """A measurement at its recorded precision, with a comma from 1,000 up: 37.0 keeps its zero."""
    return format(value, ",f")


def dose(value: Decimal) -> str:
    """A dose without trailing zeros, with a leading zero and commas, never an exponent (R121)."""
    text = format(value, ",f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def nearest(value: Decimal) -> Decimal:
    """A computed amount at COMPUTED_DIGITS significant digits, half to even.

    Whole units are never rounded away: 12,345.6 becomes 12,346, not 12,350. Only print rounds;
    the record keeps the exact value, and it is the exact values that are summed.
    """
    step = min(0, value.adjusted() - COMPUTED_DIGITS + 1)
    with localcontext() as context:
        context.prec = 60
        return value.quantize(Decimal(1).scaleb(step), rounding=ROUND_HALF_EVEN)


def computed(value: Decimal) -> str:
    """A computed amount as printed; where it stands, the word "computed" stands too (R2)."""
    return dose(nearest(value))


def percentage(part: Decimal, whole: Decimal) -> str:
    """A part of a whole in percent, half to even: whole, or with a tenth where that would be 0."""
    exact = part * 100 / whole
    rounded = exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return dose(rounded or exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN))


def change(first: Decimal, last: Decimal) -> str:
    """What a score changed by, and of what: scores are ordinal, so the percentage says what it is
    of, and there is none of nothing (R100)."""
    less, name = (first - last, "less") if last <= first else (last - first, "more")
    if not less:
        return "unchanged"
    if first <= 0:
        return f"{measured(less)} {name}, no percentage of {measured(first)}"
    return f"{percentage(less, first)}{NO_BREAK}% {name}: {measured(less)} of {measured(first)}"


def quantity(entered: Quantity) -> str:
    """A dose or a rate as it was entered, with its unit."""
    return with_unit(dose(entered.value), entered.unit)


def concentration(of: Concentration) -> str:
    """An amount per mL or in a volume, never a ratio or a percentage (R124)."""
    if of.volume.unit == "mL" and of.volume.value == 1:
        return f"{quantity(of.amount)}{NO_BREAK}per{NO_BREAK}mL"
    return f"{quantity(of.amount)} in {quantity(of.volume)}"


def kilograms(value: Decimal) -> str:
    """A weight at its recorded precision."""
    return with_unit(measured(value), "kg")


def weight(taken: Weight, clock: "Clock") -> str:
    """A weight with how and when it was taken (R126)."""
    return f"{kilograms(taken.value_kg)}, {taken.method} {clock.moment(taken.measured_at)}"


def day(value: date) -> str:
    """DD-Mmm-YYYY whatever the locale (R142)."""
    return f"{value.day:02d}-{_MONTHS[value.month - 1]}-{value.year:04d}"


def age(born_on: date, on: date) -> str:
    """Whole years; below two years whole months, below one month whole days (R142)."""
    months = (on.year - born_on.year) * 12 + on.month - born_on.month
    months -= on.day < born_on.day
    if months >= 24:
        return f"{months // 12}{NO_BREAK}y"
    if months >= 1:
        return counted(months, "month").replace(" ", NO_BREAK)
    return counted(max((on - born_on).days, 0), "day").replace(" ", NO_BREAK)


def duration(length: timedelta) -> str:
    """Hours, minutes and seconds, whole and without the zeros among them (R142)."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    said = [f"{number}{NO_BREAK}{name}" for number, name in parts if number]
    return " ".join(said) or f"0{NO_BREAK}min"


def person(ref: PersonRef) -> str:
    """A name with its credential as they were on the record at that moment (R25)."""
    return f"{ref.name}, {ref.credential}" if ref.credential else ref.name


def short_digest(digest: str) -> str:
    """The first eight digits of a digest, for the eye; the whole is in the signature block."""
    return signature.short_digest(digest).replace(" ", NO_BREAK)


def counted(number: int, one: str, many: str | None = None) -> str:
    """ "1 reading", "2 readings", "0 readings"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


class Clock(NamedTuple):
    """The clinic's wall clock: the zone is said once, and one day goes without saying (R142)."""

    zone: ZoneInfo
    said: str
    today: date

    def local(self, moment: datetime) -> datetime:
        """The moment on the clinic's wall."""
        return moment.astimezone(self.zone)

    def day(self, moment: datetime) -> str:
        """The date alone."""
        return day(self.local(moment).date())

    def time(self, moment: datetime) -> str:
        """24-hour HH:MM, cut to the minute; the date too where it is not the session's day."""
        local = self.local(moment)
        if local.date() != self.today:
            return self.moment(moment)
        return f"{local:%H:%M}{self._fold(local)}"

    def moment(self, moment: datetime) -> str:
        """Date and time."""
        local = self.local(moment)
        return f"{day(local.date())} {local:%H:%M}{self._fold(local)}"

    def zoned(self, moment: datetime) -> str:
        """Date and time with offset and zone, as a signature says them (R25)."""
        local = self.local(moment)
        return f"{day(local.date())} {local:%H:%M} {offset(local)} ({self.said})"

    @staticmethod
    def _fold(local: datetime) -> str:
        """The offset, only in the hour that summer time's end repeats: 01:30 comes twice."""
        twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
        return f" {offset(local)}" if twice else ""


def offset(local: datetime) -> str:
    """UTC+01:00."""
    shift = local.utcoffset() or timedelta()
    minutes = int(abs(shift).total_seconds()) // 60
    return f"UTC{'-' if shift < timedelta() else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def clock_of(zone: str, moment: datetime) -> Clock:
    """The clock of an IANA zone, with the day of that moment as the day that goes unsaid.

    A zone that this machine does not know is printed as UTC, and that is said: a sheet with
    true times is better than none.
    """
    try:
        known, said = ZoneInfo(zone), zone
    except (KeyError, ValueError, OSError):
        known, said = ZoneInfo("UTC"), f"UTC, as the zone {zone} is unknown here"
    return Clock(known, said, moment.astimezone(known).date())


def words(value: str) -> str:
    """A term of the record in plain words: "in-progress" and "resolvedWithSequelae"."""
    apart = "".join(f" {one.lower()}" if one.isupper() else one for one in value)
    return apart.replace("-", " ")


def sentence_case(value: str) -> str:
    """The first letter upper-case, the rest as it is."""
    return value[:1].upper() + value[1:]
