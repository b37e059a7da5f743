"""The clinic's seal key: a file outside the database, for its owner alone (R165).

One PEM file holds the private key, the certificate of its public half, and what the certificate was
issued under, if anything. A key that is made here is of P-256, and signs in a millisecond where RSA
takes a quarter of a second to be read; its certificate is its own and names the clinic.
"""

import os
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from protocol.rules.errors import SealKeyUnfit

YEARS = 30  # longer than a record is kept; what is pinned is the key, not its dates
_NAME_MAX = 64  # X.520's bound of a common name and an organisation
_Private = RSAPrivateKey | EllipticCurvePrivateKey


class SealKey(NamedTuple):
    """A private key as PKCS#8, its certificate and the certificates above it, all DER."""

    private: bytes
    certificate: bytes
    above: tuple[bytes, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the certificate: what names the key."""
        return sha256(self.certificate).hexdigest()

    @property
    def public_pem(self) -> bytes:
        """The certificate as others take it to verify a seal with."""
        return x509.load_der_x509_certificate(self.certificate).public_bytes(Encoding.PEM)

    @property
    def subject(self) -> str:
        """Whose certificate it is, in one line."""
        return x509.load_der_x509_certificate(self.certificate).subject.rfc4514_string()


def place_of(place: Path, clinic_id: UUID) -> Path:
    """The file of a clinic's key: the place itself, or the clinic's own in a directory, which a
    place without an ending is."""
    return place / f"{clinic_id}.pem" if place.is_dir() or not place.suffix else place


def certificates_at(place: Path, clinic_id: UUID) -> list[bytes]:
    """The certificates, DER, that a clinic's seals may be of: the key's in force, and in a
    directory those of earlier keys, which stand beside it under names that begin alike."""
    file = place_of(place, clinic_id)
    files = sorted(file.parent.glob(f"{clinic_id}*.pem")) if file != place else [file]
    return [one for each in files if each.is_file() for one in certificates_of(each.read_bytes())]


def certificates_of(pem: bytes) -> list[bytes]:
    """The certificates in a PEM file, DER. Raises ValueError where it holds none."""
    return [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(pem)]


def made_or_read(path: Path, clinic_name: str, now: datetime) -> SealKey:
    """The key in the file, which is made where there is none. Raises SealKeyUnfit."""
    if not path.exists():
        with suppress(SealKeyUnfit):  # another process made one meanwhile: that one holds
            write(path, made(clinic_name, now))
    return read(path)


def made(clinic_name: str, now: datetime) -> SealKey:
    """A new key, with a certificate that it signed itself in the clinic's name."""
    private = generate_private_key(SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, clinic_name[:_NAME_MAX]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Seal of {clinic_name}"[:_NAME_MAX]),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_only_signing(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), False)
        .sign(private, hashes.SHA256())
    )
    return SealKey(_private_bytes(private), certificate.public_bytes(Encoding.DER))


def _only_signing() -> x509.KeyUsage:
    named = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    return x509.KeyUsage(digital_signature=True, content_commitment=True, **named)


def read(path: Path) -> SealKey:
    """The key in the file. Raises SealKeyUnfit: missing, open to others, or no such key."""
    try:
        mode, content = path.stat().st_mode & 0o777, path.read_bytes()
    except OSError as error:
        raise SealKeyUnfit(f"{path}: {error.strerror}.", path=str(path)) from error
    if mode & 0o077:
        raise SealKeyUnfit(
            f"{path}: others than its owner may read or write it (mode {mode:o}, where 600 is"
            " asked).",
            path=str(path),
        )
    return _named(path, content, None)


def imported(path: Path, passphrase: bytes | None) -> SealKey:
    """The key in someone else's file, PKCS#12 or PEM. Raises SealKeyUnfit."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SealKeyUnfit(f"{path}: {error.strerror}.", path=str(path)) from error
    return _named(path, content, passphrase)


def _named(path: Path, content: bytes, passphrase: bytes | None) -> SealKey:
    try:
        return key_of(content, passphrase)
    except (ValueError, TypeError) as error:
        raise SealKeyUnfit(f"{path}: {error}.", path=str(path)) from error


def key_of(content: bytes, passphrase: bytes | None = None) -> SealKey:
    """The key that a PEM or PKCS#12 content holds. Raises ValueError."""
    if b"-----BEGIN" in content:
        private: object = load_pem_private_key(content, passphrase)
        certificates = x509.load_pem_x509_certificates(content)
    else:
        private, own, more = pkcs12.load_key_and_certificates(content, passphrase)
        certificates = [*([own] if own else []), *more]
    if not isinstance(private, RSAPrivateKey | EllipticCurvePrivateKey):
        raise ValueError("it holds no RSA or EC private key")
    own_public = private.public_key()
    mine = [one for one in certificates if one.public_key() == own_public]
    if not mine:
        raise ValueError("it holds no certificate of its key")
    above = [one.public_bytes(Encoding.DER) for one in certificates if one is not mine[0]]
    certificate = mine[0].public_bytes(Encoding.DER)
    return SealKey(_private_bytes(private), certificate, tuple(above))


def write(path: Path, key: SealKey) -> None:
    """Put the key where there is none, for its owner alone. Raises SealKeyUnfit."""
    private = load_der_private_key(key.private, None)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    content = pem + b"".join(
        x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM)
        for one in (key.certificate, *key.above)
    )
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise SealKeyUnfit(f"{path}: there is a key already.", path=str(path)) from error
    except OSError as error:
        raise SealKeyUnfit(f"{path}: {error.strerror}.", path=str(path)) from error
    with os.fdopen(opened, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _private_bytes(private: _Private) -> bytes:
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
