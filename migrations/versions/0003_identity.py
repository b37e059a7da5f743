"""Second factors, credentials, emergency access, and sign-ins that lock: tables and guards."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

GUARDED = (
    "credential", "second_factor", "recovery_code", "emergency_access", "emergency_closure",
)  # fmt: skip


def upgrade() -> None:
    op.add_column(
        "person_standing", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("secret", sa.Column("temporary", sa.Boolean(), nullable=True))
    # Sign-ins are no record: whoever was signed in signs in again, under the new rules.
    op.drop_table("sign_in")
    _make_sign_in()
    _make_lock_out()
    _make_code_use()
    _make_what_is_sealed()
    _make_emergency_closure()
    for table in GUARDED:
        guard(table, ["clinic_id", "id"])


def _make_what_is_sealed() -> None:
    _of_a_person(
        "credential",
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
    )
    _of_a_person(
        "second_factor",
        sa.Column("factor_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("shared_secret", sa.String(), nullable=True),
    )
    _of_a_person(
        "recovery_code",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("hashed", sa.String(), nullable=False),
    )
    _of_a_person(
        "emergency_access",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("workstation", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("without_second_factor", sa.Boolean(), nullable=False),
    )


def _of_a_person(table: str, *columns: sa.Column) -> None:
    """A sealed table whose rows are each about one person."""
    op.create_table(
        table,
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["clinic_id", "person_id"],
            ["person.clinic_id", "person.id"],
            name=op.f(f"fk_{table}_clinic_id_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"])
    op.create_index(f"ix_{table}_sealed", table, ["clinic_id", "audit_number"])


def _make_emergency_closure() -> None:
    op.create_table(
        "emergency_closure",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("access_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "access_id"],
            ["emergency_access.clinic_id", "emergency_access.id"],
            name=op.f("fk_emergency_closure_clinic_id_access_id_emergency_access"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_emergency_closure")),
    )
    op.create_index(op.f("ix_emergency_closure_access_id"), "emergency_closure", ["access_id"])
    op.create_index(
        "ix_emergency_closure_sealed", "emergency_closure", ["clinic_id", "audit_number"]
    )


def _make_sign_in() -> None:
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("workstation", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_s", sa.Integer(), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held", sa.String(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("emergency_id", sa.Uuid(), nullable=True),
        sa.Column("emergency_reason", sa.String(), nullable=True),
        sa.Column("emergency_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "person_id"],
            ["person.clinic_id", "person.id"],
            name=op.f("fk_sign_in_clinic_id_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_sign_in_clinic_id_id")),
    )
    op.create_index("ix_sign_in_person", "sign_in", ["clinic_id", "person_id"])


def _make_lock_out() -> None:
    op.create_table(
        "lock_out",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("clinic_id", "subject", name=op.f("pk_lock_out")),
    )


def _make_code_use() -> None:
    op.create_table(
        "code_use",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "subject_id", name=op.f("pk_code_use")),
    )
