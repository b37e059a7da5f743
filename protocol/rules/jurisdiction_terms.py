"""What the jurisdiction profile in force says to the acts of custody (R76, R77, R78, R83)."""

from protocol.rules.custody import EntryKind
from protocol.rules.custody_terms import PLAIN_TERMS, CustodyTerms, Witnesses
from protocol.rules.jurisdiction import JurisdictionDocument


def terms_of(profile: JurisdictionDocument | None, drug: str | None = None) -> CustodyTerms:
    """What holds for the custody of a drug: the profile's, and else what holds without one. Without
    a drug it has no tolerance, which is a drug's own."""
    if profile is None:
        return PLAIN_TERMS
    known = None if drug is None else profile.drug(drug)
    tolerated = None if known is None else known.remainder_tolerance
    own = {
        EntryKind.WASTE: profile.waste_witnesses, EntryKind.DESTROY: profile.destruction_witnesses
    }  # fmt: skip
    return CustodyTerms(
        witnesses=tuple(
            Witnesses(kind=kind, people=PLAIN_TERMS.witnesses_for(kind) if said is None else said)
            for kind, said in own.items()
        ),
        tolerances=() if tolerated is None else (tolerated,),
        waste_within_min=profile.waste_within_min,
    )
