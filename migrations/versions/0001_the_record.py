"""The record: every table of an approved-protocol-to-signature session, and its guards."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import FUNCTION, guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Table -> its primary key and every other unique key.
GUARDED: dict[str, list[list[str]]] = {
    "audit_entry": [["clinic_id", "number"]],
    "audit_detail": [["clinic_id", "number"]],
    "clinic": [["clinic_id"]],
    "person": [["clinic_id", "id"], ["clinic_id", "username"]],
    "person_standing": [["clinic_id", "id"]],
    "secret": [["clinic_id", "id"]],
    "document_version": [["clinic_id", "id"], ["clinic_id", "kind", "name", "number"]],
    "version_status": [["clinic_id", "id"]],
    "patient": [["clinic_id", "id"]],
    "patient_version": [["clinic_id", "id"], ["clinic_id", "patient_id", "version"]],
    "weight": [["clinic_id", "id"]],
    "session": [["clinic_id", "id"]],
    "session_status": [["clinic_id", "id"]],
    "entry": [["clinic_id", "id"]],
    "observation": [["clinic_id", "entry_id", "position"]],
    "dosing_event": [["clinic_id", "entry_id"]],
    "adverse_event": [["clinic_id", "entry_id"]],
    "adjunct": [["clinic_id", "entry_id"]],
    "text_entry": [["clinic_id", "entry_id"]],
    "missed_round": [["clinic_id", "entry_id"]],
    "phase_entry": [["clinic_id", "entry_id"]],
    "plan": [["clinic_id", "entry_id"]],
    "breach": [["clinic_id", "id"]],
    "override": [["clinic_id", "entry_id"]],
    "signature": [["clinic_id", "id"], ["clinic_id", "session_id", "meaning", "record_digest"]],
}


def upgrade() -> None:
    _make_audit_detail()
    _make_audit_entry()
    _make_clinic()
    _make_document_version()
    _make_patient()
    _make_person()
    _make_patient_version()
    _index_patient_version()
    _make_person_standing()
    _make_secret()
    _make_session()
    _make_sign_in()
    _make_version_status()
    _make_weight()
    _make_entry()
    _make_session_status()
    _make_signature()
    _make_adjunct()
    _make_adverse_event()
    _make_breach()
    _make_dosing_event()
    _make_missed_round()
    _make_observation()
    _make_phase_entry()
    _make_plan()
    _make_text_entry()
    _make_override()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
    for table, keys in GUARDED.items():
        guard(table, *keys)


def _make_audit_detail() -> None:
    op.create_table(
        "audit_detail",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "number", name=op.f("pk_audit_detail")),
    )


def _make_audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("workstation", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("rows_digest", sa.String(), nullable=False),
        sa.Column("detail_digest", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_audit_entry_number")),
        sa.PrimaryKeyConstraint("clinic_id", "number", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(
            "ix_audit_entry_person",
            ["clinic_id", "person_id", "subject_id", "number"],
            unique=False,
        )
        batch_op.create_index(
            "ix_audit_entry_session", ["clinic_id", "session_id", "number"], unique=False
        )


def _make_clinic() -> None:
    op.create_table(
        "clinic",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("founded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_clinic")),
    )
    with op.batch_alter_table("clinic", schema=None) as batch_op:
        batch_op.create_index("ix_clinic_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_document_version() -> None:
    op.create_table(
        "document_version",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_document_version_number")),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.clinic_id"], name=op.f("fk_document_version_clinic_id_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_document_version")),
        sa.UniqueConstraint(
            "clinic_id",
            "kind",
            "name",
            "number",
            name=op.f("uq_document_version_clinic_id_kind_name_number"),
        ),
    )
    with op.batch_alter_table("document_version", schema=None) as batch_op:
        batch_op.create_index(
            "ix_document_version_sealed", ["clinic_id", "audit_number"], unique=False
        )


def _make_patient() -> None:
    op.create_table(
        "patient",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.clinic_id"], name=op.f("fk_patient_clinic_id_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_patient")),
    )
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.create_index("ix_patient_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_person() -> None:
    op.create_table(
        "person",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.clinic_id"], name=op.f("fk_person_clinic_id_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_person")),
        sa.UniqueConstraint("clinic_id", "username", name=op.f("uq_person_clinic_id_username")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_patient_version() -> None:
    op.create_table(
        "patient_version",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_system", sa.String(), nullable=False),
        sa.Column("first_value", sa.String(), nullable=False),
        sa.Column("second_system", sa.String(), nullable=False),
        sa.Column("second_value", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("given", sa.String(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(), nullable=False),
        sa.Column("allergy_state", sa.String(), nullable=False),
        sa.Column("allergies", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_patient_version_version")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_patient_version_clinic_id_patient_id_patient"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_patient_version")),
        sa.UniqueConstraint(
            "clinic_id",
            "patient_id",
            "version",
            name=op.f("uq_patient_version_clinic_id_patient_id_version"),
        ),
    )


def _index_patient_version() -> None:
    with op.batch_alter_table("patient_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_patient_version_first_value"), ["first_value"], unique=False
        )
        batch_op.create_index(
            "ix_patient_version_sealed", ["clinic_id", "audit_number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_patient_version_second_value"), ["second_value"], unique=False
        )


def _make_person_standing() -> None:
    op.create_table(
        "person_standing",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "person_id"],
            ["person.clinic_id", "person.id"],
            name=op.f("fk_person_standing_clinic_id_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_person_standing")),
    )
    with op.batch_alter_table("person_standing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_person_standing_person_id"), ["person_id"], unique=False
        )
        batch_op.create_index(
            "ix_person_standing_sealed", ["clinic_id", "audit_number"], unique=False
        )


def _make_secret() -> None:
    op.create_table(
        "secret",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("hashed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "person_id"],
            ["person.clinic_id", "person.id"],
            name=op.f("fk_secret_clinic_id_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_secret")),
    )
    with op.batch_alter_table("secret", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_secret_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_secret_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_session() -> None:
    op.create_table(
        "session",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("protocol_version_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(), nullable=True),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_session_clinic_id_patient_id_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "policy_version_id"],
            ["document_version.clinic_id", "document_version.id"],
            name="fk_session_policy_version",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "protocol_version_id"],
            ["document_version.clinic_id", "document_version.id"],
            name="fk_session_protocol_version",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index("ix_session_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_sign_in() -> None:
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("workstation", sa.String(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "person_id"],
            ["person.clinic_id", "person.id"],
            name=op.f("fk_sign_in_clinic_id_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in")),
    )


def _make_version_status() -> None:
    op.create_table(
        "version_status",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "version_id"],
            ["document_version.clinic_id", "document_version.id"],
            name=op.f("fk_version_status_clinic_id_version_id_document_version"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_version_status")),
    )
    with op.batch_alter_table("version_status", schema=None) as batch_op:
        batch_op.create_index(
            "ix_version_status_sealed", ["clinic_id", "audit_number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_version_status_version_id"), ["version_id"], unique=False
        )


def _make_weight() -> None:
    op.create_table(
        "weight",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("value_kg", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measured_offset_min", sa.Integer(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_weight_clinic_id_patient_id_patient"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_weight")),
    )
    with op.batch_alter_table("weight", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_weight_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index("ix_weight_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_entry() -> None:
    op.create_table(
        "entry",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observed_offset_min", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("second_person", sa.String(), nullable=True),
        sa.Column("confirmed", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("weight_id", sa.Uuid(), nullable=True),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "replaces_id"], ["entry.clinic_id", "entry.id"], name="fk_entry_replaces"
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_entry_clinic_id_session_id_session"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_entry")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index("ix_entry_sealed", ["clinic_id", "audit_number"], unique=False)
        batch_op.create_index("ix_entry_session", ["clinic_id", "session_id", "kind"], unique=False)


def _make_session_status() -> None:
    op.create_table(
        "session_status",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_offset_min", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_session_status_clinic_id_session_id_session"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_session_status")),
    )
    with op.batch_alter_table("session_status", schema=None) as batch_op:
        batch_op.create_index(
            "ix_session_status_sealed", ["clinic_id", "audit_number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_session_status_session_id"), ["session_id"], unique=False
        )


def _make_signature() -> None:
    op.create_table(
        "signature",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("signer_id", sa.Uuid(), nullable=False),
        sa.Column("signer", sa.String(), nullable=False),
        sa.Column("meaning", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record_digest", sa.String(), nullable=False),
        sa.Column("protocol_version_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_signature_clinic_id_session_id_session"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_signature")),
        sa.UniqueConstraint(
            "clinic_id",
            "session_id",
            "meaning",
            "record_digest",
            name=op.f("uq_signature_clinic_id_session_id_meaning_record_digest"),
        ),
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index("ix_signature_sealed", ["clinic_id", "audit_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_signature_session_id"), ["session_id"], unique=False)


def _make_adjunct() -> None:
    op.create_table(
        "adjunct",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("medicine", sa.String(), nullable=False),
        sa.Column("dose_value", sa.String(), nullable=False),
        sa.Column("dose_unit", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("indication", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_adjunct_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", name=op.f("pk_adjunct")),
    )
    with op.batch_alter_table("adjunct", schema=None) as batch_op:
        batch_op.create_index("ix_adjunct_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_adverse_event() -> None:
    op.create_table(
        "adverse_event",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("onset_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("onset_offset_min", sa.Integer(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_offset_min", sa.Integer(), nullable=True),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("action_taken", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("relatedness", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_adverse_event_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", name=op.f("pk_adverse_event")),
    )
    with op.batch_alter_table("adverse_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_adverse_event_sealed", ["clinic_id", "audit_number"], unique=False
        )


def _make_breach() -> None:
    op.create_table(
        "breach",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("limit_code", sa.String(), nullable=False),
        sa.Column("limit_on", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("bound_unit", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_breach_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_breach")),
    )
    with op.batch_alter_table("breach", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_breach_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index("ix_breach_sealed", ["clinic_id", "audit_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_breach_session_id"), ["session_id"], unique=False)


def _make_dosing_event() -> None:
    op.create_table(
        "dosing_event",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("drug_line", sa.String(), nullable=False),
        sa.Column("rate_value", sa.String(), nullable=True),
        sa.Column("rate_unit", sa.String(), nullable=True),
        sa.Column("dose_value", sa.String(), nullable=True),
        sa.Column("dose_unit", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "event IN ('start','rate-change','bolus','pause','resume','stop')",
            name=op.f("ck_dosing_event_event"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_dosing_event_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", name=op.f("pk_dosing_event")),
    )
    with op.batch_alter_table("dosing_event", schema=None) as batch_op:
        batch_op.create_index("ix_dosing_event_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_missed_round() -> None:
    op.create_table(
        "missed_round",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_offset_min", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_missed_round_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", name=op.f("pk_missed_round")),
    )
    with op.batch_alter_table("missed_round", schema=None) as batch_op:
        batch_op.create_index("ix_missed_round_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_observation() -> None:
    op.create_table(
        "observation",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("context", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_observation_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", "position", name=op.f("pk_observation")),
    )
    with op.batch_alter_table("observation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_observation_latest",
            ["clinic_id", "session_id", "observed_at"],
            unique=False,
        )
        batch_op.create_index("ix_observation_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_phase_entry() -> None:
    op.create_table(
        "phase_entry",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_phase_entry_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", name=op.f("pk_phase_entry")),
    )
    with op.batch_alter_table("phase_entry", schema=None) as batch_op:
        batch_op.create_index("ix_phase_entry_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_plan() -> None:
    op.create_table(
        "plan",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("drug_line", sa.String(), nullable=False),
        sa.Column("dose_value", sa.String(), nullable=True),
        sa.Column("dose_unit", sa.String(), nullable=True),
        sa.Column("rate_value", sa.String(), nullable=True),
        sa.Column("rate_unit", sa.String(), nullable=True),
        sa.Column("duration_min", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_plan_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", name=op.f("pk_plan")),
    )
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.create_index("ix_plan_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_text_entry() -> None:
    op.create_table(
        "text_entry",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_text_entry_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", name=op.f("pk_text_entry")),
    )
    with op.batch_alter_table("text_entry", schema=None) as batch_op:
        batch_op.create_index("ix_text_entry_sealed", ["clinic_id", "audit_number"], unique=False)


def _make_override() -> None:
    op.create_table(
        "override",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "breach_id"],
            ["breach.clinic_id", "breach.id"],
            name=op.f("fk_override_clinic_id_breach_id_breach"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_override_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", name=op.f("pk_override")),
    )
    with op.batch_alter_table("override", schema=None) as batch_op:
        batch_op.create_index("ix_override_sealed", ["clinic_id", "audit_number"], unique=False)
