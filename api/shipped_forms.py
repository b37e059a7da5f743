"""The templates of forms: text that a clinic edits and imports as its own; no rule reads them."""

from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

import yaml

from protocol.rules.values import Shape

OPEN = "<to be set by the clinic>"
"""What stands where a scale, a score or a licensed text is the clinic's to write."""


class Template(NamedTuple):
    """A template: its name, what its form is, and how many places it leaves open."""

    name: str
    purpose: str
    title: str
    open_places: int


class _Head(Shape, extra="ignore"):
    purpose: str
    title: str


def names() -> list[str]:
    """The templates by name."""
    found = (one.name for one in files("api").joinpath("form_templates").iterdir())
    return sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml"))


def template_text(name: str) -> str:
    """A template as it lies in the package, with its remarks."""
    return files("api").joinpath("form_templates", f"{name}.yaml").read_text("utf-8")


def templates() -> Iterator[Template]:
    """What there is."""
    for name in names():
        text = template_text(name)
        head = _Head.model_validate(yaml.safe_load(text))
        yield Template(name, head.purpose, head.title, text.count(OPEN))
