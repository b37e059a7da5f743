"""Every table there is. `SEALED` are written once and never changed; `records/guards.py` and the
migrations hold the database to it."""

from sqlmodel import SQLModel

from protocol.records.tables.audit import (
    AuditDetailRow,
    AuditEntryRow,
    AuditSubtreeRow,
    ChainTurnRow,
    CheckpointRow,
)
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
)
from protocol.records.tables.documents import DocumentVersionRow, VersionStatusRow
from protocol.records.tables.identity import (
    CodeUseRow,
    CredentialRow,
    EmergencyAccessRow,
    EmergencyClosureRow,
    LockOutRow,
    RecoveryCodeRow,
    SecondFactorRow,
    SignInRow,
)
from protocol.records.tables.patients import PatientRow, PatientVersionRow, WeightRow
from protocol.records.tables.sessions import SessionRow, SessionStatusRow, SignatureRow

# In the order in which foreign keys let them be written.
SEALED: tuple[type[SQLModel], ...] = (
    ClinicRow,
    PersonRow,
    PersonStandingRow,
    SecretRow,
    CredentialRow,
    SecondFactorRow,
    RecoveryCodeRow,
    EmergencyAccessRow,
    EmergencyClosureRow,
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
    CheckpointRow,
)
CHAIN: tuple[type[SQLModel], ...] = (AuditEntryRow, AuditDetailRow, AuditSubtreeRow)

__all__ = [
    "CHAIN",
    "SEALED",
    "AdjunctRow",
    "AdverseEventRow",
    "AuditDetailRow",
    "AuditEntryRow",
    "AuditSubtreeRow",
    "BreachRow",
    "ChainTurnRow",
    "CheckpointRow",
    "ClinicRow",
    "CodeUseRow",
    "CredentialRow",
    "DocumentVersionRow",
    "DosingEventRow",
    "EmergencyAccessRow",
    "EmergencyClosureRow",
    "EntryRow",
    "LockOutRow",
    "MissedRoundRow",
    "ObservationRow",
    "OverrideRow",
    "PatientRow",
    "PatientVersionRow",
    "PersonRow",
    "PersonStandingRow",
    "PhaseRow",
    "PlanRow",
    "RecoveryCodeRow",
    "SecondFactorRow",
    "SecretRow",
    "SessionRow",
    "SessionStatusRow",
    "SignInRow",
    "SignatureRow",
    "TextRow",
    "VersionStatusRow",
    "WeightRow",
]
