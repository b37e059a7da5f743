"""A signature keeps the digest of the text that was signed, beside that of the record."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Absent values are left out of a row's digest, so that the earlier signatures still verify.
    op.add_column("signature", sa.Column("statement_digest", sa.String(), nullable=True))
