"""Reading a table of vials: CSV, one row a vial from which a charted infusion was drawn.

What is read is held against the shapes of the commands, an infusion's vials as a whole, so that
one spoiled row enters none of them. Whether there was so much in a vial the ledger alone decides.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from api.documents import shaped
from api.replay_clinic import SPACE
from api.replay_rows import Refused, cells_of, moment_of, some_zoned, zoned
from protocol.rules.custody import LocationIn, ProductIn, Supplier
from protocol.rules.errors import Impossible, InvalidShape, Refusal
from protocol.rules.quantity import Quantity
from protocol.rules.signature import digest_of
from protocol.rules.values import Day, Line, Prose, Shape

VIAL_COLUMNS = (
    "infusion", "vial", "location", "drug", "form", "strength", "strength_unit", "strength_volume",
    "strength_volume_unit", "size", "size_unit", "lot", "expires", "supplier", "received_at",
    "drawn_at", "drawn", "drawn_unit", "wasted_at", "wasted", "wasted_unit", "manner", "witness",
)  # fmt: skip
# A register of locations has an address (R80); where the table has none, the record says so.
_NO_ADDRESS = "not in the source"
_TIMES = ("received_at", "opened_at", "drawn_at", "wasted_at")
_NEEDED = ("received_at", "drawn_at")


class Vial(Shape):
    """One vial as the table has it: what it was, and what was done with it, in that order."""

    line: int
    infusion: Line
    vial: Line
    zoned: bool
    location: LocationIn
    product: ProductIn
    lot: Line
    expires_on: Day
    supplier: Supplier
    serial: Line | None
    label_lot: Line | None
    received_at: datetime
    opened_at: datetime | None
    drawn_at: datetime
    drawn: Quantity
    wasted_at: datetime | None
    wasted: Quantity | None
    manner: Line | None
    witness: Line | None
    reason: Prose | None
    left: Quantity | None

    @property
    def ended_at(self) -> datetime:
        """When the last thing that the table tells was done with it."""
        return self.wasted_at or self.drawn_at


class Vials(NamedTuple):
    """The vials of one infusion, in the order of the table."""

    name: str
    vials: tuple[Vial, ...]


def read_vials(content: bytes) -> list[Vials | Refused]:
    """The vials of every infusion that a table names, in its order. Raises NotAFile."""
    cells: dict[str, list[tuple[int, dict[str, str] | None]]] = {}
    for line, name, values in cells_of(content, VIAL_COLUMNS):
        cells.setdefault(name, []).append((line, values))
    return [_vials(name, rows) for name, rows in cells.items()]


def _vials(name: str, cells: list[tuple[int, dict[str, str] | None]]) -> Vials | Refused:
    found: dict[str, Vial] = {}
    line = cells[0][0]
    try:
        for number, values in cells:
            line = number
            one = _vial(number, values)
            if one.vial in found:
                raise InvalidShape(f"Vial {one.vial} is there twice.", field="vial")
            found[one.vial] = one
    except Refusal as refusal:
        return Refused(name, line, refusal)
    return Vials(name, tuple(found.values()))


def _vial(line: int, values: dict[str, str] | None) -> Vial:
    if values is None:
        raise InvalidShape("The line has more or fewer fields than the header.")
    times = {name: values[name] for name in _TIMES if values.get(name) or name in _NEEDED}
    one = shaped(
        Vial,
        {
            "line": line,
            "zoned": zoned(next(iter(times.values()))),
            "location": _location(values),
            "product": _product(values),
            "expires_on": values["expires"],
            "supplier": {"name": values["supplier"]},
            **{name: values[name] for name in ("infusion", "vial", "lot")},
            **dict.fromkeys(_TIMES),
            **{name: moment_of(name, text) for name, text in times.items()},
            **{name: _quantity(values, name) for name in ("drawn", "wasted", "left")},
            **{name: values.get(name) or None
               for name in ("serial", "label_lot", "manner", "witness", "reason")},
        },
    )  # fmt: skip
    if any(zoned(text) is not one.zoned for text in times.values()):
        raise some_zoned()
    _require_coherent(one)
    return one


def _location(values: dict[str, str]) -> dict[str, object]:
    return _with_id(
        {
            "name": values["location"],
            "address": values.get("address") or _NO_ADDRESS,
            "registration": values.get("registration") or None,
        }
    )


def _product(values: dict[str, str]) -> dict[str, object]:
    volume = {"value": values["strength_volume"], "unit": values["strength_volume_unit"]}
    return _with_id(
        {
            **{name: values[name] for name in ("drug", "form")},
            "strength": {"amount": _quantity(values, "strength"), "volume": volume},
            "size": _quantity(values, "size"),
            **{name: values.get(name) or None for name in ("gtin", "schedule")},
        }
    )


def _with_id(content: dict[str, object]) -> dict[str, object]:
    """With an id of its content, so that the same product of two rows is one."""
    own: UUID = uuid5(SPACE, digest_of(content))
    return {"id": own, **content}


def _quantity(values: dict[str, str], name: str) -> dict[str, str] | None:
    value, unit = values.get(name, ""), values.get(f"{name}_unit", "")
    return {"value": value, "unit": unit} if value or unit else None


def _require_coherent(vial: Vial) -> None:
    """Refuse a waste that is told by half, and times that are not in their order."""
    told = [one is not None for one in (vial.wasted, vial.wasted_at, vial.manner)]
    if any(told) and not all(told):
        raise InvalidShape("A waste has its amount, its time and its manner.", field="wasted")
    before, earlier = "received_at", vial.received_at
    for name in _TIMES[1:]:
        at: datetime | None = getattr(vial, name)
        if at is None:
            continue
        if at < earlier:
            raise Impossible(f"The {name} lies before the {before}.", field=name)
        before, earlier = name, at
