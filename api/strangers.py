"""Refusals of callers who are nobody known: the first of a window stands in the audit trail whole,
those that follow from the same source are counted and sealed as one entry when the window ends.

Otherwise anyone who reaches the port could grow the chain without bound. What someone who is signed
in attempted is kept each time (R18): it is not counted here.

The counts are this process's own: several processes keep one window each, so that a source leaves
at most two entries a window and process. A process that is killed loses what it had counted in the
window, and no entry.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from uuid import UUID

from protocol.commands.proving import system_actor
from protocol.records.clinics import Clinic
from protocol.records.database import UNREACHABLE
from protocol.records.door import NotStored
from protocol.records.work import record_refusal
from protocol.rules.errors import RefusalsCounted

LOG = logging.getLogger("chairside.refusals")
WINDOW = timedelta(minutes=5)
# More sources than this in one window are one: the chain stays bounded whoever they say they are.
SOURCES_MAX = 200
OTHERS = "(other sources)"
CODES_MAX = 20


class _Window:
    """The refusals of one source at one clinic since a moment."""

    def __init__(self, clinic: Clinic, source: str, now: datetime) -> None:
        self.clinic, self.source, self.began = clinic, source, now
        self.total = 0
        self.codes: Counter[str] = Counter()
        self.first = self.last = now

    def count(self, code: str, now: datetime) -> None:
        self.total += 1
        if len(self.codes) < CODES_MAX or code in self.codes:
            self.codes[code] += 1
        self.last = now
        if self.total == 1:
            self.first = now


class Strangers:
    """The open windows of this process."""

    def __init__(self, refused_max: int) -> None:
        self.refused_max = refused_max
        self._mutex = threading.Lock()
        self._windows: dict[tuple[UUID, str], _Window] = {}

    def is_counted(self, clinic: Clinic, address: str, code: str, now: datetime) -> bool:
        """Count a refusal in the window of its source; false for the first, which is audited."""
        with self._mutex:
            key = self._key(clinic.id, source_of(address))
            window = self._windows.get(key)
            if window is None:
                self._windows[key] = _Window(clinic, key[1], now)
                return False
            window.count(code, now)
            return True

    def retry_after_s(self, address: str, now: datetime) -> int:
        """For how long nothing of this source is looked at; nought while it may be."""
        source = source_of(address)
        with self._mutex:
            ends = [
                one.began + WINDOW
                for one in self._windows.values()
                if one.source == source and one.total >= self.refused_max
            ]
        return max((int((one - now).total_seconds()) + 1 for one in ends if one > now), default=0)

    def seal(self, now: datetime, *, everything: bool = False) -> None:
        """Audit what was counted in each window that has ended, or in all of them at the end."""
        for window in self._ended(now, everything):
            if not window.total:
                continue
            try:
                _seal(window, now)
            except (*UNREACHABLE, NotStored) as error:
                # It is tried again: nothing counted is forgotten while the process lives.
                LOG.error("refusals not sealed: %s", type(error).__name__)
                with self._mutex:
                    self._windows.setdefault((window.clinic.id, window.source), window)

    def _ended(self, now: datetime, everything: bool) -> list[_Window]:
        with self._mutex:
            keys = [
                key
                for key, one in self._windows.items()
                if everything or now - one.began >= WINDOW or now < one.began
            ]
            return [self._windows.pop(key) for key in keys]

    def _key(self, clinic_id: UUID, source: str) -> tuple[UUID, str]:
        if (clinic_id, source) in self._windows or len(self._windows) < SOURCES_MAX:
            return clinic_id, source
        return clinic_id, OTHERS


def _seal(window: _Window, now: datetime) -> None:
    workstation = "" if window.source == OTHERS else window.source
    actor = system_actor(window.clinic.id).model_copy(update={"workstation": workstation})
    refusal = RefusalsCounted(
        f"{window.total} more requests of {window.source} were refused in this window.",
        source=window.source, refused=window.total, codes=", ".join(_codes(window)),
        first_at=window.first.isoformat(), last_at=window.last.isoformat(),
    )  # fmt: skip
    record_refusal(window.clinic, actor, refusal, now)


def _codes(window: _Window) -> Iterator[str]:
    return (f"{code} {count}" for code, count in sorted(window.codes.items()))


@lru_cache(maxsize=4096)
def source_of(address: str) -> str:
    """An address as the source that it stands for: of IPv6 the network that one site is given."""
    try:
        known = ip_address(address)
    except ValueError:
        return address[:120]
    if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
        return str(ip_network((known, 64), strict=False))
    return str(getattr(known, "ipv4_mapped", None) or known)
