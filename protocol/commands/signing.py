"""Signing a session: full re-authentication, over the digest that was shown (R25-R34)."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from protocol.commands.proving import authenticate
from protocol.records import lookups
from protocol.records.clinics import Clinic
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.session_record import load_record
from protocol.records.signatures import kept_signatures
from protocol.records.tables import SignatureRow
from protocol.records.trees import committed_head
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.checkpoints import TreeHead
from protocol.rules.contradictions import require_no_contradiction
from protocol.rules.record import SessionRecord
from protocol.rules.sessions import after
from protocol.rules.signature import Meaning, Signature, require_signable, statement_digest
from protocol.rules.signature_proof import Checked, signature_fault, signed_text
from protocol.rules.values import Shape


class SignatureIn(Shape):
    """A signature to be given: its meaning, the digest that was shown, and the own secret."""

    id: UUID
    meaning: Meaning
    record_digest: str = Field(pattern="^[0-9a-f]{64}$")
    secret: str = Field(max_length=400, repr=False)
    one_time_code: str | None = Field(default=None, max_length=40, repr=False)


def sign(
    clinic: Clinic, actor: Actor, session_id: UUID, wanted: SignatureIn, *, now: datetime
) -> Signature:
    """The actor's signature over the record as shown.

    Raises SignInFailed (wrong secret), NotAllowedNow, Contradicted, RecordChanged, AlreadySigned,
    NotPermitted. Of two at once one wins: both hold the clinic's chain while they look (R173).
    """
    shown = _authenticated(clinic, actor, session_id, wanted, now)
    # Before the turn: the anchor is of what is committed, and so of all that was shown.
    anchor = committed_head(clinic)
    with work(clinic, actor, Action.SESSION_SIGN, now, attempt=shown) as act:
        act.about(session=session_id, subject=wanted.id)
        state = lookups.session_state(act.connection, clinic, session_id)
        act.about(patient=state.patient_id, digest=wanted.record_digest)
        record = act.record(session_id)
        if not _is_repeat(record, wanted, actor):
            after(state.status, Action.SESSION_SIGN, signed=state.signed)
            require_no_contradiction(record, now)
            require_signable(
                actor, wanted.meaning, wanted.record_digest, record.digest(), record.signatures,
                distinct_signers=record.policy.distinct_signers,
            )  # fmt: skip
            act.add(_row(act, wanted, record, anchor))
        else:
            act.repeats(wanted.record_digest, wanted.record_digest, "signature")
    return _found(clinic, session_id, wanted.id)


def _authenticated(
    clinic: Clinic, actor: Actor, session_id: UUID, wanted: SignatureIn, now: datetime
) -> SignatureIn:
    """What is to be signed, without what proved the signer."""
    authenticate(
        clinic, actor, wanted.secret, wanted.one_time_code, now=now, session=session_id,
        subject=wanted.id,
    )  # fmt: skip
    return wanted.model_copy(update={"secret": "", "one_time_code": None})


def signatures(
    clinic: Clinic, actor: Actor, session_id: UUID, *, now: datetime
) -> tuple[SessionRecord, tuple[Checked, ...]]:
    """The session with its signatures: which version each covers, and whether it holds (R26, R29).

    Raises NotFound, NotPermitted.
    """
    with reading(clinic, actor, Action.SESSION_VIEW, now, session=session_id) as connection:
        record = load_record(connection, clinic, session_id)
        kept = kept_signatures(connection, clinic, record)
    digest = record.digest()
    versions = list(dict.fromkeys(one.record_digest for one in record.signatures))
    return record, tuple(
        Checked(
            signature=signature,
            version=versions.index(signature.record_digest) + 1,
            covers_now=signature.record_digest == digest,
            statement=signed_text(signature, then or record),
            fault=signature_fault(signature, then, sealing),
        )
        for signature, then, sealing in kept
    )


def _row(act: Act, wanted: SignatureIn, record: SessionRecord, anchor: TreeHead) -> New:
    given = Signature(
        id=wanted.id, number=act.number, signer=act.author, meaning=wanted.meaning,
        signed_at=act.now, record_digest=wanted.record_digest,
        protocol_version_id=record.protocol_version.id, policy_version_id=record.policy_version.id,
    )  # fmt: skip
    return new(SignatureRow,
        clinic_id=act.clinic.id, id=given.id, session_id=record.id,
        signer_id=act.actor.person_id, signer=act.author.model_dump_json(),
        meaning=given.meaning.value, signed_at=act.now, record_digest=given.record_digest,
        protocol_version_id=given.protocol_version_id, policy_version_id=given.policy_version_id,
        statement_digest=statement_digest(signed_text(given, record)),
        anchor_size=anchor.size, anchor_root=anchor.root.hex(),
    )  # fmt: skip


def _is_repeat(record: SessionRecord, wanted: SignatureIn, actor: Actor) -> bool:
    return any(
        (one.id, one.meaning, one.record_digest, one.signer.id)
        == (wanted.id, wanted.meaning, wanted.record_digest, actor.person_id)
        for one in record.signatures
    )


def _found(clinic: Clinic, session_id: UUID, signature_id: UUID) -> Signature:
    with clinic.database.looking() as connection:
        record = load_record(connection, clinic, session_id)
    return next(one for one in record.signatures if one.id == signature_id)
