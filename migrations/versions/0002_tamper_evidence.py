"""The Merkle tree's subtrees, signed checkpoints, the anchor of a signature, and the row that a
writing process holds."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_subtree",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "height", "position", name=op.f("pk_audit_subtree")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.clinic_id"], name=op.f("fk_checkpoint_clinic_id_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_checkpoint")),
    )
    op.create_index("ix_checkpoint_sealed", "checkpoint", ["clinic_id", "audit_number"])
    op.create_table(
        "chain_turn",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_chain_turn")),
    )
    op.execute("INSERT INTO chain_turn (clinic_id) SELECT clinic_id FROM clinic")
    # Not in a batch: that would make the table anew, without its guards.
    op.add_column("signature", sa.Column("anchor_size", sa.Integer(), nullable=True))
    op.add_column("signature", sa.Column("anchor_root", sa.String(), nullable=True))
    guard("audit_subtree", ["clinic_id", "height", "position"])
    guard("checkpoint", ["clinic_id", "id"])
