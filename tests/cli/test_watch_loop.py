"""The terminal view at work: what its keys do to Coralogix, and what it then shows."""

import gc
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from incidents.follow import Position
from incidents.models import Incident, IncidentId
from simulator.api.server import RunningServer, serve
from simulator.world.world import World
from tests.cli.conftest import ALICE, MINE, fresh, incident
from tray_app.ledger import serialization
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import FeedStep, Step
from tray_app.model.output import Output
from tray_app.settings import environment, paths
from tray_app.settings.settings import load
from tray_app.watch.inbox import KeyHint
from tray_app.watch.run import show_stored

pytestmark = [
    pytest.mark.network,
    pytest.mark.usefixtures("home"),
    # The view lets go of its connections by ending; here the program goes on.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
    ),
]
Doing = str | KeyHint | Callable[[str], bool]


class Screen:
    """A terminal without one: what is typed comes from a list."""

    def __init__(self) -> None:
        self._shown = io.StringIO()
        self._doing: list[Doing] = []

    def wait(self, seconds: float) -> list[str | KeyHint]:
        """Type the next key; where the screen is waited for, nothing until then."""
        del seconds
        doing = self._doing[0]
        if not callable(doing):
            return [self._doing.pop(0)]  # type: ignore[list-item]  # a key, as just seen
        shown = self._shown.getvalue()
        self._shown.seek(self._shown.truncate(0))
        if doing(shown):
            del self._doing[0]
        return []

    def watch(self, *doing: Doing) -> None:
        """Run the view, do one after the other, and leave it."""
        self._doing = [*doing, "q"]
        console = Console(
            file=self._shown, width=100, height=30, force_terminal=True, no_color=True
        )
        settings = load(paths.settings_file())
        show_stored(settings, console, self)


def shows(*words: str) -> Callable[[str], bool]:
    return lambda shown: all(word in shown for word in words)


@pytest.fixture(autouse=True)
def connections() -> Iterator[None]:
    """Let every call end, and go of its connection, before the next test begins."""
    yield
    for thread in threading.enumerate():
        if thread.name in ("effect", "timeline"):
            thread.join()
    gc.collect()


@pytest.fixture
def world() -> World:
    return World(seed=4, users=1, open=0)


@pytest.fixture
def coralogix(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    monkeypatch.setenv(environment.KEY, world.users[0].key)
    with serve(world) as running:
        paths.settings_file().write_text(
            f'uid = "alice"\n[coralogix]\nbase_url = "{running.origin}"\n'
        )
        yield running


@pytest.fixture
def one(coralogix: RunningServer, world: World, ledger: Ledger) -> Incident:
    """Return an incident of mine that both the tray and Coralogix know."""
    del coralogix
    one = replace(
        incident(7, assignees=(ALICE,)),
        id=IncidentId(world.open_incident()),
        name="disk-full",
    )
    seen(ledger, one)
    return one


def seen(ledger: Ledger, one: Incident, *, at: datetime | None = None) -> None:
    """Have the tray see *one* and nothing else, in a feed of the time *at*."""
    with ledger.writing() as db:
        db.execute("DELETE FROM incident")
    feed = FeedStep(
        position=Position(cursor=2, epoch="e"),
        owners=frozenset({ALICE}),
        puts={one.id: one},
    )
    now = datetime.now(UTC)
    step = Step(
        at=now,
        output=Output(memory=ledger.memory()),
        feeds={MINE: feed},
        values={"ages": fresh(at or now)},
    )
    ledger.accept(step)


def test_what_is_acknowledged_shows_at_once_and_until_the_feed_does(
    world: World, one: Incident, ledger: Ledger
) -> None:
    def feed_moves_on(_: str) -> bool:
        later = replace(one, status="acknowledged", name="disk-full, again")
        seen(ledger, later)
        return True

    Screen().watch(
        shows("disk-full", "triggered"),
        "a",
        shows("acknowledge: done", "ack'd"),
        shows("ack'd"),
        feed_moves_on,
        shows("disk-full, again", "ack'd"),
    )

    record = world.find(one.id)
    assert record is not None
    assert "ACKNOWLEDGED" in f"{record.status}"


def test_a_feed_that_is_certainly_later_outranks_what_was_confirmed(
    one: Incident, ledger: Ledger
) -> None:
    def somebody_undoes_it(_: str) -> bool:
        seen(ledger, one, at=datetime.now(UTC) + timedelta(hours=1))
        return True

    Screen().watch(
        shows("disk-full", "triggered"),
        "a",
        shows("ack'd"),
        somebody_undoes_it,
        shows("triggered"),
    )


def test_what_fails_is_said_and_shown_as_it_is(
    coralogix: RunningServer, one: Incident
) -> None:
    coralogix.faults.set("403:acknowledge")

    Screen().watch(
        shows(one.name), "a", shows("does not let this key acknowledge", "triggered")
    )


def test_a_snooze_is_left_for_the_tray(one: Incident, ledger: Ledger) -> None:
    Screen().watch(shows(one.name), "s", shows("snoozed"))

    kept = serialization.SNOOZES.from_json(ledger.get("snoozes") or "")
    assert set(kept.incidents) == {one.id}


def test_the_story_is_coralogixs_own_and_is_asked_for_again_after_an_action(
    world: World, one: Incident
) -> None:
    world.assign(one.id, "bob@example.com", by="bob@example.com")

    Screen().watch(
        shows(one.name),
        KeyHint.ENTER,
        shows("what happened", "assigned to bob@example.com"),
        "a",
        shows("acknowledged by"),
    )


def test_without_coralogix_the_story_is_what_the_tray_saw(
    coralogix: RunningServer, one: Incident
) -> None:
    coralogix.faults.set("500")

    Screen().watch(shows(one.name), KeyHint.ENTER, shows("nothing that is known"))


def test_a_resolve_that_was_confirmed_is_sent_at_once(
    world: World, one: Incident
) -> None:
    Screen().watch(shows(one.name), "r", shows("y / n"), "y", shows("resolve: done"))

    record = world.find(one.id)
    assert record is not None
    assert "RESOLVED" in f"{record.status}"
