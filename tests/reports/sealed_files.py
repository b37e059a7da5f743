"""A sealed sheet of an example, and its key, made once."""

from functools import cache

from protocol.records import seal_key
from protocol.records.seal_key import SealKey
from protocol.rules.record import SessionRecord
from reports.printing import summary_pdf
from reports.sealing import seal
from reports.verification import Verification, verify
from tests.reports import examples
from tests.reports.hand import PRINTED_AT


def as_signed(record: SessionRecord) -> bytes:
    """What the last signature of a record makes, before it is sealed."""
    given = record.signatures[-1]
    return summary_pdf(record, printed_at=given.signed_at, printed_by=given.signer.name)


@cache
def key(name: str = "North Clinic") -> SealKey:
    return seal_key.made(name, PRINTED_AT)


@cache
def unsealed() -> bytes:
    return as_signed(examples.signed())


@cache
def sealed() -> bytes:
    return sealed_by(key())


def sealed_by(one: SealKey, content: bytes | None = None) -> bytes:
    return seal(content or unsealed(), one, clinic_name="North Clinic", at=PRINTED_AT).content


def found(content: bytes, *expected: bytes) -> list[str]:
    """The names of what a verification finds, by the key that is expected."""
    return [one.kind.value for one in verified(content, *expected).findings]


def verified(content: bytes, *expected: bytes) -> Verification:
    return verify(content, expected or (key().certificate,))
