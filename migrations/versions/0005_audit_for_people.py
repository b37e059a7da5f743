"""The audit trail for people: indexes of its searches, reviews, requests, disclosures, holds, and
the purge of detail, with the one guard that lets a detail go where its tombstone stands."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard
from migrations.purging import guard_details

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Table -> its primary key and every other unique key.
GUARDED: dict[str, list[list[str]]] = {
    "disclosure": [["clinic_id", "id"], ["clinic_id", "replaces_id"]],
    "amendment_request": [["clinic_id", "id"]],
    "amendment_answer": [["clinic_id", "id"], ["clinic_id", "request_id"]],
    "amendment_statement": [["clinic_id", "id"]],
    "hold": [["clinic_id", "id"]],
    "hold_lift": [["clinic_id", "hold_id"]],
    "audit_review": [["clinic_id", "id"]],
    "purge": [["clinic_id", "id"]],
    "tombstone": [["clinic_id", "number"]],
}


def upgrade() -> None:
    _make_audit_review()
    _make_hold()
    _make_purge()
    _make_amendment_request()
    _make_disclosure()
    _index_disclosure()
    _make_hold_lift()
    _make_tombstone()
    _make_amendment_answer()
    _make_amendment_statement()
    _index_audit_entry()
    for table, keys in GUARDED.items():
        guard(table, *keys)
    guard_details()


def _index_audit_entry() -> None:
    op.drop_index("ix_audit_entry_person", "audit_entry")
    op.drop_index("ix_audit_entry_session", "audit_entry")
    op.create_index("ix_audit_entry_at", "audit_entry", ["clinic_id", "at", "number"])
    for name in ("person", "patient", "session"):
        columns = ["clinic_id", f"{name}_id", "at", "number"]
        op.create_index(f"ix_audit_entry_{name}", "audit_entry", columns)
    op.create_index("ix_audit_entry_action", "audit_entry", ["clinic_id", "action", "at", "number"])
    not_done = sa.text("outcome <> 'done'")
    op.create_index(
        "ix_audit_entry_not_done",
        "audit_entry",
        ["clinic_id", "outcome", "at", "number"],
        sqlite_where=not_done,
        postgresql_where=not_done,
    )


def _make_audit_review() -> None:
    op.create_table(
        "audit_review",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer", sa.String(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "reviewer_id"],
            ["person.clinic_id", "person.id"],
            name=op.f("fk_audit_review_clinic_id_reviewer_id_person"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_audit_review")),
    )
    op.create_index("ix_audit_review_sealed", "audit_review", ["clinic_id", "audit_number"])


def _make_hold() -> None:
    op.create_table(
        "hold",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_hold_clinic_id_patient_id_patient"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_hold")),
    )
    op.create_index("ix_hold_sealed", "hold", ["clinic_id", "audit_number"])


def _make_purge() -> None:
    op.create_table(
        "purge",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_class", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.String(), nullable=False),
        sa.Column("purged", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("second_person", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_purge_clinic_id_patient_id_patient"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_purge")),
    )
    op.create_index("ix_purge_sealed", "purge", ["clinic_id", "audit_number"])


def _make_amendment_request() -> None:
    op.create_table(
        "amendment_request",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_offset_min", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_amendment_request_clinic_id_patient_id_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_amendment_request_clinic_id_session_id_session"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_amendment_request")),
    )
    op.create_index(
        "ix_amendment_request_patient", "amendment_request", ["clinic_id", "patient_id"]
    )
    op.create_index(
        "ix_amendment_request_sealed", "amendment_request", ["clinic_id", "audit_number"]
    )


def _make_disclosure() -> None:
    op.create_table(
        "disclosure",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("disclosed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disclosed_offset_min", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("recipient_address", sa.Text(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_disclosure_clinic_id_patient_id_patient"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "replaces_id"],
            ["disclosure.clinic_id", "disclosure.id"],
            name="fk_disclosure_replaces",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_disclosure_clinic_id_session_id_session"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_disclosure")),
        sa.UniqueConstraint(
            "clinic_id", "replaces_id", name=op.f("uq_disclosure_clinic_id_replaces_id")
        ),
    )


def _index_disclosure() -> None:
    op.create_index("ix_disclosure_patient", "disclosure", ["clinic_id", "patient_id"])
    op.create_index("ix_disclosure_sealed", "disclosure", ["clinic_id", "audit_number"])


def _make_hold_lift() -> None:
    op.create_table(
        "hold_lift",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "hold_id"],
            ["hold.clinic_id", "hold.id"],
            name=op.f("fk_hold_lift_clinic_id_hold_id_hold"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "hold_id", name=op.f("pk_hold_lift")),
    )
    op.create_index("ix_hold_lift_sealed", "hold_lift", ["clinic_id", "audit_number"])


def _make_tombstone() -> None:
    op.create_table(
        "tombstone",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("purge_id", sa.Uuid(), nullable=False),
        sa.Column("detail_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "purge_id"],
            ["purge.clinic_id", "purge.id"],
            name=op.f("fk_tombstone_clinic_id_purge_id_purge"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "number", name=op.f("pk_tombstone")),
    )
    op.create_index("ix_tombstone_sealed", "tombstone", ["clinic_id", "audit_number"])


def _make_amendment_answer() -> None:
    op.create_table(
        "amendment_answer",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_amendment_answer_clinic_id_entry_id_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "request_id"],
            ["amendment_request.clinic_id", "amendment_request.id"],
            name=op.f("fk_amendment_answer_clinic_id_request_id_amendment_request"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_amendment_answer")),
        sa.UniqueConstraint(
            "clinic_id", "request_id", name=op.f("uq_amendment_answer_clinic_id_request_id")
        ),
    )
    op.create_index("ix_amendment_answer_sealed", "amendment_answer", ["clinic_id", "audit_number"])


def _make_amendment_statement() -> None:
    op.create_table(
        "amendment_statement",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "request_id"],
            ["amendment_request.clinic_id", "amendment_request.id"],
            name=op.f("fk_amendment_statement_clinic_id_request_id_amendment_request"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_amendment_statement")),
    )
    op.create_index(
        "ix_amendment_statement_request", "amendment_statement", ["clinic_id", "request_id"]
    )
    op.create_index(
        "ix_amendment_statement_sealed", "amendment_statement", ["clinic_id", "audit_number"]
    )
