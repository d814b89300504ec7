"""Short proofs that nothing differs: of one incident, and of a set of them."""

import hashlib
import marshal
from collections.abc import Callable, Iterable

from incidents.models import Incident


def fingerprint(incident: Incident) -> bytes:
    """Return the hash, 16 bytes, of what a person would call a change."""
    parts = (
        incident.id,
        incident.name,
        # A member of an enum and its plain text are equal, and must hash alike.
        f"{incident.severity}",
        f"{incident.status}",
        f"{incident.state}",
        incident.assignees,
        incident.muted,
        incident.snoozed_until.timestamp() if incident.snoozed_until else None,
        incident.description,
        incident.labels,
        incident.opened_at.timestamp(),
        incident.cut,
    )
    # Version 0 of the format depends on the values alone; a third of `repr`'s time.
    return hashlib.blake2b(marshal.dumps(parts, 0), digest_size=16).digest()


class Fingerprints:
    """Remembers the fingerprint of each incident value that it was called with."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        # By identity, which is quick; the incident is kept, so that no other value
        # can get its identity.
        self._known: dict[int, tuple[Incident, bytes]] = {}

    def __call__(self, incident: Incident) -> bytes:
        """Return the fingerprint of *incident*."""
        entry = self._known.get(id(incident))
        if entry is None:
            entry = self._known[id(incident)] = (incident, fingerprint(incident))
        return entry[1]

    def retain(self, incidents: Iterable[Incident]) -> None:
        """Forget all but *incidents*."""
        known = self._known
        self._known = {
            id(incident): known[id(incident)]
            for incident in incidents
            if id(incident) in known
        }


def digest(
    incidents: Iterable[Incident],
    owners: Iterable[str],
    *more: object,
    fingerprints: Callable[[Incident], bytes] = fingerprint,
) -> str:
    """Return the hash, 32 hex digits, of *incidents* and whatever else decides."""
    total = hashlib.blake2b(digest_size=16)
    total.update(repr((sorted(owners), more)).encode())
    for part in sorted(map(fingerprints, incidents)):
        total.update(part)
    return total.hexdigest()
