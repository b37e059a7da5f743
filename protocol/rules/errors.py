"""Refusals: what the house will not do, each with a code, its facts and one sentence.

A refusal states a fact and its source, never what to do (R3). One handler turns every refusal into
a problem document (RFC 9457) or the same sentence on a page, and `work()` audits it (R18).
"""

from typing import ClassVar

Fact = str | int | bool | None
Facts = dict[str, Fact]


class Refusal(Exception):
    """Why an act did not happen. `code` is stable for programs, `facts` carry the numbers.

    `kind` says what sort of refusal it is, so that every door (HTTP, pages, command line) answers
    alike: forbidden, unknown, conflict or invalid.
    """

    code: ClassVar[str] = "refused"
    kind: ClassVar[str] = "conflict"
    title: ClassVar[str] = "Refused"
    audited = False  # the door that audits a refusal says so, that it is audited once (R18)

    def __init__(self, sentence: str, **facts: Fact) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts: Facts = facts
        self.inside: Facts = {}  # what the audit trail is told, and the caller is not


class NotPermitted(Refusal):
    """The actor's roles do not grant this act (R40)."""

    code, kind, title = "not-permitted", "forbidden", "Not permitted"


class NotFound(Refusal):
    """The clinic has nothing of this kind by this id."""

    code, kind, title = "not-found", "unknown", "Not found"


class NotAllowedNow(Refusal):
    """The act is known and granted, but not in the present state."""

    code, kind, title = "not-allowed-now", "conflict", "Not allowed now"


class AlreadySigned(Refusal):
    """The session is signed: from then on only addenda (R29)."""

    code, kind, title = "already-signed", "conflict", "Already signed"


class Impossible(Refusal):
    """A value that cannot be true by definition: 101 % saturation, a time in the future (R59)."""

    code, kind, title = "impossible", "invalid", "Impossible value"


class UnitUnknown(Refusal):
    """A unit that is not in the closed UCUM table (R123)."""

    code, kind, title = "unit-unknown", "invalid", "Unknown unit"


class UnitMismatch(Refusal):
    """A unit of another dimension than the one that is due (R123)."""

    code, kind, title = "unit-mismatch", "invalid", "Unit of another dimension"


class UnknownTerm(Refusal):
    """A measure, drug line, phase, round or form item that the pinned version does not define."""

    code, kind, title = "unknown-term", "invalid", "Not in the protocol"


class InvalidShape(Refusal):
    """Input that does not have the described shape; `facts` name the field, value and rule."""

    code, kind, title = "invalid-shape", "invalid", "Not of the described shape"


class DocumentInvalid(Refusal):
    """A protocol or policy document whose parts contradict; `facts['path']` names the place."""

    code, kind, title = "document-invalid", "invalid", "Document not valid"


class ConfirmationMissing(Refusal):
    """A true but unusual value waits for `confirmed`; sent again it goes through (R110)."""

    code, kind, title = "confirmation-missing", "conflict", "To be confirmed as true"


class ReasonMissing(Refusal):
    """The act needs a reason in words (R57, R113)."""

    code, kind, title = "reason-missing", "invalid", "Reason missing"


class SecondPersonMissing(Refusal):
    """The act needs a second, different, eligible person (R33)."""

    code, kind, title = "second-person-missing", "forbidden", "Second person missing"


class PlanOverLimit(Refusal):
    """A plan over a hard limit; facts are charted, plans are refused (R112)."""

    code, kind, title = "plan-over-limit", "conflict", "Plan over a hard limit"


class AlreadyRunning(Refusal):
    """A start while that drug line is running or paused."""

    code, kind, title = "already-running", "conflict", "Already running"


class NothingRunning(Refusal):
    """A rate change, pause, resume or stop while that drug line is not running."""

    code, kind, title = "nothing-running", "conflict", "Nothing running"


class IdConflict(Refusal):
    """The same client-made id with other content (R136)."""

    code, kind, title = "id-conflict", "conflict", "Same id, other content"


class AlreadyReplaced(Refusal):
    """The entry was corrected or retracted before; the newest one can be corrected."""

    code, kind, title = "already-replaced", "conflict", "Already replaced"


class Contradicted(Refusal):
    """The record contradicts itself and cannot be signed; each contradiction is listed."""

    code, kind, title = "contradicted", "conflict", "Record contradicts itself"


class RecordChanged(Refusal):
    """The digest that was shown is not the digest of the record now (R30)."""

    code, kind, title = "record-changed", "conflict", "Record changed since shown"


class SignInFailed(Refusal):
    """Unknown user and wrong secret get the same sentence."""

    code, kind, title = "sign-in-failed", "unauthenticated", "Sign-in failed"


