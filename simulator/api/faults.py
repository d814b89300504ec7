"""Faults on demand, written as one line: `429=2@0.1,half:list*1`."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from simulator.api.routes import OPERATIONS

STATUSES = range(300, 600)
"""A fault whose kind is one of these numbers answers with that status."""
DEFAULTS: Mapping[str, float] = {
    "slow": 1.0,
    "drip": 1.0,
    "cut": 0.0,
    "torn": 0.0,
    "half": 0.0,
    "lost": 0.0,
    "plain": 0.0,
    "duplicate": 1.0,
    "omit": 1.0,
    "loop": 0.0,
    "uncounted": 0.0,
    "pagesize": 1000.0,
    "malformed": 0.01,
    "words": 0.05,
    "hostile": 0.2,
    "nulls": 0.0,
    "pairs": 0.0,
    "eventless": 0.0,
}
"""Every other kind, and its default value."""
HELP = """\
faults, as kind[=value][:operation][@share of the requests][*times], with commas:
  300 to 599      answered instead; the value is what Retry-After says
  slow=SECONDS    before the answer       drip=SECONDS   over which it comes
  cut             no answer: the connection ends         torn   it ends halfway
  half            half of the JSON, as if it were whole
  lost[=STATUS]   done, but cut off before the answer, or answered with the status
  plain           errors are plain text
  duplicate=N     rows of the page before come again
  omit=N          rows of each page are left out, and counted
  loop            the same token for ever                uncounted   no totalSize
  pagesize=N      the most a page may hold
  malformed=SHARE of the rows             words=SHARE    of a later API's words
  hostile=SHARE   of new texts attack who shows them
  nulls           unset fields are null   pairs          labels as on the old page
  eventless       events are [], as a real list often has them: eventless:list
operations: list batch get events list-events count-events event-filter-values
  filter-values aggregations assign unassign acknowledge resolve close by-event
  acknowledge-event resolve-event whoami
example: 429=2@0.1,lost:acknowledge*1,malformed=0.01
"""
_FORM = re.compile(
    r"(?P<kind>[a-z]+|[0-9]{3})(=(?P<value>[0-9.]+))?(:(?P<operation>[a-z-]+))?"
    r"(@(?P<share>[0-9.]+))?(\*(?P<times>[0-9]+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: `kind[=value][:operation][@share][*times]`."""

    kind: str
    value: float
    """Its meaning depends on the kind; for a 429 or 503, `Retry-After`."""
    operation: str = ""
    """The one operation that it applies to, for example `list`; empty for all."""
    share: float = 1.0
    """The share of requests that it applies to, 0 to 1."""
    times: int | None = None
    """The largest number of requests; None for no limit."""

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Parse one fault. Raises ValueError with a text for a person."""
        match = _FORM.fullmatch(text.strip())
        kind = match["kind"] if match else ""
        numeric = kind.isdigit() and int(kind) in STATUSES
        if match is None or not (numeric or kind in DEFAULTS):
            raise ValueError(
                f"{text.strip()!r} is not a fault: a status from 300 to 599 or"
                f" {', '.join(DEFAULTS)}, as kind[=value][:operation][@share][*times]."
            )
        operation = match["operation"] or ""
        if operation and operation not in OPERATIONS:
            raise ValueError(
                f"{operation!r} is not an operation: {', '.join(OPERATIONS)}."
            )
        try:
            return cls(
                kind=kind,
                value=float(match["value"] or DEFAULTS.get(kind, 0.0)),
                operation=operation,
                share=float(match["share"] or 1.0),
                times=int(match["times"]) if match["times"] else None,
            )
        except ValueError as exc:
            raise ValueError(f"{text.strip()!r} has an invalid number.") from exc


Plan = Mapping[str, float]
"""The faults of one request: value by kind."""


class Faults:
    """The faults in force. Safe for several threads."""

    def __init__(self, spec: str = "", seed: int = 1) -> None:
        """Start with *spec*. Raises ValueError if it is invalid."""
        self._lock = Lock()
        self._rng = random.Random(f"{seed}:faults")
        self._faults: list[Fault] = []
        self._left: list[int | None] = []
        self.spec = ""
        self.set(spec)

    def set(self, spec: str) -> None:
        """Replace all faults; an empty *spec* clears them. Raises ValueError."""
        faults = [Fault.parse(part) for part in spec.split(",") if part.strip()]
        with self._lock:
            self.spec = spec
            self._faults = faults
            self._left = [fault.times for fault in faults]

    def draw(self, operation: str) -> Plan:
        """Draw the faults of one request of *operation*."""
        plan: dict[str, float] = {}
        with self._lock:
            for index, fault in enumerate(self._faults):
                left = self._left[index]
                if fault.operation not in ("", operation) or left == 0:
                    continue
                if fault.share < 1 and self._rng.random() >= fault.share:
                    continue
                if left is not None:
                    self._left[index] = left - 1
                plan[fault.kind] = fault.value
        return plan

    @property
    def hostile(self) -> float:
        """The share of new incidents that get hostile texts."""
        with self._lock:
            return next((f.value for f in self._faults if f.kind == "hostile"), 0.0)
