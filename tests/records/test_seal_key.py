"""The clinic's seal key is a file for its owner alone, made, read and taken over (R165)."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_der_private_key,
    pkcs12,
)

from protocol.records import seal_key
from protocol.rules.errors import SealKeyUnfit

NOW = datetime(2031, 5, 6, tzinfo=UTC)
LONG = "An invented clinic whose name is longer than a certificate's name may ever be by its rules"


def test_the_first_use_makes_a_key_in_the_clinics_name_that_nobody_else_may_open(tmp_path):
    path = seal_key.place_of(tmp_path / "seal-keys", uuid4())
    made = seal_key.made_or_read(path, "Invented clinic", NOW)
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.subject == "CN=Seal of Invented clinic,O=Invented clinic"
    assert seal_key.made_or_read(path, "Another name", NOW) == made
    assert b"PRIVATE" not in made.public_pem


def test_a_long_name_of_a_clinic_is_no_fault():
    certificate = x509.load_der_x509_certificate(seal_key.made(LONG, NOW).certificate)
    assert LONG.startswith(certificate.subject.rfc4514_string().partition("O=")[2][:60])


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (None, 0o600, "No such file"),
        (b"x", 0o644, "mode 644"),
        (b"no key at all", 0o600, "key.pem"),
    ],
)
def test_a_file_that_is_no_key_or_is_open_to_others_is_refused(tmp_path, content, mode, said):
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    with pytest.raises(SealKeyUnfit, match=said):
        seal_key.read(path)


def test_a_key_that_is_there_is_never_written_over(tmp_path):
    path = tmp_path / "key.pem"
    seal_key.write(path, seal_key.made("Invented clinic", NOW))
    before = path.read_bytes()
    with pytest.raises(SealKeyUnfit, match="already"):
        seal_key.write(path, seal_key.made("Invented clinic", NOW))
    assert path.read_bytes() == before


def test_a_key_of_an_authority_is_taken_from_pkcs12_with_its_passphrase_alone(tmp_path):
    made = seal_key.made("Invented clinic", NOW)
    private = load_der_private_key(made.private, None)
    assert isinstance(private, EllipticCurvePrivateKey)
    content = pkcs12.serialize_key_and_certificates(
        b"seal", private,
        x509.load_der_x509_certificate(made.certificate), None, BestAvailableEncryption(b"opens"),
    )  # fmt: skip
    (tmp_path / "key.p12").write_bytes(content)
    assert seal_key.imported(tmp_path / "key.p12", b"opens") == made
    with pytest.raises(SealKeyUnfit):
        seal_key.imported(tmp_path / "key.p12", b"does not")


def test_a_key_without_its_certificate_is_refused(tmp_path):
    one, other = (seal_key.made("Invented clinic", NOW) for _ in range(2))
    mixed = seal_key.SealKey(one.private, other.certificate)
    seal_key.write(tmp_path / "key.pem", mixed)
    with pytest.raises(SealKeyUnfit, match="no certificate of its key"):
        seal_key.read(tmp_path / "key.pem")


def test_an_earlier_key_of_the_clinic_still_verifies_and_another_clinics_does_not(tmp_path):
    clinic, another = uuid4(), uuid4()
    keys = {name: seal_key.made("Invented clinic", NOW) for name in ("now", "before", "another")}
    seal_key.write(tmp_path / f"{clinic}.pem", keys["now"])
    seal_key.write(tmp_path / f"{clinic}-2030.pem", keys["before"])
    seal_key.write(tmp_path / f"{another}.pem", keys["another"])
    found = set(seal_key.certificates_at(tmp_path, clinic))
    assert found == {keys["now"].certificate, keys["before"].certificate}
    assert seal_key.certificates_at(tmp_path / "elsewhere", clinic) == []
