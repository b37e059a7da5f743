"""Counts and losses of controlled drugs, and the address of a patient."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


# Table -> its primary key and every other unique key.
GUARDED: dict[str, list[list[str]]] = {
    "custody_count": [["clinic_id", "id"]],
    "custody_count_end": [["clinic_id", "id"], ["clinic_id", "count_id"]],
    "custody_count_line": [["clinic_id", "count_id", "container_id"]],
    "loss_report": [["clinic_id", "id"], ["clinic_id", "replaces_id"]],
    "loss_filing": [["clinic_id", "id"]],
}


def upgrade() -> None:
    _make_custody_count()
    _make_custody_count_end()
    _make_custody_count_line()
    _make_loss_report()
    _make_loss_filing()
    for table, keys in GUARDED.items():
        guard(table, *keys)
    # Absent values are left out of a row's digest, so that earlier versions still verify.
    op.add_column("patient_version", sa.Column("address", sa.Text(), nullable=True))


def _make_custody_count() -> None:
    op.create_table(
        "custody_count",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("business", sa.String(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ledger_number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.CheckConstraint(
            "business IN ('opening','close')", name=op.f("ck_custody_count_business")
        ),
        sa.CheckConstraint(
            "kind IN ('initial','periodic','spot')", name=op.f("ck_custody_count_kind")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "location_id"],
            ["custody_location.clinic_id", "custody_location.id"],
            name=op.f("fk_custody_count_clinic_id_location_id_custody_location"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_custody_count")),
    )
    op.create_index("ix_custody_count_location", "custody_count", ["clinic_id", "location_id"])
    op.create_index("ix_custody_count_sealed", "custody_count", ["clinic_id", "audit_number"])


def _make_custody_count_end() -> None:
    op.create_table(
        "custody_count_end",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("count_id", sa.Uuid(), nullable=False),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("observed_offset_min", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.CheckConstraint(
            "ending IN ('recorded','abandoned')", name=op.f("ck_custody_count_end_ending")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "count_id"],
            ["custody_count.clinic_id", "custody_count.id"],
            name=op.f("fk_custody_count_end_clinic_id_count_id_custody_count"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_custody_count_end")),
        sa.UniqueConstraint(
            "clinic_id", "count_id", name=op.f("uq_custody_count_end_clinic_id_count_id")
        ),
    )
    op.create_index(
        "ix_custody_count_end_sealed", "custody_count_end", ["clinic_id", "audit_number"]
    )


def _make_custody_count_line() -> None:
    op.create_table(
        "custody_count_line",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("count_id", sa.Uuid(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("entered_value", sa.String(), nullable=True),
        sa.Column("entered_unit", sa.String(), nullable=True),
        sa.Column("counted", sa.String(), nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "method IN ('exact','estimated')", name=op.f("ck_custody_count_line_method")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "container_id"],
            ["container.clinic_id", "container.id"],
            name=op.f("fk_custody_count_line_clinic_id_container_id_container"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "count_id"],
            ["custody_count.clinic_id", "custody_count.id"],
            name=op.f("fk_custody_count_line_clinic_id_count_id_custody_count"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "count_id", "container_id", name=op.f("pk_custody_count_line")
        ),
    )
    op.create_index(
        "ix_custody_count_line_sealed", "custody_count_line", ["clinic_id", "audit_number"]
    )


def _make_loss_report() -> None:
    op.create_table(
        "loss_report",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("discovered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("discovered_offset_min", sa.Integer(), nullable=False),
        sa.Column("drug", sa.String(), nullable=False),
        sa.Column("amount_value", sa.String(), nullable=True),
        sa.Column("amount_unit", sa.String(), nullable=True),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("discrepancy_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("factors", sa.Text(), nullable=False),
        sa.Column("clocks", sa.Text(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        *_of_loss_report(),
    )
    op.create_index("ix_loss_report_sealed", "loss_report", ["clinic_id", "audit_number"])


def _of_loss_report() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint(
            "kind IN ('theft','loss','unexplained')", name=op.f("ck_loss_report_kind")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "container_id"],
            ["container.clinic_id", "container.id"],
            name=op.f("fk_loss_report_clinic_id_container_id_container"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "discrepancy_id"],
            ["discrepancy.clinic_id", "discrepancy.id"],
            name=op.f("fk_loss_report_clinic_id_discrepancy_id_discrepancy"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "location_id"],
            ["custody_location.clinic_id", "custody_location.id"],
            name=op.f("fk_loss_report_clinic_id_location_id_custody_location"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "replaces_id"],
            ["loss_report.clinic_id", "loss_report.id"],
            name="fk_loss_report_replaces",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_loss_report")),
        sa.UniqueConstraint(
            "clinic_id", "replaces_id", name=op.f("uq_loss_report_clinic_id_replaces_id")
        ),
    ]


def _make_loss_filing() -> None:
    op.create_table(
        "loss_filing",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("filing", sa.String(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_offset_min", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.CheckConstraint(
            "filing IN ('written-notice','electronic-report')", name=op.f("ck_loss_filing_filing")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "report_id"],
            ["loss_report.clinic_id", "loss_report.id"],
            name=op.f("fk_loss_filing_clinic_id_report_id_loss_report"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_loss_filing")),
    )
    op.create_index("ix_loss_filing_report", "loss_filing", ["clinic_id", "report_id"])
    op.create_index("ix_loss_filing_sealed", "loss_filing", ["clinic_id", "audit_number"])
