"""The sealed summaries: the fact of each, and its bytes."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sealed_summary",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("signature_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "signature_id"],
            ["signature.clinic_id", "signature.id"],
            name=op.f("fk_sealed_summary_clinic_id_signature_id_signature"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "signature_id", name=op.f("pk_sealed_summary")),
    )
    op.create_index("ix_sealed_summary_sealed", "sealed_summary", ["clinic_id", "audit_number"])
    op.create_table(
        "summary_content",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("signature_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "signature_id"],
            ["signature.clinic_id", "signature.id"],
            name=op.f("fk_summary_content_clinic_id_signature_id_signature"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "signature_id", name=op.f("pk_summary_content")),
    )
    guard("sealed_summary", ["clinic_id", "signature_id"])
    guard("summary_content", ["clinic_id", "signature_id"])
