"""Documents from JSON and YAML: every fault has its path, and no number loses a digit."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from api.documents import DocumentFaulty, document_from, document_text, parsed
from protocol.rules.errors import DocumentInvalid
from tests.api.clinic import POLICY, PROTOCOL

_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


def lines_of(text: str, kind: str = "policy", format_: str = "yaml") -> list[str]:
    with pytest.raises(DocumentInvalid) as refused:
        document_from(text, kind, format_)
    return getattr(refused.value, "lines", [refused.value.sentence])


@pytest.mark.parametrize("format_", ["json", "yaml"])
@pytest.mark.parametrize(("kind", "content"), [("policy", POLICY), ("protocol", PROTOCOL)])
def test_a_document_is_the_same_after_any_format(kind, content, format_):
    first = document_from(json.dumps(content), kind, "json")
    assert document_from(document_text(first, format_), kind, format_) == first


@given(_values)
def test_what_json_and_yaml_say_is_what_is_read(value):
    assert parsed(json.dumps(value), "json") == value
    assert parsed(yaml.safe_dump(value), "yaml") == value


def test_a_float_is_refused_at_its_path_and_asks_for_quotes():
    limit = {**POLICY["limits"][0], "high": 117.5}
    for format_, text in (
        ("json", json.dumps({**POLICY, "limits": [limit]})),
        ("yaml", yaml.safe_dump({**POLICY, "limits": [limit]})),
    ):
        assert lines_of(text, format_=format_) == [
            "limits.0.high: the number 117.5 is written in quotes, to keep its exact digits"
        ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: A\nname: B\n", "name: the key is there twice"),
        ("limits:\n- {on: rate, on: rate}\n", "limits.0.on: the key is there twice"),
        ("late_entry_after_min: 010\n", ("late_entry_after_min: the number 010 is written in"
         " quotes, to keep its exact digits")),
        ("late_entry_after_min: 1:30\n", ("late_entry_after_min: the number 1:30 is written in"
         " quotes, to keep its exact digits")),
        ("a: &a [x]\nb: *a\n", "line 2, column 4: it is not YAML: an alias is not taken"),
        ("a: !!python/object:os.system x\n", ("a: a value of the kind python/object:os.system is"
         " not taken")),
        ("a: [\n", ("line 2, column 1: it is not YAML: expected the node content, but found"
         " '<stream end>'")),
        ("? [a]\n: b\n", "line 1, column 3: it is not YAML: a key is a plain word"),
        ("", "document: Input should be a valid dictionary or instance of PolicyDocument"),
    ],
)  # fmt: skip
def test_what_yaml_would_quietly_turn_into_something_else_is_refused(text, line):
    assert lines_of(text) == [line]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ('{"name": "A", "name": "B"}', "name: the key is there twice"),
        ('{"a": NaN}', "a: the number NaN is written in quotes"),
        ('{"a": 1e3}', "a: the number 1e3 is written in quotes"),
        ('{"a": ' + "9" * 5000 + "}", "a: the number 999"),
        ("{", "line 1, column 2: it is not JSON: "),
        ("[" * 100_000, "document: it is nested too deep"),
    ],
)
def test_json_is_read_as_strictly(text, start):
    (line,) = lines_of(text, format_="json")
    assert line.startswith(start)


def test_every_fault_has_a_line_of_its_own():
    document = {**POLICY, "scales": {"pain-rest": {"low": 0, "high": "10"}}, "more": 1}
    assert lines_of(yaml.safe_dump(document)) == [
        "scales.pain-rest.low: A number is taken as text, in quotes, to keep its exact digits.",
        "more: Extra inputs are not permitted",
    ]


def test_what_contradicts_inside_a_document_is_named_by_its_path():
    limits = [*POLICY["limits"], POLICY["limits"][0]]
    assert lines_of(json.dumps({**POLICY, "limits": limits}), format_="json") == [
        "limits.2: fast is there twice"
    ]
    low = {**POLICY["limits"][0], "low": "200"}
    assert lines_of(json.dumps({**POLICY, "limits": [low]}), format_="json") == [
        "limits.0: low 200 is above high 117"
    ]


def test_a_fault_is_a_refusal_of_its_document():
    assert issubclass(DocumentFaulty, DocumentInvalid)
