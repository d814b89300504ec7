"""What happened to an incident, read on a thread of its own."""

import threading
from contextlib import suppress
from datetime import datetime

from incidents.coralogix.http.regions import Address
from incidents.errors import IncidentsError
from incidents.models import IncidentId
from incidents.ports import Clock
from tray_app.app import connect, restore
from tray_app.ledger import history
from tray_app.model.ports import DesktopError
from tray_app.present import incident_details


class Timelines:
    """The lines about incidents; each incident is read once until `forget`."""

    def __init__(self, address: Address | None, clock: Clock) -> None:
        self._address, self._clock = address, clock
        self._requested: set[IncidentId] = set()
        self._lines: dict[IncidentId, tuple[str, ...]] = {}

    def of(self, id_: IncidentId) -> tuple[str, ...]:
        """Return the lines about *id_*, the oldest first; none until they are read."""
        if id_ not in self._requested:
            self._requested.add(id_)
            threading.Thread(
                target=self._read, args=(id_,), name="timeline", daemon=True
            ).start()
        return self._lines.get(id_, ())

    def forget(self, id_: IncidentId) -> None:
        """Read *id_* again at the next chance."""
        self._requested.discard(id_)

    def _read(self, id_: IncidentId) -> None:
        lines = self._from_coralogix(id_) or _from_ledger(id_, self._clock())
        self._lines[id_] = lines or ("nothing that is known",)

    def _from_coralogix(self, id_: IncidentId) -> tuple[str, ...]:
        """Return the timeline in Coralogix; nothing if it cannot be read."""
        try:
            with connect.acting(self._address) as actor:
                events = actor.timeline(id_).events
        except (IncidentsError, DesktopError):
            return ()
        return tuple(incident_details.sentence(event) for event in events)


def _from_ledger(id_: IncidentId, now: datetime) -> tuple[str, ...]:
    """Return the changes that the tray has read."""
    with suppress(IncidentsError), restore.open_ledger() as ledger:
        changes = history.changes_of(ledger, id_)
        return tuple(history.line(change, now) for change in changes)
    return ()
