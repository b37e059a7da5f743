"""Summaries as they are asked for: the kept one of a signature, or one printed now.

What a signature made is printed and sealed once and kept; every later request for it is answered
with those bytes, and nothing is set again (R164).
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from api.edge import FAILURES
from api.settings import Settings
from protocol.commands import summaries
from protocol.commands.summaries import Printable, SealedBytes
from protocol.records import seal_key
from protocol.records.clinics import Clinic
from protocol.records.kept_summaries import KeptSummary
from protocol.rules.actions import Actor
from protocol.rules.errors import Refusal, SealKeyUnfit
from protocol.rules.record import SessionRecord


class Sheet(NamedTuple):
    """A summary to be handed out: its bytes, the SHA-256 of kept ones, letters without a font."""

    content: bytes
    kept_digest: str = ""
    lacking: tuple[str, ...] = ()


class Press:
    """Prints, seals and keeps, with the clinic's seal key and time-stamp service."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def signed(
        self, clinic: Clinic, actor: Actor, session_id: UUID, signature_id: UUID, now: datetime
    ) -> KeptSummary:
        """The summary that a signature made, as it was kept; made now where a crash came between.

        Raises NotFound, NotPermitted, SummaryAltered, PdfUnavailable, SealKeyUnfit and
        SealUnavailable.
        """
        kept = summaries.kept_summary(clinic, actor, session_id, signature_id, now=now)
        return kept or self._keep(clinic, session_id, signature_id, now)

    def of_now(
        self, clinic: Clinic, actor: Actor, session_id: UUID, now: datetime,
        at_signature: UUID | None = None,
    ) -> Sheet:  # fmt: skip
        """The summary of the session as it is, or as it was at a signature.

        Where a kept one says all of it, that is handed out; where it cannot be sealed, a copy
        without a seal. Raises NotFound, NotPermitted, SummaryAltered, PdfUnavailable.
        """
        from reports.printing import summary_printed  # noqa: PLC0415 - what prints is loaded late

        found, kept = self.found(clinic, actor, session_id, now, at_signature)
        if kept is not None:
            return kept
        printed = summary_printed(
            found.record, printed_at=now, printed_by=actor.name, superseded_by=found.superseded_by
        )
        return Sheet(printed.content, lacking=printed.lacking)

    def found(
        self, clinic: Clinic, actor: Actor, session_id: UUID, now: datetime,
        at_signature: UUID | None = None,
    ) -> tuple[Printable, Sheet | None]:  # fmt: skip
        """What is to be printed, and the kept file where one says all of it."""
        found = summaries.printable(clinic, actor, session_id, now=now, at_signature=at_signature)
        if found.kept_for is None:
            return found, None
        sealed = self._kept_or_none(clinic, session_id, found.kept_for.id, now)
        return found, None if sealed is None else Sheet(sealed.content, sealed.content_digest)

    def after_signing(
        self, clinic: Clinic, session_id: UUID, signature_id: UUID, now: datetime
    ) -> None:
        """Make what the signature made. The signature stands whatever comes of it: what could not
        be made now is made when it is first asked for, and says then why not."""
        try:
            self._keep(clinic, session_id, signature_id, now)
        except Refusal as refusal:
            FAILURES.error("keeping the summary of %s: %s", signature_id, refusal.code)

    def _kept_or_none(
        self, clinic: Clinic, session_id: UUID, signature_id: UUID, now: datetime
    ) -> KeptSummary | None:
        kept = summaries.kept(clinic, session_id, signature_id)
        if kept is not None:
            return kept
        try:
            return self._keep(clinic, session_id, signature_id, now)
        except Refusal as refusal:
            if refusal.kind != "unavailable":
                raise
            return None

    def _keep(
        self, clinic: Clinic, session_id: UUID, signature_id: UUID, now: datetime
    ) -> KeptSummary:
        record = summaries.to_be_kept(clinic, session_id, signature_id)
        return summaries.keep(clinic, record, self.sealed(clinic, record, now), now=now)

    def sealed(self, clinic: Clinic, record: SessionRecord, now: datetime) -> SealedBytes:
        """The record's summary as of its last signature and in the signer's name, sealed now."""
        from reports.printing import summary_pdf  # noqa: PLC0415
        from reports.sealing import seal, stamping  # noqa: PLC0415

        given, settings = record.signatures[-1], self._settings
        file = seal_key.place_of(settings.seal_key_place, clinic.id)
        key = seal_key.made_or_read(file, clinic.name, now)
        content = summary_pdf(record, printed_at=given.signed_at, printed_by=given.signer.name)
        stamped_by = None
        if settings.timestamp_url:
            trusted = self._timestamp_certificates()
            stamped_by = stamping(settings.timestamp_url, trusted)
        done = seal(content, key, clinic_name=clinic.name, at=now, stamped_by=stamped_by)
        return SealedBytes(done.content, done.level, key.digest)

    def _timestamp_certificates(self) -> list[bytes]:
        path = self._settings.timestamp_ca
        if path is None:
            return []
        try:
            return seal_key.certificates_of(path.read_bytes())
        except (OSError, ValueError) as error:
            raise SealKeyUnfit(f"{path}: it holds no certificate.", path=str(path)) from error
