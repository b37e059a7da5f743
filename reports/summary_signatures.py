"""Who signed what, and where a signature is lacking (R25, R26, R29)."""

from protocol.rules.sessions import SessionStatus
from protocol.rules.signature import (
    AWAITED,
    Meaning,
    Signature,
    SigningState,
    signing_state,
)
from reports.formats import counted, person, words
from reports.sheet import Cell, Ink, Run, SignaturePlace, joined, text, typed
from reports.view import View

DRAFT = "DRAFT (unsigned)"
SUPERSEDED = "SUPERSEDED"


def document_status(view: View) -> tuple[str, str]:
    """DRAFT, SIGNED or AMENDED, and what is to be known about it; on every page (R151).

    Amended: the last signature does not cover the record as it is now, because of an addendum.
    """
    signatures = view.record.signatures
    if not signatures:
        return DRAFT, "no signature"
    digest = view.digest
    given = {one.meaning for one in signatures if one.record_digest == digest}
    lacking = [one.value for one in AWAITED if one not in given]
    if signing_state(signatures, digest) is SigningState.SIGNED:
        detail = f"{' and '.join(one.value for one in Meaning if one in given)}"
        return "SIGNED", detail + (f"; {' and '.join(lacking)} not signed" if lacking else "")
    after = [one for one in view.record.addenda if one.number > signatures[-1].number]
    what = counted(len(after), "addendum", "addenda") if after else "changes"
    return "AMENDED", f"{what} after the last signature, not signed since"


def superseded(view: View, by: Signature | None) -> tuple[str, str] | None:
    """SUPERSEDED, where a later signature made another version of the document."""
    if by is None:
        return None
    version = len(view.record.signatures)
    said = f"{by.meaning} signed {view.clock.moment(by.signed_at)}"
    return SUPERSEDED, f"version {version}; version {version + 1} followed, {said}"


def retraction_mark(view: View) -> str:
    """A session entered in error says so on every page (R60)."""
    return "ENTERED IN ERROR" if view.record.status is SessionStatus.ENTERED_IN_ERROR else ""


def signature_places(view: View) -> tuple[SignaturePlace, ...]:
    """Every signature, and a place to sign by hand for each meaning that nobody gave."""
    digest = view.digest
    found = [_signature(view, one, digest) for one in view.record.signatures]
    given = {one.meaning for one in view.record.signatures}
    found += [_lacking(one) for one in AWAITED if one not in given]
    return tuple(found)


def _signature(view: View, one: Signature, digest: str) -> SignaturePlace:
    roles = ", ".join(words(role) for role in one.signer.roles) or "no role recorded"
    covers = "this version" if one.record_digest == digest else "an earlier version"
    lines: tuple[Cell, ...] = (
        text(roles, Ink.SOFT),
        text(view.clock.zoned(one.signed_at)),
        (Run(f"covers {covers} of the record, SHA-256 ", Ink.SOFT), Run(one.record_digest)),
        *_anchored(one),
    )
    if one.statement_digest is not None:
        lines += ((Run("signed text SHA-256 ", Ink.SOFT), Run(one.statement_digest)),)
    return SignaturePlace(one.meaning.value, True, person(one.signer), lines)


def _anchored(one: Signature) -> tuple[Cell, ...]:
    """The audit trail as it stood before: paper that the database's owner cannot rewrite (R183)."""
    if one.anchor is None:
        return ()
    said = f"audit trail of {one.anchor.size} entries before it, root "
    return ((Run(said, Ink.SOFT), Run(one.anchor.root)),)


def _lacking(meaning: Meaning) -> SignaturePlace:
    lines = (text(f"Name, date and time of the {words(AWAITED[meaning])}, by hand", Ink.SOFT),)
    return SignaturePlace(meaning.value, False, "Not signed", lines)


def signing_facts(view: View) -> tuple[str, ...]:
    """What the signatures are over, and the digests that name it."""
    record = view.record
    return (
        f"Record SHA-256 {view.digest}, over everything in it but its signatures.",
        f"Protocol SHA-256 {record.protocol_version.digest}.",
        f"Policy SHA-256 {record.policy_version.digest}.",
    )


def signed_by(view: View) -> Cell:
    """Who signed, in one line for the first page."""
    signatures = view.record.signatures
    if not signatures:
        return text("Not signed", Ink.MARK)
    return joined(
        *(
            (
                Run(f"{one.meaning} "), *typed(person(one.signer)),
                Run(f" {view.clock.time(one.signed_at)}"),
            )
            for one in signatures
        )
    )  # fmt: skip
