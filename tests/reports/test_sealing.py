"""The levels of the seal: by the clinic's key alone, with someone else's time, and for decades."""

from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO

import pikepdf
import pytest
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

from protocol.rules.errors import SealUnavailable
from reports.sealing import REASON, Stamping, seal, stamping
from tests.reports.hand import PRINTED_AT
from tests.reports.sealed_files import found, key, unsealed, verified


@cache
def service() -> tuple[DummyTimeStamper, bytes]:
    """A time-stamp service of the tests, with its certificate."""
    private = generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented time stamps")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(private.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2050, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(private, hashes.SHA256())
    )  # fmt: skip
    certificate = made.public_bytes(Encoding.DER)
    pkcs8 = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    stamper = DummyTimeStamper(
        Certificate.load(certificate), PrivateKeyInfo.load(pkcs8),
        fixed_dt=PRINTED_AT + timedelta(seconds=2),
    )  # fmt: skip
    return stamper, certificate


def sealed(stamped_by: Stamping | None = None):
    return seal(unsealed(), key(), clinic_name="North Clinic", at=PRINTED_AT, stamped_by=stamped_by)


def test_without_a_service_the_seal_is_the_clinics_alone():
    done = sealed()
    assert done.level == "B-B"
    with pikepdf.open(BytesIO(done.content)) as pdf:
        [field] = pdf.Root.AcroForm.Fields
        assert (str(field.V.Reason), str(field.V.Name)) == (REASON, "North Clinic")
        assert "does not say who approved" in REASON
        [reference] = field.V.Reference
        assert str(reference.TransformMethod) == "/DocMDP"
        assert int(reference.TransformParams.P) == 1  # no changes at all
        assert field.Rect.as_list() == [0, 0, 0, 0]
        assert str(field.V.SubFilter) == "/ETSI.CAdES.detached"


def test_with_a_service_someone_else_says_when():
    stamper, certificate = service()
    done = sealed(Stamping(stamper))
    assert done.level == "B-T"
    result = verified(done.content, key().certificate, certificate)
    assert result.findings == ()
    assert result.seal is not None
    assert result.seal.level == "B-T"


def test_with_its_certificate_the_file_has_all_that_it_takes_to_verify_it():
    stamper, certificate = service()
    done = sealed(Stamping(stamper, (certificate,)))
    assert done.level == "B-LTA"
    result = verified(done.content, key().certificate, certificate)
    assert result.findings == ()
    assert result.seal is not None
    assert result.seal.level == "B-LTA"
    with pikepdf.open(BytesIO(done.content)) as pdf:
        assert "/DSS" in pdf.Root


def test_an_archived_file_that_was_added_to_is_found():
    stamper, certificate = service()
    done = sealed(Stamping(stamper, (certificate,))).content
    assert "added-to" in found(done + b"\n% more", key().certificate, certificate)
    cut = done[: done.rindex(b"%%EOF", 0, len(done) - 10)]
    assert found(cut, key().certificate, certificate) != []


def test_a_time_stamp_that_nobody_vouches_for_does_not_hold():
    stamper, _ = service()
    done = sealed(Stamping(stamper))
    assert found(done.content, key().certificate) == ["seal-broken"]


def test_a_service_that_does_not_answer_is_a_refusal_that_says_so():
    with pytest.raises(SealUnavailable, match="could not be sealed"):
        sealed(stamping("http://127.0.0.1:9/"))
