"""The clinic's own head of a sheet's first page, as its policy has it."""

from protocol.rules.protocols import PolicyDocument
from reports.sheet import LetterheadPrinted


def letterhead_of(policy: PolicyDocument) -> LetterheadPrinted | None:
    """Lines and logo, or none where the policy has none."""
    head = policy.letterhead
    if head is None:
        return None
    return LetterheadPrinted(head.lines, head.picture)
