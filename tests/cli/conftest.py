"""A ledger as a tray leaves it, for commands to read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidents.feeds import FeedId
from incidents.follow import Position
from incidents.models import Incident, IncidentId, UserId
from tray_app.ledger import serialization
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import FeedStep, Step
from tray_app.model.freshness import Freshness
from tray_app.model.memory import Memory
from tray_app.model.output import ChangeLine, Disposition, Output
from tray_app.model.view import Notification
from tray_app.settings import paths

MINE, TEAM = FeedId("USER#alice"), FeedId("TEAM#ops")
ALICE = UserId("alice@example.com")
NOW = datetime.now(UTC)


def incident(
    number: int,
    *,
    severity: str = "critical",
    status: str = "triggered",
    assignees: tuple[UserId, ...] = (),
) -> Incident:
    return Incident(
        id=IncidentId(f"{number:08d}-0000-4000-8000-000000000000"),
        name=f"payment-latency-{number}",
        severity=severity,
        status=status,
        assignees=assignees,
        labels=(("service", "checkout"),),
        opened_at=NOW - timedelta(minutes=21),
        updated_at=NOW,
    )


def fresh(at: datetime) -> str:
    return serialization.FRESHNESS.to_json(Freshness(read_at=at, watermark=at))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INCIDENT_TRAY_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("INCIDENT_TRAY_CONFIG", raising=False)
    return tmp_path


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    """Two of mine, one of them acknowledged, one of nobody's and one of dana's."""
    del home
    own = incident(1, assignees=(ALICE,))
    acknowledged = incident(
        2, severity="error", status="acknowledged", assignees=(ALICE,)
    )
    unassigned = incident(3, severity="warning")
    others = incident(4, severity="error", assignees=(UserId("dana@example.com"),))
    verdict = ChangeLine(
        feed=MINE,
        seq=1,
        id=own.id,
        at=NOW,
        kinds=("opened",),
        text="opened “payment-latency-1”",
        outcome=Disposition.NOTIFIED,
        rule="notify_from",
    )
    notification = Notification(
        key=f"incident:{own.id}", id=f"{MINE}:1", title="Critical: payment-latency-1"
    )
    step = Step(
        at=NOW,
        output=Output(memory=Memory(), tell=(notification,), changes=(verdict,)),
        feeds={
            MINE: FeedStep(
                position=Position(cursor=1, epoch="e"),
                owners=frozenset({ALICE}),
                puts={i.id: i for i in (own, acknowledged)},
                replace_all=True,
            ),
            TEAM: FeedStep(
                position=Position(cursor=4, epoch="e"),
                puts={i.id: i for i in (own, acknowledged, unassigned, others)},
                replace_all=True,
            ),
        },
        values={"ages": fresh(datetime.now(UTC))},
    )
    with Ledger(paths.ledger_file()) as ledger:
        ledger.accept(step)
        ledger.shown(notification.id)
        yield ledger
