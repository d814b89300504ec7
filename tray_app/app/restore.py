"""Restore the state from the ledger: for a tray that starts, and for commands."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from incidents.errors import StoreMissingError
from incidents.feeds import FeedId, is_user_feed
from incidents.models import Incident, IncidentId
from tray_app.feed.intake import FeedPlace, with_feed
from tray_app.ledger import serialization
from tray_app.ledger.journal import Journal
from tray_app.ledger.ledger import Ledger, StoredFeed
from tray_app.ledger.serialization import StoredValue
from tray_app.model.freshness import Freshness
from tray_app.model.state import Me, Pending, Snoozes, Stage, TrayState
from tray_app.model.view import Notification
from tray_app.policy.decide import SEEN_AT_STEP
from tray_app.present.action_replies import UNDER_WAY
from tray_app.present.safe_text import one_line
from tray_app.settings import paths
from tray_app.settings.settings import Settings, load, parse

INTERRUPTED = "The program ended before there was an answer."
ID_HELP = "of an incident, or how it begins"
T = TypeVar("T")


class StoredValues(Protocol):
    """A ledger or a journal, as far as its single values are concerned."""

    def read(self, value: StoredValue[T]) -> T | None:
        """Return a stored value; None if there is none."""
        ...


def places_of(feeds: Sequence[FeedId], journal: Journal) -> dict[FeedId, FeedPlace]:
    """Return the stored position and owners of each of *feeds*."""
    stored = journal.feeds
    return {
        feed: FeedPlace(position=stored[feed].position, owners=stored[feed].owners)
        if feed in stored
        else FeedPlace()
        for feed in feeds
    }


def initial_state(
    settings: Settings, feeds: Sequence[FeedId], journal: Journal
) -> TrayState:
    """Return the state that a tray following *feeds* starts with; it is not fresh."""
    stored = {feed: journal.feeds[feed] for feed in feeds if feed in journal.feeds}
    state = _restored(settings, stored, journal)
    return replace(
        state,
        team_feed=state.team_feed or ({} if len(feeds) > 1 else None),
        freshness=Freshness(poll=timedelta(seconds=settings.poll_seconds)),
        recent=journal.recent(),
        pending=_interrupted(state.pending),
    )


def known_state(ledger: Ledger, now: datetime) -> TrayState:
    """
    Return the state that the tray last stored in *ledger*.

    Raises:
        SettingsError: If the settings cannot be read.
        LedgerError: If the ledger cannot be read.
    """
    state = _restored(load(paths.settings_file()), ledger.feeds(), ledger)
    return replace(
        state,
        freshness=_freshness(ledger) or state.freshness,
        snoozes=state.snoozes.lasting(now),
        problems=ledger.read(serialization.PROBLEMS) or (),
    )


def _restored(
    settings: Settings, feeds: Mapping[FeedId, StoredFeed], values: StoredValues
) -> TrayState:
    quiet = values.read(serialization.QUIET)
    if settings.rules.switched(quiet) == settings.rules:
        quiet = None
    state = TrayState(
        me=Me(uid=settings.uid),
        rules=settings.rules.switched(quiet),
        quiet=quiet,
        can_act=settings.coralogix.address() is not None,
        signs_in=settings.mode != "solo",
        link=settings.coralogix.link,
        pending={p.id: p for p in values.read(serialization.PENDING) or ()},
        snoozes=values.read(serialization.SNOOZES) or Snoozes(),
    )
    for feed, stored in feeds.items():
        state = replace(with_feed(state, feed, stored.incidents), started=True)
        if is_user_feed(feed):
            uid = feed.partition("#")[2]
            state = replace(state, me=Me(uid=uid, ids=stored.owners))
    return state


def notifications_on_screen(journal: Journal) -> tuple[Notification, ...]:
    """
    Return what the last run left on the screen and can still be pressed.

    A notification that says that an action is under way is untrue by now.
    """
    return tuple(
        notification
        for notification in journal.on_screen()
        if not notification.id.startswith(UNDER_WAY)
    )


def _interrupted(
    pending: Mapping[IncidentId, Pending],
) -> Mapping[IncidentId, Pending]:
    """
    Return the actions that the last run had not ended.

    One that was held back was never sent, and is dropped; one that was sent may
    have been done.
    """
    return {
        id_: replace(action, stage=Stage.UNCONFIRMED, reason=INTERRUPTED)
        if action.stage is Stage.SENT
        else action
        for id_, action in pending.items()
        if action.stage is not Stage.HELD
    }


@contextmanager
def open_ledger() -> Iterator[Ledger]:
    """
    Open the ledger of the tray that runs, or ran, here.

    Raises:
        StoreMissingError: If no tray ever ran.
        LedgerError: If the ledger cannot be read.
    """
    path = paths.ledger_file()
    if not path.exists():
        raise StoreMissingError(
            f"Nothing is known yet: no tray has run with {path.parent}."
            " Start one with `incident-tray run`."
        )
    # The tray looks for damage when it starts; reading the whole file again for each
    # command would cost more than what the command reads.
    with Ledger(path, check=False) as ledger:
        yield ledger


def started_with(ledger: Ledger) -> Settings | None:
    """
    Return the settings that the tray started with: its file's and its arguments'.

    Raises:
        SettingsError: If they are of another version.
    """
    text = ledger.get("settings")
    return None if text is None else parse(text, f"{ledger.path}")


def find(state: TrayState, beginning: str) -> Incident:
    """
    Return the open incident whose id starts with *beginning*.

    Raises:
        StoreMissingError: If there is none, or more than one.
    """
    matches = [
        incident
        for id_, incident in state.incidents().items()
        if id_.startswith(beginning.lower())
    ]
    if len(matches) != 1:
        many = "More than one" if matches else "No"
        raise StoreMissingError(
            f"{many} open incident has an id beginning with {one_line(beginning)}."
        )
    return matches[0]


def _freshness(ledger: Ledger) -> Freshness | None:
    """Return the stored freshness; its times may lag by `SEEN_AT_STEP`."""
    stored = ledger.read(serialization.FRESHNESS)
    if stored is None:
        return None
    return replace(stored, poll=stored.poll + SEEN_AT_STEP)
