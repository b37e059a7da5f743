"""Receiving: containers of one product, lot and expiry that came in together (R73)."""

from collections.abc import Sequence
from datetime import datetime

from protocol.commands.ledger import NOTHING, Entered, Ledger, Line
from protocol.commands.witnessing import require_witnesses
from protocol.records import custody
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.keeping import Kept
from protocol.records.rows import new
from protocol.records.tables import ContainerRow, CustodyReceiptRow
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.custody import Container, EntryKind, ReceiptIn
from protocol.rules.custody_amounts import full_amount


def receive(
    clinic: Clinic, actor: Actor, wanted: ReceiptIn, *, now: datetime,
    witnesses: Sequence[Actor] = (),
) -> Entered:  # fmt: skip
    """Containers came in (R73). Raises NotFound, Impossible, SecondPersonMissing, IdConflict."""
    with work(clinic, actor, Action.CUSTODY_RECEIVE, now, attempt=wanted) as act:
        ledger = Ledger(act, wanted, witnesses)
        if not ledger.sent_before(Kept.RECEIPT):
            require_witnesses(act, EntryKind.RECEIVE, witnesses, ledger.terms)
            location = custody.location(act.connection, clinic, wanted.location_id)
            product = custody.product(act.connection, clinic, wanted.product_id)
            amount = full_amount(product)
            _add_receipt(act, wanted, ledger.digest)
            for one in wanted.containers:
                container = Container(
                    id=one.id, product=product, receipt_id=wanted.id, lot=wanted.lot,
                    expires_on=wanted.expires_on, supplier=wanted.supplier, label=one.label,
                    serial=one.serial, received_at=wanted.observed_at, received_by=act.author,
                    location_id=location.id, left=NOTHING,
                )  # fmt: skip
                ledger.enter(Line(one.id, EntryKind.RECEIVE, container, amount, 1))
    return ledger.entered()


def _add_receipt(act: Act, wanted: ReceiptIn, digest: str) -> None:
    supplier = wanted.supplier
    act.add(
        new(CustodyReceiptRow,
            clinic_id=act.clinic.id, id=wanted.id, location_id=wanted.location_id,
            product_id=wanted.product_id, lot=wanted.lot, expires_on=wanted.expires_on,
            supplier=supplier.name, supplier_address=supplier.address,
            supplier_registration=supplier.registration, order_number=wanted.order,
            received_at=wanted.observed_at, received_offset_min=offset_min(wanted.observed_at),
            recorded_at=act.now, author=act.author.model_dump_json(), content_digest=digest,
        )
    )  # fmt: skip
    for one in wanted.containers:
        act.add(
            new(ContainerRow,
                clinic_id=act.clinic.id, id=one.id, receipt_id=wanted.id, label=one.label,
                serial=one.serial,
            )
        )  # fmt: skip
