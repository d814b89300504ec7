"""What a new run begins with: the settings, and what the ledger holds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from incidents.feeds import FeedId
from incidents.models import IncidentId
from tray_app.feed.intake import FeedPlace, with_feed
from tray_app.ledger import serialization
from tray_app.ledger.journal import Journal
from tray_app.ledger.ledger import StoredFeed
from tray_app.model.freshness import Freshness
from tray_app.model.state import Me, Pending, Snoozes, Stage, TrayState
from tray_app.model.view import Notification
from tray_app.present.action_replies import UNDER_WAY
from tray_app.settings.settings import Settings

INTERRUPTED = "The program ended before there was an answer."


def places_of(feeds: Sequence[FeedId], journal: Journal) -> dict[FeedId, FeedPlace]:
    """Return where we stand in each of *feeds*."""
    held = journal.feeds
    return {feed: _place(held[feed]) if feed in held else FeedPlace() for feed in feeds}


def state_of(
    settings: Settings, feeds: Sequence[FeedId], journal: Journal
) -> TrayState:
    """Return the state to begin with: as it was left, but not yet fresh."""
    own = journal.feeds.get(feeds[0])
    quiet = journal.read(serialization.QUIET)
    if settings.rules.switched(quiet) == settings.rules:
        quiet = None
    state = TrayState(
        me=Me(uid=settings.uid, ids=own.owners if own else frozenset()),
        rules=settings.rules.switched(quiet),
        quiet=quiet,
        team_feed={} if len(feeds) > 1 else None,
        freshness=Freshness(poll=timedelta(seconds=settings.poll_seconds)),
        can_act=settings.coralogix.address() is not None,
        signs_in=settings.mode != "solo",
        link=settings.coralogix.link,
        recent=journal.recent(),
        pending=_pending(journal),
        snoozes=journal.read(serialization.SNOOZES) or Snoozes(),
    )
    for feed in feeds:
        if feed in journal.feeds:
            held = journal.feeds[feed].incidents
            state = replace(with_feed(state, feed, held), started=True)
    return state


def standing(journal: Journal) -> tuple[Notification, ...]:
    """
    Return what the last run left on the screen that can still be pressed.

    An action that was under way is so no more, and what says that it is, is untrue.
    """
    return tuple(
        one for one in journal.on_screen() if not one.told.startswith(UNDER_WAY)
    )


def _place(held: StoredFeed) -> FeedPlace:
    return FeedPlace(position=held.position, owners=held.owners)


def _pending(journal: Journal) -> Mapping[IncidentId, Pending]:
    """
    Return the actions that had not ended.

    What was held was never sent, and is forgotten; what was sent may have happened.
    """
    found = journal.read(serialization.PENDING) or ()
    return {
        one.id: replace(one, stage=Stage.UNCONFIRMED, reason=INTERRUPTED)
        if one.stage is Stage.SENT
        else one
        for one in found
        if one.stage is not Stage.HELD
    }
