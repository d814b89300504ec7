"""The tray without a desktop: fakes at the ports, everything else is real."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from incidents.changes import Change
from incidents.errors import StoreUnavailableError
from incidents.feeds import FeedId
from incidents.models import Incident, IncidentId, UserId
from incidents.ports import FeedReader
from simulator.demo.headless_tray import RecordingNotifier
from tray_app.app.app import App
from tray_app.app.restore import places_of
from tray_app.feed.poller import Polled, PollFailed, PollRequest, look
from tray_app.ledger.journal import Journal
from tray_app.ledger.ledger import Ledger
from tray_app.model.freshness import Freshness
from tray_app.model.intents import Verb
from tray_app.model.memory import Memory
from tray_app.model.news import News
from tray_app.model.rules import Rules
from tray_app.model.state import Me, TrayState
from tray_app.model.view import Icon, Menu

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ME = Me(uid="ada", ids=frozenset({UserId("ada@example.com")}))
ADA, DANA = UserId("ada@example.com"), UserId("dana@example.com")
OWN, TEAM = FeedId("USER#ada"), FeedId("TEAM#ops")
LINK = "https://ops.example.com/#/insights?id={id}"


def incident(id_: str = "a", **fields: object) -> Incident:
    """An incident like any other, but for *fields*: critical, new, nobody's."""
    usual = Incident(
        id=IncidentId(id_),
        name="payment-latency",
        severity="critical",
        status="triggered",
        opened_at=NOW,
        updated_at=NOW,
    )
    return replace(usual, **fields)  # type: ignore[arg-type]  # each test knows


def state(*incidents: Incident, **fields: object) -> TrayState:
    """A state in which *incidents* are open, all fresh, but for *fields*."""
    usual = TrayState(
        me=ME,
        user_feed={i.id: i for i in incidents if ME.among(i.assignees)},
        team_feed={i.id: i for i in incidents},
        started=True,
        freshness=Freshness(read_at=NOW, watermark=NOW),
        link=LINK,
    )
    return replace(usual, **fields)  # type: ignore[arg-type]  # each test knows


def aged(now: datetime) -> Freshness:
    """Both ages fresh at *now*."""
    return Freshness(read_at=now, watermark=now)


def news(  # noqa: PLR0913  # a change, field by field
    before: Incident | None,
    after: Incident | None,
    *,
    feed: FeedId = TEAM,
    seq: int = 1,
    at: datetime = NOW,
    joined: bool = False,
    left: bool = False,
) -> News:
    """One change, as a feed has it."""
    change = Change(
        before=before,
        after=after,
        observed_at=at,
        since=at - MINUTE,
        joined=joined,
        left=left,
    )
    return News(feed=feed, seq=seq, change=change)


WATCHED = Memory(seen_at=NOW)
"""What is remembered by one who has just looked."""


@dataclass
class Pretended:
    """Effects that only note what they were asked for. Implements `Effects`."""

    asked: list[PollRequest] = field(default_factory=list)
    acted: list[tuple[Verb, tuple[IncidentId, ...]]] = field(default_factory=list)
    drawn: list[tuple[Icon, Menu]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    signed_in: int = 0
    keys_sought: int = 0

    def poll(self, request: PollRequest) -> None:
        self.asked.append(request)

    def act(self, verb: Verb, ids: Sequence[IncidentId], me: Me) -> None:
        del me
        self.acted.append((verb, tuple(ids)))

    def show(self, icon: Icon, menu: Menu) -> None:
        self.drawn.append((icon, menu))

    def open_link(self, url: str) -> None:
        self.opened.append(url)

    def copy(self, text: str) -> None:
        self.copied.append(text)

    def find_key(self) -> None:
        self.keys_sought += 1

    def open_settings(self) -> None:
        self.opened.append("settings")

    def open_logs(self) -> None:
        self.opened.append("logs")

    def sign_in(self) -> None:
        self.signed_in += 1


@dataclass
class Clock:
    """A clock that is moved by hand."""

    now: datetime = NOW
    jumped: timedelta = timedelta(0)
    """By how much it was set, rather than moved on."""

    def __call__(self) -> datetime:
        return self.now

    def uptime(self) -> timedelta:
        """The time that has passed, whatever the clock was set to."""
        return self.now - self.jumped - NOW

    def jump(self, by: timedelta) -> None:
        """Set the clock, while no time passes."""
        self.now += by
        self.jumped += by


def rows(path: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    """Ask the ledger at *path*."""
    with Ledger(path, check=False) as ledger, ledger.reading() as db:
        return db.execute(sql, values).fetchall()


@dataclass
class Desk:
    """One run of the tray on a ledger at *path*."""

    path: Path
    clock: Clock = field(default_factory=Clock)
    screen: RecordingNotifier = field(default_factory=RecordingNotifier)
    hands: Pretended = field(default_factory=Pretended)
    rules: Rules = field(default_factory=Rules)
    feeds: tuple[FeedId, ...] = (OWN, TEAM)

    def __post_init__(self) -> None:
        self.journal = Journal(self.path, self.clock.now)
        stored = self.journal.feeds
        places = places_of(self.feeds, self.journal)
        incidents = [
            stored[feed].incidents if feed in stored else {} for feed in self.feeds
        ]
        self.app = App(
            state=TrayState(
                me=Me(uid="ada", ids=places[OWN].owners),
                rules=self.rules,
                user_feed=incidents[0],
                team_feed=incidents[1] if len(incidents) > 1 else None,
                freshness=Freshness(poll=timedelta(seconds=20)),
                link=LINK,
            ),
            places=places,
            journal=self.journal,
            notifier=self.screen,
            effects=self.hands,
            clock=self.clock,
            uptime=self.clock.uptime,
        )

    def answer(self, reader: FeedReader | None) -> None:
        """Answer the tray's poll requests from *reader*; without one they fail."""
        asked, self.hands.asked[:] = list(self.hands.asked), []
        for ask in asked:
            if reader is None:
                error = StoreUnavailableError("No network.")
                self.app.handle(PollFailed(error))
            else:
                self.app.handle(look(reader, ask, self.clock.now))

    def look(self, polled: Polled) -> None:
        """Give the result of a poll to the tray."""
        self.app.handle(polled)

    def tell_titles(self) -> list[str]:
        """The titles of all notifications, in order."""
        return [one.title for one in self.screen.notifications]
