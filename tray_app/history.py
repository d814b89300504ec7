"""Read the newest changes back from the ledger, for the menu."""

from datetime import datetime

from incidents.models import IncidentId
from tray_app.gates import ELSEWHERE
from tray_app.ledger import Ledger
from tray_app.menu import RECENT
from tray_app.state import Recent


def recent(ledger: Ledger) -> tuple[Recent, ...]:
    """Return the newest changes, the newest first. Raises LedgerError."""
    rows = ledger.rows(
        "SELECT at, id, text FROM change WHERE rule != ? ORDER BY at DESC, seq DESC"
        " LIMIT ?",
        (ELSEWHERE, RECENT),
    )
    return tuple(
        Recent(at=datetime.fromisoformat(at), id=IncidentId(id_), text=text)
        for at, id_, text in rows
    )
