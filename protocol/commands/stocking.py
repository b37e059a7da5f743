"""The places where drugs are held, and the finished forms in which they are supplied (R73, R80)."""

from datetime import datetime
from uuid import UUID

from protocol.commands.keeping import content_digest, repeats
from protocol.records import custody
from protocol.records.clinics import Clinic
from protocol.records.keeping import Kept
from protocol.records.rows import New, new
from protocol.records.tables import CustodyLocationRow, CustodyProductRow
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.custody import Location, LocationIn, Product, ProductIn
from protocol.rules.custody_amounts import full_amount


def register_location(
    clinic: Clinic, actor: Actor, wanted: LocationIn, *, now: datetime,
    location_id: UUID | None = None,
) -> Location:  # fmt: skip
    """A new location, or with `location_id` a new version of one; the earlier one stays.

    Raises NotFound, IdConflict.
    """
    digest = content_digest(wanted, location_id)
    with work(clinic, actor, Action.CUSTODY_KEEP_LOCATION, now, attempt=wanted) as act:
        act.about(subject=wanted.id, location=str(location_id or wanted.id))
        if not repeats(act, Kept.LOCATION, wanted.id, digest):
            version = 1
            if location_id is not None:
                version = custody.location(act.connection, clinic, location_id).version + 1
            act.add(
                new(CustodyLocationRow,
                    clinic_id=clinic.id, id=wanted.id, location_id=location_id or wanted.id,
                    version=version, name=wanted.name, address=wanted.address,
                    registration=wanted.registration, recorded_at=now,
                    author=act.author.model_dump_json(), content_digest=digest,
                )
            )  # fmt: skip
    with clinic.database.looking() as connection:
        return custody.location(connection, clinic, location_id or wanted.id)


def register_product(clinic: Clinic, actor: Actor, wanted: ProductIn, *, now: datetime) -> Product:
    """A finished form of a drug; its strength has an exact amount in a millilitre (R78).

    Raises AmountNotExact, UnitMismatch, Impossible, IdConflict.
    """
    digest = content_digest(wanted)
    with work(clinic, actor, Action.CUSTODY_KEEP_PRODUCT, now, attempt=wanted) as act:
        act.about(subject=wanted.id)
        if not repeats(act, Kept.PRODUCT, wanted.id, digest):
            full_amount(wanted)
            act.add(_product_row(act, wanted, digest))
    with clinic.database.looking() as connection:
        return custody.product(connection, clinic, wanted.id)


def _product_row(act: Act, wanted: ProductIn, digest: str) -> New:
    strength = wanted.strength
    return new(CustodyProductRow,
        clinic_id=act.clinic.id, id=wanted.id, drug=wanted.drug, form=wanted.form,
        strength_value=strength.amount.value, strength_unit=strength.amount.unit,
        volume_value=strength.volume.value, volume_unit=strength.volume.unit,
        size_value=wanted.size.value, size_unit=wanted.size.unit, gtin=wanted.gtin,
        schedule=wanted.schedule, recorded_at=act.now, author=act.author.model_dump_json(),
        content_digest=digest,
    )  # fmt: skip
