"""Courses of treatment, and the answers that are a patient's and no session's."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Table -> its primary key and every other unique key.
GUARDED: dict[str, list[list[str]]] = {
    "course": [["clinic_id", "id"]],
    "course_version": [["clinic_id", "id"], ["clinic_id", "course_id", "version"]],
    "planned_session": [["clinic_id", "course_version_id", "position"]],
    "scheduled_form": [["clinic_id", "course_version_id", "position"]],
    "course_status": [["clinic_id", "id"]],
    "session_course": [["clinic_id", "session_id"]],
    "patient_response": [["clinic_id", "id"], ["clinic_id", "replaces_id"]],
    "patient_answer": [["clinic_id", "response_id", "position"]],
}


def upgrade() -> None:
    _make_course()
    _make_course_version()
    _make_plan()
    _make_course_status()
    _make_session_course()
    _make_patient_response()
    _make_patient_answer()
    for table, keys in GUARDED.items():
        op.create_index(f"ix_{table}_sealed", table, ["clinic_id", "audit_number"])
        guard(table, *keys)


def _sealed() -> list[sa.Column]:
    return [
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_number", sa.Integer(), nullable=False),
    ]


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _line(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=nullable)


def _id(name: str = "id", *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _to(table: str, column: str, other: str, name: str = "") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["clinic_id", column], [f"{other}.clinic_id", f"{other}.id"],
        name=op.f(name or f"fk_{table}_clinic_id_{column}_{other}"),
    )  # fmt: skip


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("clinic_id", *columns, name=op.f(f"pk_{table}"))


def _make_course() -> None:
    op.create_table(
        "course", *_sealed(), _id(), _id("patient_id"), _line("content_digest"),
        _to("course", "patient_id", "patient"), _key("course", "id"),
    )  # fmt: skip
    op.create_index("ix_course_patient", "course", ["clinic_id", "patient_id"])


def _make_course_version() -> None:
    op.create_table(
        "course_version", *_sealed(), _id(), _id("course_id"),
        sa.Column("version", sa.Integer(), nullable=False), _line("name"),
        _text("indication", nullable=True), _text("icd_codes"), _text("reason", nullable=True),
        _moment("recorded_at"), _line("author"), _line("content_digest"),
        sa.CheckConstraint("version > 0", name=op.f("ck_course_version_version")),
        sa.UniqueConstraint(
            "clinic_id", "course_id", "version",
            name=op.f("uq_course_version_clinic_id_course_id_version"),
        ),
        _to("course_version", "course_id", "course"), _key("course_version", "id"),
    )  # fmt: skip


def _make_plan() -> None:
    op.create_table(
        "planned_session", *_sealed(), _id("course_version_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True), _text("note", nullable=True),
        _to("planned_session", "course_version_id", "course_version"),
        _key("planned_session", "course_version_id", "position"),
    )  # fmt: skip
    op.create_table(
        "scheduled_form", *_sealed(), _id("course_version_id"),
        sa.Column("position", sa.Integer(), nullable=False), _line("form"), _text("due_on"),
        _text("after_session_days"), sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("until_next_session", sa.Boolean(), nullable=False),
        _to("scheduled_form", "course_version_id", "course_version"),
        _key("scheduled_form", "course_version_id", "position"),
    )  # fmt: skip


def _make_course_status() -> None:
    op.create_table(
        "course_status", *_sealed(), _id(), _id("course_id"), _line("status"),
        _moment("changed_at"), sa.Column("changed_offset_min", sa.Integer(), nullable=False),
        _text("reason", nullable=True), _moment("recorded_at"), _line("author"),
        _line("content_digest"), _to("course_status", "course_id", "course"),
        _key("course_status", "id"),
    )  # fmt: skip
    op.create_index("ix_course_status_course", "course_status", ["clinic_id", "course_id"])


def _make_session_course() -> None:
    op.create_table(
        "session_course", *_sealed(), _id("session_id"), _id("course_id"),
        _to("session_course", "session_id", "session"),
        _to("session_course", "course_id", "course"), _key("session_course", "session_id"),
    )  # fmt: skip
    op.create_index("ix_session_course_course", "session_course", ["clinic_id", "course_id"])


def _make_patient_response() -> None:
    table = "patient_response"
    op.create_table(
        table, *_sealed(), _id(), _id("patient_id"), _id("course_id", nullable=True),
        _id("event_entry_id", nullable=True), _id("form_version_id"),
        _id("policy_version_id", nullable=True), _moment("observed_at"),
        sa.Column("observed_offset_min", sa.Integer(), nullable=False), _moment("recorded_at"),
        _id("author_id"), _line("author"), _line("source"), _id("replaces_id", nullable=True),
        sa.Column("is_retraction", sa.Boolean(), nullable=False),
        _text("reason", nullable=True), _line("content_digest"),
        _to(table, "patient_id", "patient"), _to(table, "event_entry_id", "entry"),
        _to(table, "course_id", "course"),
        _to(table, "form_version_id", "document_version", "fk_patient_response_form_version"),
        _to(table, "policy_version_id", "document_version", "fk_patient_response_policy_version"),
        _to(table, "replaces_id", table, "fk_patient_response_replaces"),
        sa.UniqueConstraint(
            "clinic_id", "replaces_id", name=op.f("uq_patient_response_clinic_id_replaces_id")
        ),
        _key(table, "id"),
    )  # fmt: skip
    op.create_index("ix_patient_response_patient", table, ["clinic_id", "patient_id"])
    op.create_index("ix_patient_response_course", table, ["clinic_id", "course_id"])


def _make_patient_answer() -> None:
    op.create_table(
        "patient_answer", *_sealed(), _id("response_id"),
        sa.Column("position", sa.Integer(), nullable=False), _line("item"),
        sa.Column("yes", sa.Boolean(), nullable=True), _text("chosen"),
        _line("value", nullable=True), _line("unit", nullable=True),
        _text("words", nullable=True), sa.Column("day", sa.Date(), nullable=True),
        _line("site", nullable=True), _line("absent", nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_offset_min", sa.Integer(), nullable=True),
        _to("patient_answer", "response_id", "patient_response"),
        _key("patient_answer", "response_id", "position"),
    )  # fmt: skip
