"""Loading a SessionRecord: the whole session, or the session as it was at an earlier entry.

Every table is append-only, so "as it was when signed" is a bound on the sealing entry's number.
"""

from collections import defaultdict
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, select
from sqlmodel import SQLModel

from protocol.records import keeping, lookups, tables, versions
from protocol.records.clinics import Clinic
from protocol.records.columns import with_offset
from protocol.records.contents import TABLES, unfolded
from protocol.records.lookups import ENTRY, SESSION, person, table
from protocol.records.session_custody import session_custody
from protocol.rules.charting import Entry, Source, Weight
from protocol.rules.errors import NotFound
from protocol.rules.limits import Breach
from protocol.rules.protocols import PolicyDocument, ProtocolDocument
from protocol.rules.record import SessionRecord, StatusChange
from protocol.rules.signature import Anchor, Signature

_BREACH = table(tables.BreachRow)
_CONFIRMED: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


def load_record(
    connection: Connection, clinic: Clinic, session_id: UUID, up_to: int | None = None
) -> SessionRecord:
    """The session with everything sealed up to an entry number. Raises NotFound."""
    row = connection.execute(
        select(SESSION).where(SESSION.c.clinic_id == clinic.id, SESSION.c.id == session_id)
    ).first()
    if row is None or (up_to is not None and row.audit_number > up_to):
        raise NotFound("There is no such session at this clinic.", session=str(session_id))
    loading = _Loading(connection, clinic, session_id, up_to)
    signatures = loading.signatures()
    bound = loading.patient_bound(signatures, row.audit_number)
    protocol = versions.document(connection, clinic, row.protocol_version_id)
    policy = versions.document(connection, clinic, row.policy_version_id)
    if not isinstance(protocol, ProtocolDocument) or not isinstance(policy, PolicyDocument):
        raise TypeError("the session is pinned to documents of another kind")
    patient = lookups.patient(connection, clinic, row.patient_id, bound)
    record = SessionRecord(
        clinic=clinic.ref, id=row.id, patient=patient, series=row.series,
        protocol_version=versions.version_ref(connection, clinic, row.protocol_version_id),
        protocol=protocol,
        policy_version=versions.version_ref(connection, clinic, row.policy_version_id),
        policy=policy, history=loading.history(), entries=loading.entries(patient.weights),
        breaches=loading.breaches(), signatures=signatures,
        amendment_requests=tuple(
            keeping.requests(connection, clinic, row.patient_id, session_id, up_to)
        ),
    )  # fmt: skip
    found = session_custody(connection, clinic, record, row.audit_number, up_to)
    return record if found is None else record.model_copy(update={"custody": found})


def anchor_of(size: int | None, root: str | None) -> Anchor | None:
    """The anchor of a signature, from its two columns."""
    return None if size is None or root is None else Anchor(size=size, root=root)


class _Loading:
    """The rows of one session, up to one entry of the chain."""

    def __init__(
        self, connection: Connection, clinic: Clinic, session_id: UUID, up_to: int | None
    ) -> None:
        self.connection, self.clinic = connection, clinic
        self.session_id, self.up_to = session_id, up_to

    def _rows(self, row: type[SQLModel]) -> list[Row[Any]]:
        one = table(row)
        return self._bounded(select(one).where(one.c.session_id == self.session_id), one)

    def _bounded(self, statement: Select[Any], one: Any) -> list[Row[Any]]:  # noqa: ANN401
        statement = statement.where(one.c.clinic_id == self.clinic.id)
        if self.up_to is not None:
            statement = statement.where(one.c.audit_number <= self.up_to)
        return list(self.connection.execute(statement.order_by(one.c.audit_number)).all())

    def history(self) -> tuple[StatusChange, ...]:
        return tuple(
            StatusChange(
                status=row.status, at=with_offset(row.changed_at, row.changed_offset_min),
                recorded_at=row.recorded_at, by=person(row.author), number=row.audit_number,
                reason=row.reason,
            )
            for row in self._rows(tables.SessionStatusRow)
        )  # fmt: skip

    def signatures(self) -> tuple[Signature, ...]:
        return tuple(
            Signature(
                id=row.id, number=row.audit_number, signer=person(row.signer),
                meaning=row.meaning, signed_at=row.signed_at, record_digest=row.record_digest,
                protocol_version_id=row.protocol_version_id,
                policy_version_id=row.policy_version_id, statement_digest=row.statement_digest,
                anchor=anchor_of(row.anchor_size, row.anchor_root),
            )
            for row in self._rows(tables.SignatureRow)
        )  # fmt: skip

    def patient_bound(self, signatures: tuple[Signature, ...], prepared: int) -> int | None:
        """A signed record keeps the patient's details as they were when it was first signed.

        A signature copied from an older session is no reason not to show the record that it is in.
        """
        return max(signatures[0].number, prepared) if signatures else self.up_to

    def entries(self, weights: tuple[Weight, ...]) -> tuple[Entry, ...]:
        rows = self._rows(tables.EntryRow)
        contents = self._contents({row.kind for row in rows})
        by_id = {weight.id: weight for weight in weights}
        return tuple(
            Entry(
                id=row.id, number=row.audit_number,
                observed_at=with_offset(row.observed_at, row.observed_offset_min),
                recorded_at=row.recorded_at, recorded_by=person(row.author),
                second_person=None if row.second_person is None else person(row.second_person),
                content=unfolded(row.kind, contents[row.id]),
                confirmed=_CONFIRMED.validate_json(row.confirmed), reason=row.reason,
                replaces=row.replaces_id, source=Source(row.source),
                weight=None if row.weight_id is None else by_id[row.weight_id],
            )
            for row in rows
        )  # fmt: skip

    def _contents(self, kinds: set[str]) -> dict[UUID, list[Row[Any]]]:
        found: dict[UUID, list[Row[Any]]] = defaultdict(list)
        for row_class in {TABLES[kind][1] for kind in kinds}:
            one = table(row_class)
            own = select(ENTRY.c.id).where(
                ENTRY.c.clinic_id == self.clinic.id, ENTRY.c.session_id == self.session_id
            )
            rows = self._bounded(select(one).where(one.c.entry_id.in_(own)), one)
            for row in rows:
                found[row.entry_id].append(row)
        for rows in found.values():
            if "position" in rows[0]._mapping:
                rows.sort(key=lambda row: row.position)
        return found

    def breaches(self) -> tuple[Breach, ...]:
        rows = self._rows(tables.BreachRow)
        return tuple(
            Breach(
                id=row.id, entry_id=row.entry_id, limit_code=row.limit_code, on=row.limit_on,
                severity=row.severity, label=row.label, value=row.value, unit=row.unit,
                direction=row.direction, bound=row.bound, bound_unit=row.bound_unit,
                source=row.source, version_id=row.version_id, note=row.note,
            )
            for row in sorted(rows, key=lambda row: (row.audit_number, row.limit_code, row.label))
        )  # fmt: skip
