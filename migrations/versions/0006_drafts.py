"""Drafts: what was typed and not saved, encrypted for its sign-in. No record, so no guard."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_draft_clinic_id_session_id_session"),
        ),
        sa.ForeignKeyConstraint(
            ["token_hash"], ["sign_in.token_hash"], name=op.f("fk_draft_token_hash_sign_in")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "token_hash", "session_id", name=op.f("pk_draft")),
    )
