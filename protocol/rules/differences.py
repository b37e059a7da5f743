"""Where two versions of a document differ: by path, before and after.

Parts that carry a code, label or measure are held against their namesakes, so that a part put in
between does not make all that follow it differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from protocol.rules.audit import canonical_json
from protocol.rules.protocols import Document

_NAMES = ("code", "label", "measure")


class Difference(NamedTuple):
    """One place where two documents differ; what is absent on one side is None there."""

    path: str
    before: str | None
    after: str | None


def differences(before: Document, after: Document) -> tuple[Difference, ...]:
    """Every difference, in the order of the documents' own fields."""
    return tuple(_between("", before.model_dump(mode="json"), after.model_dump(mode="json")))


def _between(path: str, before: Any, after: Any) -> Iterator[Difference]:  # noqa: ANN401 - JSON
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _in_parts(path, before, after)
        return
    if isinstance(before, list) and isinstance(after, list):
        name = next((one for one in _NAMES if _named(before, one) and _named(after, one)), None)
        if name is not None:
            yield from _in_named(path, before, after, name)
        else:
            yield from _in_parts(path, dict(enumerate(before)), dict(enumerate(after)))
        return
    yield Difference(path, _text(before), _text(after))


def _in_parts(
    path: str, before: Mapping[Any, Any], after: Mapping[Any, Any]
) -> Iterator[Difference]:
    for key in [*before, *(key for key in after if key not in before)]:
        yield from _between(f"{path}.{key}".lstrip("."), before.get(key), after.get(key))


def _in_named(
    path: str, before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], name: str
) -> Iterator[Difference]:
    old, new = ({one[name]: one for one in parts} for parts in (before, after))
    yield from _in_parts(path, old, new)
    kept_before, kept_after = [one for one in old if one in new], [one for one in new if one in old]
    if kept_before != kept_after:
        yield Difference(f"{path} (order)", ", ".join(kept_before), ", ".join(kept_after))


def _named(parts: Sequence[Any], name: str) -> bool:
    names = [one.get(name) for one in parts if isinstance(one, dict)]
    return len(names) == len(parts) == len({str(one) for one in names}) and None not in names


def _text(value: Any) -> str | None:  # noqa: ANN401 - JSON
    if value is None or isinstance(value, str):
        return value
    return canonical_json(value).decode()
