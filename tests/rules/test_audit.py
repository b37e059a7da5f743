"""The audit chain: canonical bytes, and that a walk finds what was done to it."""

from collections.abc import Sequence
from datetime import UTC
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.rules.audit import (
    GENESIS,
    NO_ROWS,
    AuditEntry,
    Fault,
    Outcome,
    as_text,
    canonical,
    canonical_json,
    chain_fault,
    detail_digest,
    entry_hash,
    row_bytes,
    rows_digest,
)

TEXT_FIELDS = [name for name in AuditEntry._fields if name != "number"]
EXAMPLE = AuditEntry(
    clinic_id="clinic", number=1, at="2031-05-06T09:00:00Z", person_id="p", roles="nurse",
    workstation="", action="note:record", outcome=Outcome.DONE, code="", patient_id="",
    session_id="s", subject_id="e", rows_digest=NO_ROWS, detail_digest="", previous=GENESIS,
)  # fmt: skip
Sealed = tuple[AuditEntry, str]
LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=6)


def a_chain(length: int) -> list[Sealed]:
    chain: list[Sealed] = []
    previous = GENESIS
    for number in range(1, length + 1):
        entry = EXAMPLE._replace(number=number, subject_id=f"e{number}", previous=previous)
        previous = entry_hash(entry)
        chain.append((entry, previous))
    return chain


def walk(chain: Sequence[Sealed]) -> Fault | None:
    """What `audit verify` does: each entry against the number and hash that it must follow."""
    previous = GENESIS
    for number, (entry, hashed) in enumerate(chain, start=1):
        fault = chain_fault(entry, hashed, number, previous)
        if fault is not None:
            return fault
        previous = hashed
    return None


def with_field(field: str, text: str) -> AuditEntry:
    return AuditEntry(**(EXAMPLE._asdict() | {field: text}))


def resealed(entry: AuditEntry) -> Sealed:
    return entry, entry_hash(entry)


LENGTHS = st.integers(2, 12)


@given(st.integers(0, 12))
@settings(max_examples=13)
def test_a_chain_as_it_was_sealed_has_no_fault(length: int) -> None:
    assert walk(a_chain(length)) is None


@given(LENGTHS, st.data())
@settings(max_examples=25)
def test_an_edited_field_is_found_where_it_is(length: int, data: st.DataObject) -> None:
    chain = a_chain(length)
    place = data.draw(st.integers(0, length - 1))
    field = data.draw(st.sampled_from(TEXT_FIELDS))
    entry, hashed = chain[place]
    changed = entry._replace(**{field: getattr(entry, field) + "x"})
    chain[place] = (changed, hashed)
    fault = walk(chain)
    assert fault is not None
    assert fault.number == place + 1


@given(LENGTHS, st.data())
@settings(max_examples=20)
def test_an_edited_and_resealed_entry_is_found_by_the_one_after_it(
    length: int, data: st.DataObject
) -> None:
    chain = a_chain(length)
    place = data.draw(st.integers(0, length - 2))
    chain[place] = resealed(chain[place][0]._replace(person_id="somebody else"))
    assert walk(chain) == Fault("clinic", place + 2, "it does not follow the entry before it")


@given(LENGTHS, st.data())
@settings(max_examples=20)
def test_a_deleted_entry_is_found_in_its_place(length: int, data: st.DataObject) -> None:
    chain = a_chain(length)
    place = data.draw(st.integers(0, length - 2))
    del chain[place]
    assert walk(chain) == Fault("clinic", place + 1, f"entry {place + 1} is missing")


@given(LENGTHS, st.data())
@settings(max_examples=20)
def test_an_inserted_entry_is_found(length: int, data: st.DataObject) -> None:
    chain = a_chain(length)
    place = data.draw(st.integers(0, length - 1))
    previous = chain[place][0].previous
    forged = EXAMPLE._replace(number=place + 1, person_id="forged", previous=previous)
    chain.insert(place, resealed(forged))
    fault = walk(chain)
    assert fault is not None
    assert fault.number == place + 2


