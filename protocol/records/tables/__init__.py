"""Every table there is. `SEALED` are written once and never changed; `records/guards.py` and the
migrations hold the database to it."""

from sqlmodel import SQLModel

from protocol.records.tables.audit import AuditDetailRow, AuditEntryRow
from protocol.records.tables.charting import (
    AdjunctRow,
    AdverseEventRow,
    BreachRow,
    DosingEventRow,
    EntryRow,
    MissedRoundRow,
    ObservationRow,
    OverrideRow,
    PhaseRow,
    PlanRow,
    TextRow,
)
from protocol.records.tables.clinics import (
    ClinicRow,
    PersonRow,
    PersonStandingRow,
    SecretRow,
    SignInRow,
)
from protocol.records.tables.documents import DocumentVersionRow, VersionStatusRow
from protocol.records.tables.keeping import (
    AmendmentAnswerRow,
    AmendmentRequestRow,
    AmendmentStatementRow,
    DisclosureRow,
    HoldLiftRow,
    HoldRow,
)
from protocol.records.tables.oversight import AuditReviewRow, PurgeRow, TombstoneRow
from protocol.records.tables.patients import PatientRow, PatientVersionRow, WeightRow
from protocol.records.tables.sessions import SessionRow, SessionStatusRow, SignatureRow

# In the order in which foreign keys let them be written.
SEALED: tuple[type[SQLModel], ...] = (
    ClinicRow,
    PersonRow,
    PersonStandingRow,
    SecretRow,
    DocumentVersionRow,
    VersionStatusRow,
    PatientRow,
    PatientVersionRow,
    WeightRow,
    SessionRow,
    SessionStatusRow,
    EntryRow,
    ObservationRow,
    DosingEventRow,
    AdverseEventRow,
    AdjunctRow,
    TextRow,
    MissedRoundRow,
    PhaseRow,
    PlanRow,
    BreachRow,
    OverrideRow,
    SignatureRow,
    DisclosureRow,
    AmendmentRequestRow,
    AmendmentAnswerRow,
    AmendmentStatementRow,
    HoldRow,
    HoldLiftRow,
    AuditReviewRow,
    PurgeRow,
    TombstoneRow,
)
CHAIN: tuple[type[SQLModel], ...] = (AuditEntryRow, AuditDetailRow)

__all__ = [
    "CHAIN",
    "SEALED",
    "AdjunctRow",
    "AdverseEventRow",
    "AmendmentAnswerRow",
    "AmendmentRequestRow",
    "AmendmentStatementRow",
    "AuditDetailRow",
    "AuditEntryRow",
    "AuditReviewRow",
    "BreachRow",
    "ClinicRow",
    "DisclosureRow",
    "DocumentVersionRow",
    "DosingEventRow",
    "EntryRow",
    "HoldLiftRow",
    "HoldRow",
    "MissedRoundRow",
    "ObservationRow",
    "OverrideRow",
    "PatientRow",
    "PatientVersionRow",
    "PersonRow",
    "PersonStandingRow",
    "PhaseRow",
    "PlanRow",
    "PurgeRow",
    "SecretRow",
    "SessionRow",
    "SessionStatusRow",
    "SignInRow",
    "SignatureRow",
    "TextRow",
    "TombstoneRow",
    "VersionStatusRow",
    "WeightRow",
]
