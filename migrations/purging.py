"""The guard over audit details: one goes only where a sealed tombstone stands for it (R51, R189).

The tombstone names the entry and the very digest that the entry sealed, and was itself written by
a purge that stands in the chain. All of it is looked up when the row goes; nothing else about the
guard differs from the others', and an update is refused whatever stands.
"""

from alembic import op

_STANDS = """
SELECT 1 FROM tombstone t
 JOIN audit_entry own ON own.clinic_id = OLD.clinic_id AND own.number = OLD.number
 JOIN audit_entry purge ON purge.clinic_id = OLD.clinic_id AND purge.number = t.audit_number
 WHERE t.clinic_id = {clinic} AND t.number = OLD.number AND t.detail_digest = own.detail_digest
 AND purge.action = 'audit:purge' AND purge.outcome = 'done'
"""
SQLITE = (
    "CREATE TRIGGER guard_audit_detail_delete BEFORE DELETE ON audit_detail WHEN NOT EXISTS ("
    + " ".join(_STANDS.format(clinic="replace(OLD.clinic_id, '-', '')").split())
    + ") BEGIN SELECT RAISE(ABORT, 'chairside: audit_detail is append-only'); END"
)
# A temporary table named like one of ours would be found first; so the path is the function's own.
FUNCTION_NAME = "chairside_purge_only"
FUNCTION_BODY = (
    "\nBEGIN\n    IF TG_OP = 'DELETE' AND EXISTS ("
    + " ".join(_STANDS.format(clinic="OLD.clinic_id::uuid").split())
    + ") THEN\n        RETURN OLD;\n    END IF;\n"
    "    RAISE EXCEPTION 'chairside: % is append-only', TG_TABLE_NAME USING ERRCODE = '55000';\n"
    "END "
)


def guard_details() -> None:
    """Put the guard that knows tombstones in the place of the one that lets nothing go."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER guard_audit_detail_delete")
        op.execute(SQLITE)
        return
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    op.execute(
        f"CREATE FUNCTION {FUNCTION_NAME}() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path = {schema}, pg_temp AS $${FUNCTION_BODY}$$"
    )
    op.execute("DROP TRIGGER guard_audit_detail_row ON audit_detail")
    op.execute(
        "CREATE TRIGGER guard_audit_detail_row BEFORE UPDATE OR DELETE ON audit_detail"
        f" FOR EACH ROW EXECUTE FUNCTION {FUNCTION_NAME}()"
    )
