"""P10 and P11: the cost of the tray without changes, and with many."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import boto3

from benchmarks.feed import table
from benchmarks.measure import Measure, interleaved, wall
from benchmarks.workload import NOW, moved, users, wire
from incidents.coralogix.incidents.incident_row import read_rows
from incidents.diff import diff
from incidents.feeds import Commit, FeedId, FeedRow, Head, team_feed
from incidents.follow import Position
from incidents.stores.dynamodb.store import DynamoDBStore
from tray_app.feed.intake import FeedPlace, take
from tray_app.feed.poller import FeedRead, Polled, PollRequest, look
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import Step
from tray_app.model.memory import Memory
from tray_app.model.state import Me, TrayState
from tray_app.policy import decide
from tray_app.present import menu
from tray_app.present.wording import worded

LOOKS = 100
CHANGES = 1000
TEAM = team_feed("bench")
EPOCH = "epoch"


def measure_idle(seed: int, rounds: int = 7) -> list[Measure]:
    """P10: one poll of a feed without changes, compared with one bare query."""
    del seed  # nothing is new, whatever the world
    with table() as (_, store):
        _begin(store)
        ask = PollRequest(
            positions={TEAM: Position(cursor=0, epoch=EPOCH)}, status=False
        )
        store.meter.reset()
        look(store, ask, NOW)
        units = store.meter.read_units
        ours, floor = interleaved(
            rounds, _often(lambda: look(store, ask, NOW)), _often(_bare())
        )
    return [
        Measure(
            id="P10a",
            what="an idle look of a tray, processor",
            unit="s",
            ours=ours / LOOKS,
            floor=floor / LOOKS,
            goal="<= 1.3 x one botocore query",
            met=ours <= 1.3 * floor,
        ),
        Measure(
            id="P10b",
            what="an idle look of a tray",
            unit="units",
            ours=units,
            floor=0.5,
            goal="<= 0.5",
            met=units <= 0.5,  # noqa: PLR2004  # the goal
        ),
    ]


def _begin(store: DynamoDBStore) -> None:
    head = Head(seq=0, rev=1, epoch=EPOCH, writer="w", watermark=NOW, digest="")
    store.commit(Commit(feed=TEAM, expected=None, head=head))


def _often(work: Callable[[], object]) -> Callable[[], None]:
    def again() -> None:
        for _ in range(LOOKS):
            work()

    return again


def _bare() -> Callable[[], object]:
    client = boto3.client("dynamodb")
    return lambda: client.query(
        TableName="bench",
        KeyConditionExpression="pk = :pk AND sk > :sk",
        ExpressionAttributeValues={
            ":pk": {"S": TEAM},
            ":sk": {"S": "C#000000000000"},
        },
        Limit=100,
    )


def measure_burst(seed: int) -> Measure:
    """P11: a thousand changes at once, until they are stored and in the menu."""
    people = users(10)
    rows = _rows(CHANGES, seed)
    polled = Polled(
        status=None,
        feeds={
            TEAM: FeedRead(
                position=Position(cursor=CHANGES, epoch=EPOCH), rows=tuple(rows)
            )
        },
    )
    me = Me(uid=people[0].uid, ids=people[0].ids)
    state = TrayState(me=me, team_feed={}, started=True)
    places = {TEAM: FeedPlace(position=Position(cursor=0, epoch=EPOCH))}
    with tempfile.TemporaryDirectory() as folder:
        taken = []
        for turn in range(5):
            with Ledger(Path(folder, f"ledger-{turn}")) as ledger:
                taken.append(wall(lambda: _taken(ledger, state, places, polled)))
    seconds = sorted(taken)[len(taken) // 2]
    return Measure(
        id="P11",
        what="1,000 changes accepted, decided, stored, drawn",
        unit="s",
        ours=seconds,
        goal="<= 0.5 s",
        met=seconds <= 0.5,  # noqa: PLR2004  # the goal
    )


def _rows(count: int, seed: int) -> list[FeedRow]:
    """Create *count* changes: half open an incident, half change it later."""
    opened = read_rows(wire(count // 2, users(10), seed)).incidents
    after = moved(opened, 1.0, seed)
    changes = [
        *diff({}, opened, {}, observed_at=NOW),
        *diff(opened, after, {}, observed_at=NOW + timedelta(minutes=1)),
    ]
    return [
        FeedRow(seq=seq, epoch=EPOCH, change=change)
        for seq, change in enumerate(changes, 1)
    ]


def _taken(
    ledger: Ledger, state: TrayState, places: dict[FeedId, FeedPlace], polled: Polled
) -> None:
    now = NOW + timedelta(minutes=2)
    intake = take(state, places, polled, now)
    decision = decide.decide(Memory(), intake.news, intake.state, now=now)
    output = worded(decision, intake.state, now)
    ledger.accept(Step(at=now, output=output, feeds=intake.steps))
    menu.build(intake.state, now)
