"""Custody: locations, products, containers, the ledger with its running totals, discrepancies."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None


# Table -> its primary key and every other unique key.
GUARDED: dict[str, list[list[str]]] = {
    "custody_location": [["clinic_id", "id"], ["clinic_id", "location_id", "version"]],
    "custody_product": [["clinic_id", "id"]],
    "custody_receipt": [["clinic_id", "id"]],
    "container": [["clinic_id", "id"]],
    "custody_entry": [
        ["clinic_id", "id"],
        ["clinic_id", "number"],
        ["clinic_id", "reverses_id"],
    ],
    "custody_reconciliation": [["clinic_id", "id"]],
    "discrepancy": [["clinic_id", "id"]],
    "discrepancy_explanation": [["clinic_id", "id"]],
    "discrepancy_closing": [["clinic_id", "id"], ["clinic_id", "discrepancy_id"]],
}


def upgrade() -> None:
    _make_custody_location()
    _make_custody_product()
    _make_custody_receipt()
    _make_container()
    _make_custody_entry()
    _make_custody_reconciliation()
    _make_discrepancy()
    _make_discrepancy_explanation()
    _make_discrepancy_closing()
    for table, keys in GUARDED.items():
        guard(table, *keys)


def _make_custody_location() -> None:
    op.create_table(
        "custody_location",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("registration", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "location_id"],
            ["custody_location.clinic_id", "custody_location.id"],
            name="fk_custody_location_first",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_custody_location")),
        sa.UniqueConstraint(
            "clinic_id",
            "location_id",
            "version",
            name=op.f("uq_custody_location_clinic_id_location_id_version"),
        ),
    )
    op.create_index("ix_custody_location_sealed", "custody_location", ["clinic_id", "audit_number"])


def _make_custody_product() -> None:
    op.create_table(
        "custody_product",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("drug", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("strength_value", sa.String(), nullable=False),
        sa.Column("strength_unit", sa.String(), nullable=False),
        sa.Column("volume_value", sa.String(), nullable=False),
        sa.Column("volume_unit", sa.String(), nullable=False),
        sa.Column("size_value", sa.String(), nullable=False),
        sa.Column("size_unit", sa.String(), nullable=False),
        sa.Column("gtin", sa.String(), nullable=True),
        sa.Column("schedule", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_custody_product")),
    )
    op.create_index("ix_custody_product_gtin", "custody_product", ["clinic_id", "gtin"])
    op.create_index("ix_custody_product_sealed", "custody_product", ["clinic_id", "audit_number"])


def _make_custody_receipt() -> None:
    op.create_table("custody_receipt", *_custody_receipt_columns(), *_custody_receipt_keys())
    op.create_index("ix_custody_receipt_sealed", "custody_receipt", ["clinic_id", "audit_number"])


def _custody_receipt_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("supplier_address", sa.Text(), nullable=True),
        sa.Column("supplier_registration", sa.String(), nullable=True),
        sa.Column("order_number", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_offset_min", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
    ]


def _custody_receipt_keys() -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["clinic_id", "location_id"],
            ["custody_location.clinic_id", "custody_location.id"],
            name=op.f("fk_custody_receipt_clinic_id_location_id_custody_location"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "product_id"],
            ["custody_product.clinic_id", "custody_product.id"],
            name=op.f("fk_custody_receipt_clinic_id_product_id_custody_product"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_custody_receipt")),
    ]


def _make_container() -> None:
    op.create_table(
        "container",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("serial", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "receipt_id"],
            ["custody_receipt.clinic_id", "custody_receipt.id"],
            name=op.f("fk_container_clinic_id_receipt_id_custody_receipt"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_container")),
    )
    op.create_index("ix_container_receipt", "container", ["clinic_id", "receipt_id"])
    op.create_index("ix_container_sealed", "container", ["clinic_id", "audit_number"])


def _make_custody_entry() -> None:
    op.create_table("custody_entry", *_custody_entry_columns(), *_custody_entry_keys())
    op.create_index(
        "ix_custody_entry_container", "custody_entry", ["clinic_id", "container_id", "number"]
    )
    op.create_index("ix_custody_entry_sealed", "custody_entry", ["clinic_id", "audit_number"])
    op.create_index(
        "ix_custody_entry_session", "custody_entry", ["clinic_id", "session_id", "number"]
    )
    op.create_index(
        "ix_custody_entry_stock",
        "custody_entry",
        ["clinic_id", "location_id", "product_id", "number"],
    )


def _custody_entry_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("container_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("draw_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("moved_with_id", sa.Uuid(), nullable=True),
        sa.Column("entered_value", sa.String(), nullable=True),
        sa.Column("entered_unit", sa.String(), nullable=True),
        sa.Column("amount", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("container_after", sa.String(), nullable=False),
        sa.Column("location_after", sa.String(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observed_offset_min", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("witnesses", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("manner", sa.String(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("marks", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
    ]


def _custody_entry_keys() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint(
            "kind IN ('receive','open','draw','waste','give-back','break','transfer-out',"
            "'transfer-in','lose','find','destroy','reverse')",
            name=op.f("ck_custody_entry_kind"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_custody_entry_number")),
        *_custody_entry_foreign_keys(),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_custody_entry")),
        sa.UniqueConstraint("clinic_id", "number", name=op.f("uq_custody_entry_clinic_id_number")),
        sa.UniqueConstraint(
            "clinic_id", "reverses_id", name=op.f("uq_custody_entry_clinic_id_reverses_id")
        ),
    ]


def _custody_entry_foreign_keys() -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["clinic_id", "container_id"],
            ["container.clinic_id", "container.id"],
            name=op.f("fk_custody_entry_clinic_id_container_id_container"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "draw_id"],
            ["custody_entry.clinic_id", "custody_entry.id"],
            name="fk_custody_entry_draw",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "location_id"],
            ["custody_location.clinic_id", "custody_location.id"],
            name=op.f("fk_custody_entry_clinic_id_location_id_custody_location"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "product_id"],
            ["custody_product.clinic_id", "custody_product.id"],
            name=op.f("fk_custody_entry_clinic_id_product_id_custody_product"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "reverses_id"],
            ["custody_entry.clinic_id", "custody_entry.id"],
            name="fk_custody_entry_reverses",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_custody_entry_clinic_id_session_id_session"),
        ),
    ]


def _make_custody_reconciliation() -> None:
    op.create_table(
        "custody_reconciliation",
        *_custody_reconciliation_columns(),
        *_custody_reconciliation_keys(),
    )
    op.create_index(
        "ix_custody_reconciliation_container",
        "custody_reconciliation",
        ["clinic_id", "container_id"],
    )
    op.create_index(
        "ix_custody_reconciliation_sealed", "custody_reconciliation", ["clinic_id", "audit_number"]
    )
    op.create_index(
        "ix_custody_reconciliation_session", "custody_reconciliation", ["clinic_id", "session_id"]
    )


def _custody_reconciliation_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("seen_value", sa.String(), nullable=True),
        sa.Column("seen_unit", sa.String(), nullable=True),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("marks", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observed_offset_min", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
    ]


def _custody_reconciliation_keys() -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["clinic_id", "container_id"],
            ["container.clinic_id", "container.id"],
            name=op.f("fk_custody_reconciliation_clinic_id_container_id_container"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_custody_reconciliation_clinic_id_session_id_session"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_custody_reconciliation")),
    ]


def _make_discrepancy() -> None:
    op.create_table("discrepancy", *_discrepancy_columns(), *_discrepancy_keys())
    op.create_index("ix_discrepancy_container", "discrepancy", ["clinic_id", "container_id"])
    op.create_index("ix_discrepancy_sealed", "discrepancy", ["clinic_id", "audit_number"])
    op.create_index("ix_discrepancy_session", "discrepancy", ["clinic_id", "session_id"])


def _discrepancy_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("found_by", sa.String(), nullable=False),
        sa.Column("found_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("container_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("drug", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("remainder", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
    ]


def _discrepancy_keys() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint(
            "found_by IN ('session','container','count')", name=op.f("ck_discrepancy_found_by")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "container_id"],
            ["container.clinic_id", "container.id"],
            name=op.f("fk_discrepancy_clinic_id_container_id_container"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "location_id"],
            ["custody_location.clinic_id", "custody_location.id"],
            name=op.f("fk_discrepancy_clinic_id_location_id_custody_location"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_discrepancy_clinic_id_session_id_session"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_discrepancy")),
    ]


def _make_discrepancy_explanation() -> None:
    op.create_table(
        "discrepancy_explanation",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("discrepancy_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "discrepancy_id"],
            ["discrepancy.clinic_id", "discrepancy.id"],
            name="fk_discrepancy_explanation_of",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_discrepancy_explanation")),
    )
    op.create_index(
        "ix_discrepancy_explanation_of", "discrepancy_explanation", ["clinic_id", "discrepancy_id"]
    )
    op.create_index(
        "ix_discrepancy_explanation_sealed",
        "discrepancy_explanation",
        ["clinic_id", "audit_number"],
    )


def _make_discrepancy_closing() -> None:
    op.create_table(
        "discrepancy_closing",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("discrepancy_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("marks", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "discrepancy_id"],
            ["discrepancy.clinic_id", "discrepancy.id"],
            name=op.f("fk_discrepancy_closing_clinic_id_discrepancy_id_discrepancy"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_discrepancy_closing")),
        sa.UniqueConstraint(
            "clinic_id",
            "discrepancy_id",
            name=op.f("uq_discrepancy_closing_clinic_id_discrepancy_id"),
        ),
    )
    op.create_index(
        "ix_discrepancy_closing_sealed", "discrepancy_closing", ["clinic_id", "audit_number"]
    )
