"""The seal of a printed summary: an invisible PAdES signature by the clinic's own key (R165).

The seal says that the file is as this system printed it, byte for byte. It does not say who
approved the record: that is what the signatures printed in it say, each proven by its own secret
(R25). Level B-B needs nobody else. With a time-stamp service it is B-T: someone else says when.
With that service's certificate as well it is B-LTA: whatever is needed to verify it decades later
is in the file. The seal allows no change, and a visible mark would break PDF/A (stack 0.11).
"""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import NamedTuple

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    PdfSignatureMetadata,
    PdfSigner,
    PdfSigningSession,
    TimestampDSSContentSettings,
)
from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper, TimestampRequestError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from protocol.records.seal_key import SealKey
from protocol.rules.errors import SealUnavailable

FIELD = "Seal"
FIELD_SAID = "Seal of the system that keeps this record"
REASON = (
    "Seal of the system that keeps this record: the file is as it was printed. It does not say who"
    " approved the record."
)
# So that the last time stamp is over every byte of the file, and nothing follows it.
_BEFORE_THE_STAMP = DSSContentSettings(
    include_vri=False,
    next_ts_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
)


class Stamping(NamedTuple):
    """A time-stamp service, and the certificates it is trusted by, DER: with them level B-LTA."""

    service: TimeStamper
    trusted: tuple[bytes, ...] = ()


class Sealed(NamedTuple):
    """A sealed file and the level of its seal."""

    content: bytes
    level: str


def stamping(url: str, trusted: Sequence[bytes] = ()) -> Stamping:
    """The service at an address (RFC 3161 over HTTP)."""
    return Stamping(HTTPTimeStamper(url), tuple(trusted))


def seal(
    content: bytes,
    key: SealKey,
    *,
    clinic_name: str,
    at: datetime,
    stamped_by: Stamping | None = None,
) -> Sealed:
    """The file with a seal that allows no change after it.

    Raises SealUnavailable: the time-stamp service gives no time stamp, or not one that is trusted.
    """
    long_term = stamped_by is not None and bool(stamped_by.trusted)
    trusted = [key.certificate, *key.above, *(stamped_by.trusted if stamped_by else ())]
    signer = _Sealer(
        PdfSignatureMetadata(
            field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
            certify=True, docmdp_permissions=MDPPerm.NO_CHANGES, reason=REASON, name=clinic_name,
            embed_validation_info=long_term, use_pades_lta=long_term,
            validation_context=_trusting(trusted) if long_term else None,
            dss_settings=_BEFORE_THE_STAMP,
        ),
        _signer(key),
        timestamper=None if stamped_by is None else stamped_by.service,
        new_field_spec=SigFieldSpec(FIELD, readable_field_name=FIELD_SAID),
    )  # fmt: skip
    signer.at = at
    sealed = BytesIO()
    try:
        signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(content)), output=sealed)
    except (TimestampRequestError, SigningError, PathError, OSError) as error:
        raise SealUnavailable(
            f"The summary could not be sealed: {' '.join(str(error).split())}"
        ) from error
    level = "B-LTA" if long_term else "B-B" if stamped_by is None else "B-T"
    return Sealed(sealed.getvalue(), level)


class _Sealer(PdfSigner):
    """Takes the time of sealing as an argument, as every act does, and not from a clock."""

    at: datetime

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


def _signer(key: SealKey) -> SimpleSigner:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([Certificate.load(one) for one in key.above])
    return SimpleSigner(
        signing_cert=Certificate.load(key.certificate),
        signing_key=PrivateKeyInfo.load(key.private), cert_registry=store,
    )  # fmt: skip


def _trusting(certificates: Sequence[bytes]) -> ValidationContext:
    return ValidationContext(
        trust_roots=[Certificate.load(one) for one in certificates], allow_fetching=False
    )
