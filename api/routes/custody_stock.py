"""Drug custody beside the acts: locations, products, pages of the ledger, discrepancies."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api import schemas_custody as bodies
from api.dependencies import API, PAGE, After, Limit, StrictRoute, acts, answer
from api.identity import SignedIn, moment
from api.schemas import PageOut
from protocol.commands import custody_views, reconciling, stocking
from protocol.records.custody_holdings import Wanted
from protocol.rules.actions import Action
from protocol.rules.custody import Location, LocationIn, Product, ProductIn
from protocol.rules.discrepancies import (
    ClosingIn,
    ExplanationIn,
    ReconcileIn,
    Reconciliation,
)

NUMBER_MAX = 2**31 - 1
router = APIRouter(prefix=API, tags=["custody"], route_class=StrictRoute)
AfterNumber = Annotated[int, Query(ge=0, le=NUMBER_MAX, description="Entries after this number.")]


def _view(name: str) -> str:
    return f"custody_{name}_view"


@router.post("/custody/locations", **acts(Action.CUSTODY_KEEP_LOCATION, gives=Location, status=201))
def register_location(body: LocationIn, caller: SignedIn) -> Response:
    """A place where drugs are held, with its registration number as text."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(stocking.register_location(clinic, actor, body, now=now), 201)


@router.post(
    "/custody/locations/{location_id}/versions",
    **acts(Action.CUSTODY_KEEP_LOCATION, gives=Location, status=201, name="custody_location_renew"),
)
def renew_location(location_id: UUID, body: LocationIn, caller: SignedIn) -> Response:
    """Name, address and number as they are from now on; what they were stays."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = stocking.register_location(clinic, actor, body, now=now, location_id=location_id)
    return answer(found, 201)


@router.get(
    "/custody/locations",
    **acts(Action.CUSTODY_VIEW, gives=bodies.LocationsOut, name=_view("locations"), refuses=()),
)
def find_locations(caller: SignedIn) -> Response:
    """The clinic's locations as they stand."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = custody_views.locations(clinic, actor, now=now)
    return answer(bodies.LocationsOut(locations=found))


@router.get(
    "/custody/locations/{location_id}/balances",
    **acts(
        Action.CUSTODY_VIEW, gives=bodies.LocationBalancesOut, name=_view("location_balances"),
        refuses=(404, 409),
    ),
)  # fmt: skip
def location_balances(location_id: UUID, caller: SignedIn) -> Response:
    """What a location holds by the ledger, product by product."""
    now = moment()
    clinic, actor = caller.identified(now)
    location, found = custody_views.location_balances(clinic, actor, location_id, now=now)
    return answer(bodies.LocationBalancesOut.of(location, found))


@router.get(
    "/custody/locations/{location_id}/containers",
    **acts(
        Action.CUSTODY_VIEW, gives=PageOut[bodies.ContainerOut], name=_view("containers"),
        refuses=(404, 409),
    ),
)  # fmt: skip
def find_containers(
    location_id: UUID, caller: SignedIn, after: After = None, limit: Limit = PAGE
) -> Response:
    """The containers at a location in which something is left, a page by their ids."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = custody_views.containers(
        clinic, actor, location_id, now=now, after=after, limit=limit + 1
    )
    lines = [bodies.ContainerOut.of(one) for one in found]
    return answer(PageOut[bodies.ContainerOut].cut(lines, limit))


@router.post("/custody/products", **acts(Action.CUSTODY_KEEP_PRODUCT, gives=Product, status=201))
def register_product(body: ProductIn, caller: SignedIn) -> Response:
    """A finished form of a drug: strength, form, size; its strength is exact in a millilitre."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(stocking.register_product(clinic, actor, body, now=now), 201)


