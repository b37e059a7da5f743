"""The door for what is no act: bookkeeping, which changes and which nothing seals."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from protocol.records.clinics import Clinic
from protocol.records.sealing import head


@contextmanager
def bookkeeping(clinic: Clinic) -> Iterator[Connection]:
    """A turn at the door for what is no act: nothing of it is sealed, and a fault in it leaves
    the acts of the same commit alone."""
    door = clinic.database.door(str(clinic.id))
    group = door.enter()
    try:
        head(group, clinic.database, str(clinic.id))  # other processes wait until the commit
        group.connection.exec_driver_sql("SAVEPOINT bookkeeping")
        try:
            yield group.connection
        except BaseException:
            group.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT bookkeeping")
            raise
        group.connection.exec_driver_sql("RELEASE SAVEPOINT bookkeeping")
    finally:
        door.leave(group)
