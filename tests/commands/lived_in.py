"""A session with one of everything, so that every sealed table has a row."""

from datetime import date
from typing import Any

import pyotp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid_utils.compat import uuid7

from protocol.commands import (
    amending,
    checkpoints,
    emergency,
    people,
    second_factor,
    signing_in,
    summaries,
)
from protocol.records.kept_summaries import KeptSummary
from protocol.rules.actions import Action
from protocol.rules.credentials import Credential
from protocol.rules.signature import Meaning
from tests.commands.coursed import live_a_course
from tests.commands.formed import fill
from tests.commands.kept import keep
from tests.commands.stock import stocked
from tests.commands.vault import registered
from tests.commands.world import SECRET, World, a_charted, a_dosing, a_reading, at

# The key of the invented clinic's checkpoints.
KEY = Ed25519PrivateKey.from_private_bytes(b"an invented key, thirty-two long")
# What a nurse charts, by minute; the infusion phase makes a round due at 0, 20 and 40.
CHARTED: tuple[tuple[float, dict[str, Any]], ...] = (
    (0, {"kind": "phase", "phase": "infusion"}),
    (0, a_reading("heart-rate 71 /min", "pain-rest 0 {score}")),
    (1, a_dosing("start", rate="11.30 mL/h")),
    (5, a_dosing("bolus", dose="1.9 mg")),
    (12, {"kind": "adjunct", "medicine": "inventol", "route": "oral",
          "dose": {"value": "4", "unit": "mg"}}),
    (14, {"kind": "adverse-event", "what": "nausea", "onset_at": at(13).isoformat(),
          "severity": "mild", "outcome": "resolved", "resolved_at": at(14).isoformat()}),
    (15, {"kind": "note", "text": "A note that stands in the file."}),
    (40, a_reading("heart-rate 73 /min")),
    (41, a_dosing("stop")),
)  # fmt: skip
PLAN = {"kind": "plan", "drug_line": "line-1", "rate": {"value": "11.30", "unit": "mL/h"},
        "duration_min": "40"}  # fmt: skip


def _prove_more(world: World) -> None:
    """A credential, a second factor with its codes, and an emergency access that was ended."""
    licence = Credential(id=uuid7(), title="Licence", number="L-1", expires_on=date(2033, 1, 2))
    administrator, second = world.administrator, world.second_nurse
    people.record_credential(
        world.clinic, administrator, second.person_id, licence, now=at(53)
    )  # fmt: skip
    offered = second_factor.enrol(world.clinic, second, SECRET, None, now=at(53))
    code = pyotp.TOTP(offered.shared_secret).at(at(53))
    second_factor.confirm(world.clinic, second, code, now=at(53))
    token = signing_in.sign_in(world.clinic, "nurse", SECRET, now=at(54)).token
    wanted = emergency.EmergencyIn(id=uuid7(), reason="An invented emergency")
    broken = emergency.begin(world.clinic, world.nurse, token, wanted, now=at(54))
    under = world.nurse.model_copy(update={"emergency": broken})
    emergency.end(world.clinic, under, token, now=at(55))


def keep_summary(world: World, content: bytes = b"%PDF an invented sheet") -> KeptSummary:
    """What stands for the sealed sheet of the last signature."""
    signed = world.record().signatures[-1].id
    record = summaries.to_be_kept(world.clinic, world.session, signed)
    sealed = summaries.SealedBytes(content, "B-B", "0" * 64)
    return summaries.keep(world.clinic, record, sealed, now=at(62))


def live(world: World) -> None:
    """Chart, correct, retract, override, complete, sign, and add to it."""
    world.chart(-5, PLAN, by=world.physician)
    for minute, content in CHARTED:
        world.chart(minute, content)
    fast = world.chart(16, a_reading("heart-rate 160 /min"))
    for breach in fast.breaches:
        world.chart(
            17, {"kind": "override", "breach_id": breach.id, "reason": "startled"},
            second=world.physician,
        )  # fmt: skip
    missed = {"kind": "missed-round", "phase": "infusion", "round": "circulation",
              "due_at": at(20).isoformat(), "reason": "asleep"}  # fmt: skip
    world.chart(30, missed)
    world.act(Action.SESSION_HOLD, 43, reason="a pause")
    world.act(Action.SESSION_RESUME, 44)
    world.act(Action.SESSION_COMPLETE, 50)
    wrong = world.chart(18, {"kind": "note", "text": "For somebody else."}, now=at(51))
    charted = a_charted(
        52, {"kind": "retraction", "reason": "wrong patient"}, replaces=wrong.entry.id
    )
    amending.retract_entry(world.clinic, world.nurse, world.session, charted, now=at(52))
    _prove_more(world)
    world.sign()
    world.sign(world.physician, Meaning.APPROVAL, minute=61)
    addendum = a_charted(62, {"kind": "addendum", "text": "All was well."})
    amending.add_addendum(world.clinic, world.nurse, world.session, addendum, now=at(62))
    fill(world)
    live_a_course(world)
    keep(world)
    stocked(world)
    registered(world)
    keep_summary(world)
    checkpoints.sign_checkpoint(world.clinic, world.administrator, KEY, now=at(63))
    world.record()
