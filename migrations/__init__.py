"""Alembic migrations; `guards.py` writes the append-only triggers of each dialect."""
