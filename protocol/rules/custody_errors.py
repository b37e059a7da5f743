"""Refusals of counting controlled drugs and of scanning their containers; the ledger's own stand
with every other in `errors.py`."""

from protocol.rules.errors import Refusal


class NotGs1(Refusal):
    """A scanned text that is no GS1 element string; the sentence says what was read."""

    code, kind, title = "not-gs1", "invalid", "Not a GS1 text"


class ScanCutShort(Refusal):
    """A scanned GS1 text that ends inside an element, or lacks what every product's text has."""

    code, kind, title = "scan-cut-short", "invalid", "Scan cut short"


class CheckDigitWrong(Refusal):
    """A GTIN whose check digit is not that of its other digits."""

    code, kind, title = "check-digit-wrong", "invalid", "Check digit wrong"


class BookHidden(Refusal):
    """Whoever counts blind sees no book value of the location until the count has ended."""

    code, kind, title = "book-hidden", "conflict", "Count is blind"


class CountIncomplete(Refusal):
    """An inventory that leaves out a container which the ledger has at the location (R79)."""

    code, kind, title = "count-incomplete", "invalid", "Count not complete"


class ExactCountDue(Refusal):
    """An estimate where the profile, or the lack of one, asks for an exact count (R79)."""

    code, kind, title = "exact-count-due", "invalid", "Exact count due"
