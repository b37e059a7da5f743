"""Documents and other shapes from JSON or YAML text, with a path to every fault.

A number with a decimal point would arrive as a float and lose digits (R121), and a key that is
there twice would silently lose its first value: both are refused at their path.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from api.shipped_forms import OPEN
from protocol.rules.errors import DocumentInvalid, InvalidShape
from protocol.rules.forms import FormDocument
from protocol.rules.jurisdiction import JurisdictionDocument
from protocol.rules.protocols import Document, PolicyDocument, ProtocolDocument

FORMATS = ("json", "yaml")
Kind = (
    type[ProtocolDocument] | type[PolicyDocument] | type[FormDocument] | type[JurisdictionDocument]
)
KINDS: dict[str, Kind] = {
    "protocol": ProtocolDocument,
    "policy": PolicyDocument,
    "form": FormDocument,
    "jurisdiction": JurisdictionDocument,
}
_Kind = TypeVar("_Kind", bound=BaseModel)
_WHOLE = re.compile("-?(0|[1-9][0-9]{0,17})")
_TAG = "tag:yaml.org,2002:"


class DocumentFaulty(DocumentInvalid):
    """Everything that is wrong with a document, one line each: its path, and what is wrong."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(" ".join(lines), faults=len(lines))
        self.lines = lines


class _Fault(NamedTuple):
    """Stands in the place of a value that cannot be taken."""

    what: str


def document_from(text: str, kind: str, format_: str) -> Document:
    """The protocol, policy or form that a text holds. Raises DocumentFaulty and DocumentInvalid."""
    value = parsed(text, format_)
    try:
        return KINDS[kind].model_validate(value)
    except ValidationError as error:
        raise DocumentFaulty(faults_of(error)) from error


def document_text(document: Document, format_: str) -> str:
    """The document as it can be imported again: the same digest comes of it."""
    content = document.model_dump(mode="json", exclude_none=True)
    if format_ == "yaml":
        return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def parsed(text: str, format_: str) -> object:
    """The plain value of a JSON or YAML text. Raises DocumentFaulty with a line for each fault."""
    try:
        value = _from_yaml(text) if format_ == "yaml" else _from_json(text)
        faults = [f"{path or 'document'}: {what}" for path, what in _faults(value, "")]
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        raise DocumentFaulty([_syntax(error, format_)]) from error
    except RecursionError as error:
        raise DocumentFaulty(["document: it is nested too deep"]) from error
    if faults:
        raise DocumentFaulty(faults)
    return value


def shaped(kind: type[_Kind], values: Mapping[str, object]) -> _Kind:
    """The values in a shape of the rules. Raises InvalidShape with the first fault's path."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise InvalidShape("; ".join(faults_of(error)), faults=error.error_count()) from error


def faults_of(error: ValidationError) -> list[str]:
    """One line for each fault: where it is, and the rule's own sentence."""
    return [
        f"{'.'.join(map(str, one['loc'])) or 'document'}: "
        + one["msg"].removeprefix("Value error, ").replace("\n", " ")
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _syntax(error: Exception, format_: str) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: it is not JSON: {error.msg}"
    mark = getattr(error, "problem_mark", None)
    where = "document" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{where}: it is not {format_.upper()}: {what}"


def _faults(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, _Fault):
        yield path, value.what
        return
    inside: list[tuple[object, object]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    for name, each in inside:
        yield from _faults(each, f"{path}.{name}" if path else str(name))


def _in_quotes(text: str) -> _Fault:
    return _Fault(f"the number {text} is written in quotes, to keep its exact digits")


def _once(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for name, value in pairs:
        found[name] = _Fault("the key is there twice") if name in found else value
    return found


def _from_json(text: str) -> object:
    return json.loads(
        text, parse_int=_whole, parse_float=_in_quotes, parse_constant=_in_quotes,
        object_pairs_hook=_once,
    )  # fmt: skip


def _whole(text: str) -> object:
    return int(text) if _WHOLE.fullmatch(text) else _in_quotes(text)


def _from_yaml(text: str) -> object:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            # An alias of aliases grows without bound in a few lines of text.
            raise _refused_mark("an alias is not taken", event.start_mark)
    return _of_node(yaml.compose(text, Loader=yaml.SafeLoader))


def _of_node(node: yaml.Node | None) -> object:
    if isinstance(node, yaml.MappingNode):
        return _once([(_key(name), _of_node(value)) for name, value in node.value])
    if isinstance(node, yaml.SequenceNode):
        return [_of_node(each) for each in node.value]
    if not isinstance(node, yaml.ScalarNode):
        return None
    if node.value == OPEN:
        return _Fault("the template leaves this to the clinic")
    return _of_scalar(node.value, node.tag.removeprefix(_TAG))


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _refused_mark("a key is a plain word", node.start_mark)
    return str(node.value)


def _refused_mark(what: str, mark: Any) -> yaml.MarkedYAMLError:  # noqa: ANN401 - of two parsers
    return yaml.MarkedYAMLError(problem=what, problem_mark=mark)


def _of_scalar(text: str, kind: str) -> object:
    if kind in ("str", "timestamp", "value"):
        return text
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    # YAML 1.1 reads 010 as eight and 1:30 as ninety; only a plain whole number is one here.
    if kind == "int":
        return _whole(text)
    if kind == "float":
        return _in_quotes(text)
    return _Fault(f"a value of the kind {kind} is not taken")
