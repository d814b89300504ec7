"""Handles the intents that are no actions: links, snoozes, settings, replies."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from incidents.coralogix.http.regions import Links
from incidents.models import IncidentId
from tray_app.app.effects import Effects
from tray_app.ledger import serialization
from tray_app.model.intents import (
    CopyLink,
    Intent,
    OpenCoralogix,
    OpenIncident,
    OpenLogs,
    OpenSettings,
    Raise,
    ShowDoctor,
    SignIn,
    Snooze,
    SnoozeUntilMorning,
    ToggleQuietHours,
)
from tray_app.model.local_time import at_clock
from tray_app.model.memory import Memory
from tray_app.model.rules import QuietSwitch
from tray_app.model.state import Snoozes, TrayState
from tray_app.model.view import Notification
from tray_app.present import badge, problems, upgrade

MORNING = time(9)
"""The time at which `until tomorrow` ends."""
LINES = 4
"""The most problems that one notification lists."""


def handle(  # noqa: C901, PLR0912  # one case for each intent
    intent: Intent, state: TrayState, effects: Effects, now: datetime
) -> tuple[TrayState, tuple[Notification, ...]]:
    """Carry out *intent*; return the new state and the notifications to show."""
    match intent:
        case OpenIncident():
            if state.link:
                effects.open_link(Links(state.link).to(intent.id))
        case OpenCoralogix():
            if state.link:
                effects.open_link(listing(state.link))
        case CopyLink():
            if state.link:
                effects.copy(Links(state.link).to(intent.id))
        case Snooze():
            end = None if intent.span is None else now + intent.span
            return _snoozed(state, intent.id, end), ()
        case SnoozeUntilMorning():
            return _snoozed(state, intent.id, morning(now)), ()
        case ToggleQuietHours():
            return _toggled(state), ()
        case SignIn():
            effects.sign_in()
        case OpenSettings():
            effects.open_settings()
        case OpenLogs():
            effects.open_logs()
        case ShowDoctor():
            return state, (_doctor(state, now),)
        case Raise():
            return state, (_raised(state, now),)
        case _:
            pass  # `App` handles syncing, acting and quitting itself
    return state, ()


def morning(now: datetime) -> datetime:
    """Return tomorrow at nine, in the time zone of *now*."""
    return at_clock(now.date() + timedelta(days=1), MORNING, now)


def listing(link: str) -> str:
    """Return the page of all incidents, from the template of one's page."""
    return link.partition("{id}")[0].partition("?")[0]


def changed_values(
    state: TrayState, memory: Memory, stored: Mapping[str, str]
) -> dict[str, str]:
    """
    Return the values that differ from the *stored* ones, as JSON by name.

    The freshness changes with every read, so it is stored only as often as the time
    of the last read is.
    """
    seen = memory.seen_at.isoformat() if memory.seen_at else ""
    values = {
        "snoozes": serialization.SNOOZES.to_json(state.snoozes),
        "pending": serialization.PENDING.to_json(tuple(state.pending.values())),
        "troubles": serialization.PROBLEMS.to_json(state.problems),
        "quiet": serialization.QUIET.to_json(state.quiet),
        "seen": seen,
    }
    changed = {name: text for name, text in values.items() if stored.get(name) != text}
    if "seen" in changed:
        changed["ages"] = serialization.FRESHNESS.to_json(state.freshness)
    return changed


def _toggled(state: TrayState) -> TrayState:
    """Flip the quiet hours' switch; back where it was, the settings count again."""
    quiet = state.rules.quiet_hours
    set_to = state.quiet.instead_of if state.quiet else quiet.on
    switch = QuietSwitch(on=not quiet.on, instead_of=set_to)
    rules = replace(state.rules, quiet_hours=replace(quiet, on=not quiet.on))
    different = switch.on != switch.instead_of
    return replace(state, rules=rules, quiet=switch if different else None)


def _snoozed(
    state: TrayState, id_: IncidentId | None, end: datetime | None
) -> TrayState:
    return replace(state, snoozes=snoozed(state.snoozes, id_, end))


def snoozed(before: Snoozes, id_: IncidentId | None, end: datetime | None) -> Snoozes:
    """Return *before* with incident *id_*, or all, silent until *end*; None: ended."""
    if id_ is None:
        return replace(before, everything=end)
    others = {key: until for key, until in before.incidents.items() if key != id_}
    return replace(before, incidents={**others, id_: end} if end else others)


def _doctor(state: TrayState, now: datetime) -> Notification:
    """Say what is wrong, and what to do."""
    lines = problems.explained(state, now, LINES)
    hint = [upgrade.how(state.newer)] if state.newer else []
    return Notification(
        key="doctor",
        id=f"doctor:{now.isoformat()}",
        title="What is wrong" if lines else "All is well",
        body="\n".join([*lines, *hint, "More: incident-tray doctor"]),
    )


def _raised(state: TrayState, now: datetime) -> Notification:
    """Say that the program runs already."""
    return Notification(
        key="raise",
        id=f"raise:{now.isoformat()}",
        title="Already running",
        body=badge.icon(state, now).tooltip,
    )
