"""Forms: the versions that a session is pinned to, the answers, and what was overridden."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Table -> its primary key.
GUARDED: dict[str, list[str]] = {
    "session_form": ["clinic_id", "session_id", "form"],
    "form_answer": ["clinic_id", "entry_id", "position"],
    "form_override": ["clinic_id", "entry_id"],
}


def upgrade() -> None:
    _make_session_form()
    _make_form_answer()
    _make_form_override()
    for table, key in GUARDED.items():
        op.create_index(f"ix_{table}_sealed", table, ["clinic_id", "audit_number"])
        guard(table, key)


def _make_session_form() -> None:
    op.create_table(
        "session_form",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_session_form_clinic_id_session_id_session"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "version_id"],
            ["document_version.clinic_id", "document_version.id"],
            name="fk_session_form_version",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "session_id", "form", name=op.f("pk_session_form")),
    )


def _make_form_answer() -> None:
    op.create_table(
        "form_answer",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("yes", sa.Boolean(), nullable=True),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("absent", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_offset_min", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_form_answer_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", "position", name=op.f("pk_form_answer")),
    )


def _make_form_override() -> None:
    op.create_table(
        "form_override",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["entry.clinic_id", "entry.id"],
            name=op.f("fk_form_override_clinic_id_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "entry_id", name=op.f("pk_form_override")),
    )
