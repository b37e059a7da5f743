"""A signed text is one signature's alone: any other fact in it is another text (R26)."""

from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from protocol.rules.charting import PersonRef
from protocol.rules.signature import (
    Meaning,
    Signature,
    SigningState,
    short_digest,
    signing_state,
    statement,
    statement_digest,
)
from tests.rules.examples import at
from tests.rules.test_signature import AUTHORED, EARLIER, NOW, a_signature

IDS = st.integers(1, 9).map(lambda number: UUID(int=number))
DIGESTS = st.sampled_from([letter * 64 for letter in "abcdef"])
PERSONS = st.builds(
    PersonRef, id=IDS, name=st.sampled_from(["Ada", 'A"da', "Ada,", "Ada [x]"]),
    credential=st.sampled_from(["", "RN", "RN\nroles physician"]), roles=st.just(()),
)  # fmt: skip
SIGNATURES = st.builds(
    Signature, id=IDS, number=st.just(7), signer=PERSONS, meaning=st.sampled_from(Meaning),
    signed_at=st.integers(0, 9).map(at), record_digest=DIGESTS, protocol_version_id=IDS,
    policy_version_id=IDS, statement_digest=st.none(),
)  # fmt: skip
SIGNED = st.tuples(SIGNATURES, IDS, IDS, DIGESTS, DIGESTS)


@given(SIGNED, SIGNED)
@settings(max_examples=150)
def test_two_signatures_have_two_texts(one: tuple, other: tuple) -> None:
    assume(one != other)
    assert statement(*one) != statement(*other)
    assert statement_digest(statement(*one)) != statement_digest(statement(*other))


@given(SIGNED)
@settings(max_examples=50)
def test_a_text_is_one_fact_a_line_and_the_same_in_every_zone(signed: tuple) -> None:
    text = statement(*signed)
    lines = text.split("\n")
    assert [line.partition(" ")[0] for line in lines] == [
        "chairside-signature-1", "signature", "clinic", "session", "record", "protocol", "policy",
        "meaning", "signer", "roles", "signed", "",
    ]  # fmt: skip
    signature: Signature = signed[0]
    moved = Signature.model_validate_json(
        signature.model_copy(
            update={"signed_at": signature.signed_at.astimezone(tz=None)}
        ).model_dump_json()
    )
    assert statement(moved, *signed[1:]) == text


@pytest.mark.parametrize(
    ("digests", "state"),
    [
        ((), SigningState.DRAFT),
        ((NOW,), SigningState.SIGNED),
        ((EARLIER,), SigningState.AMENDED),
        ((EARLIER, NOW), SigningState.SIGNED),
        ((NOW, EARLIER), SigningState.AMENDED),
    ],
)
def test_the_last_signature_says_whether_the_record_is_signed(
    digests: tuple[str, ...], state: SigningState
) -> None:
    given = [
        a_signature(Meaning.AUTHORSHIP, digest=digest, number=number)
        for number, digest in enumerate(digests, 10)
    ]
    assert signing_state(given, NOW) is state


def test_the_short_form_is_eight_digits_in_two_groups() -> None:
    assert short_digest("0123456789abcdef" * 4) == "0123 4567"
    assert AUTHORED.record_digest.startswith(short_digest(NOW).replace(" ", ""))