class NotSignedIn(Refusal):
    """No valid token came with the request; why is for the audit trail alone."""

    code, kind, title = "not-signed-in", "unauthenticated", "Not signed in"


class SignInLocked(Refusal):
    """The sign-in stands but is locked; the secret given again opens it (R41, R42)."""

    code, kind, title = "sign-in-locked", "unauthenticated", "Sign-in locked"


class SecretTemporary(Refusal):
    """A secret that somebody else set proves nobody until its owner changed it (R28)."""

    code, kind, title = "secret-temporary", "forbidden", "Secret set by another"


class SecondFactorMissing(Refusal):
    """The clinic's policy asks this role for a second factor, and none is enrolled (R32, R47)."""

    code, kind, title = "second-factor-missing", "forbidden", "Second factor missing"


class CodeNotRight(Refusal):
    """A code that the offered second factor does not give at this moment."""

    code, kind, title = "code-not-right", "invalid", "Code not right"


class SecretGuessable(Refusal):
    """A new secret that is short, common, breached or the same as before."""

    code, kind, title = "secret-guessable", "invalid", "Secret easily guessed"


class CredentialExpired(Refusal):
    """A professional credential has expired, and the clinic's policy asks for a valid one."""

    code, kind, title = "credential-expired", "forbidden", "Credential expired"


class CrossSite(Refusal):
    """A write that rests on a cookie and did not come from a page of this server."""

    code, kind, title = "cross-site", "forbidden", "From another site"


class CookieRefused(Refusal):
    """A cookie was asked for where others on the network could read it."""

    code, kind, title = "cookie-refused", "forbidden", "No cookie here"


class TooManyAttempts(Refusal):
    """So many refused sign-ins or requests that the next is turned away unseen (R34)."""

    code, kind, title = "too-many-attempts", "limited", "Too many attempts"


class RefusalsCounted(Refusal):
    """The refusals of one unknown caller in a stretch of time, as one entry of the audit trail."""

    code, kind, title = "refusals-counted", "forbidden", "Refusals counted"


class DraftUnreadable(Refusal):
    """A kept draft that does not open: a byte of it changed, or it was another sign-in's (R42)."""

    code, kind, title = "draft-unreadable", "conflict", "Draft not readable"


class DemonstrationFixed(Refusal):
    """A demonstration clinic stays one, and a real one never becomes one (R143)."""

    code, kind, title = "demonstration-fixed", "conflict", "Demonstration clinic"


class CheckpointInvalid(Refusal):
    """A checkpoint or verifier key that is not well formed, or not signed by its key (R182)."""

    code, kind, title = "checkpoint-invalid", "invalid", "Checkpoint not valid"


class HistoryNotContinued(Refusal):
    """A tree that is smaller than one signed or witnessed before, or does not begin with it (R182,
    R184)."""

    code, kind, title = "history-not-continued", "conflict", "History not continued"


class CheckpointKeyUnfit(Refusal):
    """The file of the signing key is missing, no such key, or open to others (R182)."""

    code, kind, title = "checkpoint-key-unfit", "unavailable", "Signing key not fit"


class SealKeyUnfit(Refusal):
    """The file of the clinic's seal key is missing, no such key, or open to others (R165)."""

    code, kind, title = "seal-key-unfit", "unavailable", "Seal key not fit"


class SealUnavailable(Refusal):
    """A sheet could not be sealed, such as when the time-stamp service does not answer (R165)."""

    code, kind, title = "seal-unavailable", "unavailable", "Seal not available"


class SummaryAltered(Refusal):
    """The kept bytes of a sealed summary are not those that were kept: they are not served."""

    code, kind, title = "summary-altered", "unavailable", "Kept summary altered"


class RoleUnfit(Refusal):
    """A PostgreSQL role that is not there, or that no grant could bind (R187)."""

    code, kind, title = "role-unfit", "invalid", "Role not fit"


class TooWide(Refusal):
    """More than one sorted list or one printed sheet holds; the trail itself has no bound."""

    code, kind, title = "too-wide", "invalid", "More than the list holds"


class AmountNotExact(Refusal):
    """A strength or amount that is no terminating decimal in its ledger's unit (R78)."""

    code, kind, title = "amount-not-exact", "invalid", "Amount not exact"


class ContainerEmpty(Refusal):
    """Something is to leave a container in which nothing is left."""

    code, kind, title = "container-empty", "conflict", "Container empty"


class MoreThanThere(Refusal):
    """More is to leave a container or a draw than is left in it (R78)."""

    code, kind, title = "more-than-there", "conflict", "More than there is"
