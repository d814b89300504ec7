"""The composition root of the tray: builds its parts and runs them."""

import logging
import queue
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import SettingsError
from incidents.feeds import FeedId, team_feed, user_feed
from tray_app.app import running
from tray_app.app.app import App
from tray_app.app.clock import local_now, uptime, utc_now
from tray_app.app.connect import connected
from tray_app.app.events import Event, ProblemReport
from tray_app.app.main_loop import MainLoop, print_line
from tray_app.app.restore import initial_state, notifications_on_screen, places_of
from tray_app.app.side_effects import SideEffects
from tray_app.app.signals import ending
from tray_app.desktop.icon import draw
from tray_app.desktop.instance import RAISE, claim
from tray_app.desktop.notifications.notifier import DesktopNotifications
from tray_app.desktop.tray.choose import open_tray
from tray_app.feed.poller import Poller, PollRequest, Source
from tray_app.feed.solo import SoloSettings, SoloSource
from tray_app.feed.table import TableSource
from tray_app.ledger import lease
from tray_app.ledger.journal import Journal
from tray_app.model.intents import Quit, Raise, SyncNow
from tray_app.model.ports import DesktopError, Tray
from tray_app.model.state import Problem, ProblemKind
from tray_app.settings import paths
from tray_app.settings.settings import Settings
from tray_app.settings.template import template

DESKTOP_RETRY = 5.0
"""Seconds between two tries to show the icon where there is no desktop yet."""
log = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """
    Run the tray until a person or the system ends it; return the exit code.

    Raises:
        SettingsError: If something needed is not set.
        LedgerError: If nothing can be kept on this machine.
        DesktopError: If another tray cannot be told from this one.
    """
    checked(settings)
    paths.make_private()
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with claimed(events) as is_first:
        if is_first:
            return _run(settings, events)
    other = running.holder()
    forward = running.send(RAISE)
    where = f" ({other})" if other else ""
    asked = "it was asked to come forward" if forward else "it does not come forward"
    print(f"incident-tray runs already{where}; {asked}.")  # noqa: T201  # an answer
    return 0


@contextmanager
def claimed(events: "queue.SimpleQueue[Event]") -> Iterator[bool]:
    """
    Be the one tray of the ledger; False where another one is.

    Raises:
        DesktopError: If another tray cannot be told from this one.
    """
    instance = claim(
        paths.runtime_folder(),
        lambda: events.put(Raise()),
        lambda: events.put(SyncNow()),
    )
    if instance is None:
        yield False
        return
    lease_: lease.Lease | lease.Holder | None = None
    try:
        lease_ = lease.claim(
            paths.ledger_file(),
            paths.runtime_folder(),
            local_now(),
            lambda: events.put(Quit()),
        )
        yield isinstance(lease_, lease.Lease)
    finally:
        if isinstance(lease_, lease.Lease):
            lease_.release()
        instance.release()


def checked(settings: Settings) -> None:
    """Raise SettingsError if *settings* name no user or, in solo mode, no address."""
    if not settings.uid:
        raise SettingsError("Say who you are: --uid UID, or uid in the settings file.")
    if settings.mode == "solo" and settings.coralogix.address() is None:
        raise SettingsError(
            "Solo mode reads Coralogix itself: set coralogix.region or base_url."
        )


def feeds_of(settings: Settings) -> tuple[FeedId, ...]:
    """Return the feeds that *settings* follow, the user's own first."""
    own = user_feed(settings.uid)
    team = settings.team or ("solo" if settings.mode == "solo" else "")
    return (own, team_feed(team)) if team else (own,)


def _run(settings: Settings, events: "queue.SimpleQueue[Event]") -> int:
    with (
        ending(lambda: events.put(Quit())),
        composed(settings, events) as (app, effects),
    ):
        loop = MainLoop(app, events, paths.settings_file(), clock=local_now)
        loop.start()
        _run_tray(lambda: open_tray(draw, events.put), effects, loop, events)
        return loop.end()


@contextmanager
def composed(
    settings: Settings, events: "queue.SimpleQueue[Event]"
) -> Iterator[tuple[App, SideEffects]]:
    """
    Build the app that follows the feeds and stores what it reads, and its effects.

    The feeds are read on a thread until the context ends; the caller hands *events*
    on to the app.

    Raises:
        LedgerError: If nothing can be stored on this machine.
    """
    connect = partial(connected, settings.coralogix.address())
    poller = Poller(_source(settings, connect), utc_now, events.put)
    effects = side_effects(settings, events, poller.poll)
    with closing(Journal(paths.ledger_file(), local_now())) as journal:
        journal.put("settings", template(settings, explained=False))  # for `doctor`
        notifier = DesktopNotifications(
            events.put,
            ids_file=paths.notification_ids_file(),
            earlier=notifications_on_screen(journal),
        )
        feeds = feeds_of(settings)
        app = App(
            state=initial_state(settings, feeds, journal),
            places=places_of(feeds, journal),
            journal=journal,
            notifier=notifier,
            effects=effects,
            clock=local_now,
            uptime=uptime,
            reads_with_key=settings.mode == "solo",
        )
        try:
            poller.start()
            yield app, effects
        finally:
            poller.stop()
            notifier.close()


def side_effects(
    settings: Settings,
    events: "queue.SimpleQueue[Event]",
    poll: Callable[[PollRequest], None],
) -> SideEffects:
    """Return the effects, which read the key and the team's link at once."""
    address = settings.coralogix.address()
    effects = SideEffects(
        put=events.put,
        poll=poll,
        connect=lambda: CoralogixActor(connected(address)),
        clock=local_now,
        profile=settings.profile,
    )
    if address is not None:
        effects.get_ready(link=not settings.coralogix.link)
    return effects


def _run_tray(
    opened: Callable[[], Tray],
    effects: SideEffects,
    loop: MainLoop,
    events: "queue.SimpleQueue[Event]",
) -> None:
    """
    Keep the main thread until the end, with the tray or, where it fails, without.

    A desktop that is not there yet is tried again each `DESKTOP_RETRY`.
    """

    def shown() -> None:
        events.put(ProblemReport(ProblemKind.NO_TRAY, None))
        loop.redraw()

    reported = False
    while not loop.ended.is_set():
        try:
            effects.tray = loop.tray = opened()
            effects.tray.run(shown)
        except DesktopError as error:
            effects.tray = loop.tray = None
            if not reported:
                log.warning("no tray: %s", error)
                _report_no_tray(str(error), events)
            reported = True
            loop.ended.wait(DESKTOP_RETRY)
        except Exception:
            effects.tray = loop.tray = None
            log.exception("the icon failed")
            _report_no_tray("The icon failed; the log says why.", events)
            loop.ended.wait()
        else:
            return


def _report_no_tray(problem: str, events: "queue.SimpleQueue[Event]") -> None:
    print_line(
        f"{problem} It goes on watching all the same; for the menu see"
        " `incident-tray status`."
    )
    no_tray = Problem(kind=ProblemKind.NO_TRAY, since=local_now(), detail=problem)
    events.put(ProblemReport(ProblemKind.NO_TRAY, no_tray))


def _source(settings: Settings, connect: Callable[[], ActingHttp]) -> Source:
    if settings.mode == "solo":
        solo = SoloSettings(
            uid=settings.uid,
            team=settings.team or "solo",
            folder=paths.data_folder(),
            interval=timedelta(seconds=settings.poll_seconds),
        )
        return SoloSource(solo, connect, utc_now)
    return TableSource(settings)