@given(LENGTHS, st.data())
@settings(max_examples=20)
def test_a_reordered_chain_is_found_even_when_renumbered(length: int, data) -> None:
    order = data.draw(st.permutations(range(length)).filter(lambda one: one != sorted(one)))
    sealed = a_chain(length)
    chain = [sealed[place] for place in order]
    assert walk(chain) is not None
    renumbered = [
        resealed(entry._replace(number=number)) for number, (entry, _) in enumerate(chain, start=1)
    ]
    assert walk(renumbered) is not None


def test_a_chain_cut_at_its_end_is_whole_in_itself() -> None:
    # Requirements 0.10: only a checkpoint outside the database finds this.
    assert walk(a_chain(9)[:5]) is None


def test_an_entry_may_not_start_another_chain() -> None:
    entry, hashed = a_chain(1)[0]
    fault = chain_fault(entry, hashed, 1, "1" * 64)
    assert fault == Fault("clinic", 1, "it does not follow the entry before it")


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_a_field_with_a_line_feed_is_never_sealed(field: str) -> None:
    for text in ("a\nb", "\n", "a\n"):
        with pytest.raises(ValueError, match="line feed"):
            canonical(with_field(field, text))


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_a_lone_surrogate_is_never_sealed(field: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        entry_hash(with_field(field, "\ud800"))


@given(st.tuples(LINE, LINE), st.tuples(LINE, LINE))
@settings(max_examples=30)
def test_two_entries_never_have_the_same_bytes(one, other) -> None:
    def sealed(values: tuple[str, str]) -> bytes:
        return canonical(EXAMPLE._replace(workstation=values[0], action=values[1]))

    assert (sealed(one) == sealed(other)) == (one == other)


def test_the_bytes_are_those_that_another_program_would_write() -> None:
    lines = ["chairside-audit-1", *map(str, EXAMPLE), ""]
    assert canonical(EXAMPLE) == "\n".join(lines).encode()
    assert entry_hash(EXAMPLE) == sha256(b"\x00" + canonical(EXAMPLE)).hexdigest()


def test_canonical_json_is_sorted_tight_and_utf_8() -> None:
    assert (
        canonical_json({"b": [1, None, True], "a": "µ\n"})
        == '{"a":"µ\\n","b":[1,null,true]}'.encode()
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_canonical_json_has_no_number_that_json_has_not(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(value)


def test_a_detail_is_digested_with_its_salt() -> None:
    assert detail_digest("salt", "detail") == sha256(b"salt\ndetail").hexdigest()
    assert detail_digest("salt", "detail") != detail_digest("tlas", "detail")


@given(st.lists(st.binary(min_size=1, max_size=4), max_size=5), st.randoms())
@settings(max_examples=25)
def test_the_digest_of_rows_does_not_depend_on_their_order(rows: list[bytes], chance) -> None:
    mixed = list(rows)
    chance.shuffle(mixed)
    assert rows_digest(mixed) == rows_digest(rows)
    assert rows_digest([*rows, b"another"]) != rows_digest(rows)


def test_no_rows_have_a_digest_of_their_own() -> None:
    assert rows_digest([]) == NO_ROWS


def test_a_null_column_does_not_change_the_digest_of_a_row() -> None:
    row = {"id": "1", "note": "x"}
    assert row_bytes("entry", {**row, "later": None}) == row_bytes("entry", row)
    assert row_bytes("entry", {**row, "later": ""}) != row_bytes("entry", row)
    assert row_bytes("entry", {**row, "later": 0}) != row_bytes("entry", row)
    assert row_bytes("other", row) != row_bytes("entry", row)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        st.none()
        | st.text(st.characters(exclude_categories=["Cs"]))
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.uuids()
        | st.dates()
        | st.datetimes(timezones=st.just(UTC))
        | st.decimals(allow_nan=False, allow_infinity=False, places=9),
    )
)
def test_a_row_s_bytes_are_canonical_json_of_its_values_as_text(values: dict[str, object]) -> None:
    kept = {name: value for name, value in values.items() if value is not None}
    plainly = {
        name: value if isinstance(value, str | int) else row_text(value)
        for name, value in kept.items()
    }
    assert row_bytes("entry", values) == canonical_json(["entry", plainly])


def row_text(value: object) -> str:
    return str(value) if isinstance(value, UUID) else as_text(value)


def test_a_row_never_holds_a_line_feed_that_could_forge_another() -> None:
    assert b"\n" not in row_bytes("entry", {"note": "a\nb"})