@router.get(
    "/custody/products",
    **acts(Action.CUSTODY_VIEW, gives=bodies.ProductsOut, name=_view("products"), refuses=()),
)
def find_products(caller: SignedIn) -> Response:
    """The finished forms that the clinic holds or held."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(bodies.ProductsOut(products=custody_views.products(clinic, actor, now=now)))


@router.get(
    "/custody/containers/{container_id}",
    **acts(
        Action.CUSTODY_VIEW, gives=bodies.ContainerLedgerOut, name=_view("container"),
        refuses=(404, 409),
    ),
)  # fmt: skip
def find_container(container_id: UUID, caller: SignedIn) -> Response:
    """A container with its entries and its balance."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = custody_views.container(clinic, actor, container_id, now=now)
    return answer(bodies.ContainerLedgerOut.view(found))


@router.get(
    "/custody/entries",
    **acts(Action.CUSTODY_VIEW, gives=bodies.LedgerPageOut, name=_view("ledger"), refuses=(409,)),
)
def ledger(
    caller: SignedIn, location_id: UUID | None = None, product_id: UUID | None = None,
    container_id: UUID | None = None, session_id: UUID | None = None, after: AfterNumber = 0,
    limit: Limit = PAGE,
) -> Response:  # fmt: skip
    """The ledger, a page by its numbers: of a location, a product, a container or a session."""
    now = moment()
    clinic, actor = caller.identified(now)
    wanted = Wanted(location_id, product_id, container_id, session_id)
    found = custody_views.ledger(clinic, actor, wanted, now=now, after=after, limit=limit + 1)
    return answer(bodies.LedgerPageOut.cut(found, limit))


@router.get(
    "/sessions/{session_id}/custody",
    **acts(
        Action.CUSTODY_VIEW, gives=bodies.SessionCustodyOut, name=_view("session"), refuses=(404,)
    ),
)
def session_custody(session_id: UUID, caller: SignedIn) -> Response:
    """The draws of a session, what left them, and the balance of each drug."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = custody_views.of_session(clinic, actor, session_id, now=now)
    return answer(bodies.SessionCustodyOut.of(session_id, found))


@router.post(
    "/custody/reconciliations", **acts(Action.CUSTODY_RECONCILE, gives=Reconciliation, status=201)
)
def reconcile(body: ReconcileIn, caller: SignedIn) -> Response:
    """The balance of a session or a container; a remainder opens a discrepancy."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(reconciling.reconcile(clinic, actor, body, now=now), 201)


@router.get(
    "/custody/discrepancies",
    **acts(Action.DISCREPANCY_VIEW, gives=bodies.DiscrepanciesOut, refuses=()),
)
def find_discrepancies(caller: SignedIn, open_only: bool = False) -> Response:
    """The clinic's discrepancies, oldest first."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = custody_views.found_discrepancies(clinic, actor, now=now, open_only=open_only)
    return answer(
        bodies.DiscrepanciesOut(discrepancies=[bodies.DiscrepancyOut.of(one) for one in found])
    )


_DISCREPANCY = "/custody/discrepancies/{discrepancy_id}"


@router.post(
    f"{_DISCREPANCY}/explanations",
    **acts(Action.DISCREPANCY_EXPLAIN, gives=bodies.DiscrepancyOut, status=201),
)
def explain(discrepancy_id: UUID, body: ExplanationIn, caller: SignedIn) -> Response:
    """What someone says of a discrepancy."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = reconciling.explain(clinic, actor, discrepancy_id, body, now=now)
    return answer(bodies.DiscrepancyOut.of(found), 201)


@router.post(
    f"{_DISCREPANCY}/closing",
    **acts(Action.DISCREPANCY_CLOSE, gives=bodies.DiscrepancyOut, status=201),
)
def close(discrepancy_id: UUID, body: ClosingIn, caller: SignedIn) -> Response:
    """Closed by someone who neither opened nor explained it; the ledger stays as it is."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = reconciling.close(clinic, actor, discrepancy_id, body, now=now)
    return answer(bodies.DiscrepancyOut.of(found), 201)
