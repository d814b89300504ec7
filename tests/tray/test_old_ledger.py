"""A ledger that 0.1.0 wrote is read as it was meant."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidents.feeds import FeedId
from incidents.follow import Position
from incidents.models import Incident, IncidentId, UserId
from tray_app.ledger import history, serialization
from tray_app.ledger.ledger import Ledger
from tray_app.model import intents
from tray_app.model.freshness import Freshness
from tray_app.model.intents import Verb
from tray_app.model.memory import (
    Burst,
    Grouped,
    Memory,
    OwnAction,
    QuietBacklog,
    QuietReason,
    Thread,
)
from tray_app.model.rules import QuietSwitch
from tray_app.model.state import Pending, Problem, ProblemKind, Snoozes, Stage
from tray_app.model.view import Button, Notification, Urgency

ROWS = Path(__file__).with_name("ledger_0_1_0.json")
"""The rows of every table, as 0.1.0 wrote them."""
TEAM = FeedId("TEAM#ops")
ADA, DANA = UserId("ada@acme.test"), UserId("dana@acme.test")
A, B = IncidentId("ab12"), IncidentId("cd34")


def at(minutes: int) -> datetime:
    return datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(minutes=minutes)


INCIDENT = Incident(
    id=A,
    name="Checkout p99 \u202e<b>&",
    severity="critical",
    status="acknowledged",
    state="triggered",
    assignees=(ADA,),
    muted=False,
    description="Two\nlines",
    labels=(("service", "checkout"),),
    opened_at=at(-30),
    updated_at=at(-1),
    closed_at=None,
    assigned_by=((ADA, DANA),),
    acknowledged_by=ADA,
    resolved_by=None,
    snoozed_until=at(60),
    snoozed_by=DANA,
    cut=True,
)
MEMORY = Memory(
    seen_at=at(0),
    threads={
        A: Thread(
            touched_at=at(1),
            notified_at=at(2),
            on_screen=True,
            reminded=1,
            openings=(at(-5), at(2)),
            flapping=True,
            resolved_at=at(3),
            acknowledged_at=at(4),
            nudged_at=at(5),
            withdraw_at=at(6),
        )
    },
    notified_at=(at(0), at(1)),
    burst=Burst(
        last_at=at(1),
        own=2,
        incidents={B: Grouped(name="Disk", severity="error", opened=True)},
    ),
    backlog=QuietBacklog(
        since=at(2), reason=QuietReason.QUIET_HOURS, ids=frozenset({A})
    ),
    own=(OwnAction(id=A, verb=Verb.TAKE, at=at(3)),),
    troubles={"signed out": at(4)},
    updates={"0.2.0": at(5)},
)
PENDING = (
    Pending(
        id=A,
        verb=Verb.RESOLVE,
        stage=Stage.CONFIRMED,
        since=at(1),
        incident=INCIDENT,
        name="Checkout",
        reason="none",
        watermark=at(0),
        permission="incidents:resolve",
        said=True,
    ),
    Pending(id=B, verb=Verb.ASSIGN, stage=Stage.HELD, since=at(2)),
)
FRESHNESS = Freshness(
    read_at=at(1),
    watermark=at(0),
    interval=timedelta(seconds=30),
    poll=timedelta(seconds=20),
    retention=timedelta(days=7),
    status_at=at(1),
    moved_at=at(1),
    ahead=timedelta(seconds=-3),
)
INTENTS: tuple[intents.Intent, ...] = (
    intents.Act(Verb.ACKNOWLEDGE, (A, B)),
    intents.Undo(A),
    intents.SendNow(A),
    intents.OpenIncident(A),
    intents.OpenCoralogix(),
    intents.CopyLink(A),
    intents.Snooze(timedelta(minutes=15), A),
    intents.Snooze(None),
    intents.SnoozeUntilMorning(A),
    intents.ToggleQuietHours(),
    intents.SyncNow(),
    intents.SignIn(),
    intents.ShowDoctor(),
    intents.OpenSettings(),
    intents.OpenLogs(),
)
NOTIFICATIONS = [
    Notification(
        key="incident:ab12",
        id=f"TEAM#ops:{number + 1}",
        title="Opened · “Checkout”",
        body="one\ntwo",
        urgency=Urgency.CRITICAL if number else Urgency.NORMAL,
        buttons=(Button(key="b", label="Do it", intent=intent),),
        click=intent if number % 2 else None,
        sound=bool(number % 2),
        expires_after=8.0 if number % 3 else None,
    )
    for number, intent in enumerate(INTENTS)
]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db") as opened:
        with opened.writing() as db:
            for table, rows in json.loads(ROWS.read_text()).items():
                marks = ", ".join("?" * len(rows[0]))
                db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  # of our own file
        yield opened


def test_every_value_is_what_it_was(ledger: Ledger) -> None:
    assert ledger.memory() == MEMORY
    assert ledger.read(serialization.PENDING) == PENDING
    assert ledger.read(serialization.FRESHNESS) == FRESHNESS
    assert ledger.read(serialization.QUIET) == QuietSwitch(on=True, instead_of=False)
    assert ledger.read(serialization.SNOOZES) == Snoozes(
        everything=at(60), incidents={A: at(90)}
    )
    assert ledger.read(serialization.PROBLEMS) == (
        Problem(kind=ProblemKind.SIGNED_OUT, since=at(1), detail="expired"),
    )


def test_every_feed_is_where_it_was(ledger: Ledger) -> None:
    feed = ledger.feeds()[TEAM]

    assert feed.position == Position(cursor=15, epoch="e1", waiting_since=at(6))
    assert feed.owners == {ADA}
    assert feed.incidents == {A: INCIDENT}


def test_every_notification_and_every_kind_of_intent_is_what_it_was(
    ledger: Ledger,
) -> None:
    stored = [one for _, one in history.notifications_after(ledger, 0)]

    assert stored == NOTIFICATIONS
    shown = {one.id for one in NOTIFICATIONS if one.id.endswith("1")}
    assert ledger.waiting() == [one for one in stored if one.id not in shown]


def test_history_says_what_it_said(ledger: Ledger) -> None:
    (change,) = history.changes_of(ledger, A)

    assert (change.outcome, change.rule) == ("told", "critical")
    assert change.text == "Checkout opened · Critical"
    assert len(history.notifications_of(ledger, A)) == len(NOTIFICATIONS)


def test_what_is_written_now_reads_back_the_same() -> None:
    changed = replace(MEMORY, notified_at=())
    assert serialization.MEMORY.from_json(serialization.MEMORY.to_json(changed)) == (
        changed
    )
    assert serialization.PENDING.from_json(serialization.PENDING.to_json(PENDING)) == (
        PENDING
    )
    for one in NOTIFICATIONS:
        text = serialization.notification_to_json(one)
        assert serialization.notification_from_json(text) == one


def test_the_memory_is_written_under_the_names_that_0_1_0_gave(ledger: Ledger) -> None:
    with ledger.reading() as db:
        ((stored,),) = db.execute("SELECT value FROM kept WHERE name = 'memory'")

    assert json.loads(serialization.MEMORY.to_json(MEMORY)) == json.loads(stored)
