"""What a session gave of each drug, as its custody is balanced against it (R78)."""

from protocol.rules.custody_balance import GivenDrug
from protocol.rules.dosing import Flow
from protocol.rules.record import SessionRecord


def given_drugs(record: SessionRecord) -> tuple[GivenDrug, ...]:
    """What each drug line gave by the infusion's own arithmetic; a running one up to its last
    change, for its end is not charted."""
    return tuple(
        GivenDrug(
            one.line.drug, one.given.amount, one.given.unit, running=one.flow is not Flow.IDLE
        )
        for one in record.totals()
    )
