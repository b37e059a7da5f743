"""A session that is pinned to forms, and the short forms of answering them; all of it invented."""

from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from protocol.commands.charting import Recorded
from protocol.rules.actions import Actor
from protocol.rules.forms import FormDocument
from tests.commands.world import World

CHECK: dict[str, Any] = {
    "name": "before-we-begin",
    "title": "Before we begin",
    "purpose": "pre-session",
    "items": [
        {"code": "named", "label": "Name asked", "kind": "yes-no", "required": True,
         "met_when": ["yes"]},
        {"code": "came-with", "label": "Came with", "kind": "one-of", "required": True,
         "options": [{"code": "relative", "label": "A relative"},
                     {"code": "nobody", "label": "Nobody"}]},
        {"code": "who", "label": "Who", "kind": "text", "required": True,
         "shown_when": {"item": "came-with", "answered": ["relative"]}},
        {"code": "ate", "label": "Last ate", "kind": "yes-no", "timed": True},
        {"code": "tea", "label": "Tea", "kind": "number", "unit": "mL", "low": "0", "high": "900"},
        {"code": "since", "label": "Since", "kind": "date"},
        {"code": "where", "label": "Where", "kind": "body-site"},
        {"code": "checked", "label": "Seen by physician", "kind": "yes-no",
         "answered_by": ["physician"]},
    ],
}  # fmt: skip
LEAVING: dict[str, Any] = {
    "name": "before-you-leave",
    "title": "Before you leave",
    "purpose": "discharge",
    "items": [
        {"code": f"l{number}", "label": f"Leaving {number}", "kind": "scale",
         "scale": {"low": "0", "high": "4", "anchors": {"0": "not at all", "4": "wholly"}}}
        for number in range(3)
    ],
    "scores": [
        {"code": "ready", "label": "Readiness", "method": "sum", "answered_min": 2,
         "items": ["l0", "l1", "l2"], "met_low": "5"}
    ],
}  # fmt: skip
ALL_WELL: dict[str, dict[str, Any]] = {
    "named": {"yes": True}, "came-with": {"chosen": ["relative"]}, "who": {"text": "an aunt"},
}  # fmt: skip


def a_response(form: str, **answers: dict[str, Any]) -> dict[str, Any]:
    """`a_response("before-we-begin", named={"yes": True})`."""
    given = [{"item": item.replace("_", "-"), **one} for item, one in answers.items()]
    return {"kind": "form-response", "form": form, "answers": given}


def an_override(form: str, *items: str, reason: str = "it rained") -> dict[str, Any]:
    return {"kind": "form-override", "form": form, "items": items, "reason": reason}


def with_forms(world: World, *documents: dict[str, Any], patient: UUID | None = None) -> UUID:
    """A session in preparation, on a protocol that asks for these forms (or for both)."""
    asked = documents or (CHECK, LEAVING)
    for one in asked:
        world.version(FormDocument.model_validate(one))
    protocol = world.protocol_with(
        name=f"Asking {uuid7()}", forms=[one["name"] for one in asked], phases=[
            {"code": "infusion", "label": "Infusion"}
        ],
    )  # fmt: skip
    return world.session_on(protocol, patient)


def answered(
    world: World, session: UUID, minute: float, form: str = CHECK["name"],
    by: Actor | None = None, **answers: dict[str, Any],
) -> Recorded:  # fmt: skip
    """Answer at once, by the nurse unless something else is said."""
    return world.chart(minute, a_response(form, **answers), session=session, by=by)


def all_well(world: World, session: UUID, minute: float = -5) -> Recorded:
    """The checklist, answered so that it is met."""
    content = {
        "kind": "form-response", "form": CHECK["name"],
        "answers": [{"item": item, **one} for item, one in ALL_WELL.items()],
    }  # fmt: skip
    return world.chart(minute, content, session=session)


def fill(world: World) -> None:
    """A second session with a row in each table of forms, and a value in each column."""
    session = with_forms(world)
    all_well(world, session)
    answered(
        world, session, -4, ate={"yes": True, "at": "2031-05-06T08:30:00+02:00"},
        tea={"value": "250.0", "unit": "mL"}, since={"day": "2031-05-01"},
        where={"site": "left knee"},
    )  # fmt: skip
    answered(world, session, -3, tea={"absent": "asked-unknown"})
    world.chart(
        -2, an_override(LEAVING["name"], "ready"), session=session, by=world.physician
    )  # fmt: skip
