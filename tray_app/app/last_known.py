"""What the tray knows, for commands: read from its ledger, which it goes on writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from incidents.errors import StoreMissingError
from incidents.models import Incident, IncidentId
from tray_app.ledger import serialization
from tray_app.ledger.ledger import Ledger
from tray_app.model.freshness import Freshness
from tray_app.model.state import Me, Pending, TrayState
from tray_app.policy.decide import SEEN_AT_STEP
from tray_app.present.safe_text import one_line
from tray_app.settings import paths
from tray_app.settings.settings import Settings, load, parse

ID_HELP = "of an incident, or how it begins"


@contextmanager
def ledger() -> Iterator[Ledger]:
    """
    Open the ledger of the tray that runs, or ran, here.

    Raises:
        StoreMissingError: If none ever ran.
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
    with Ledger(path, check=False) as opened:
        yield opened


def state(held: Ledger, now: datetime) -> TrayState:
    """
    Return what the tray knew when it last wrote.

    Raises:
        SettingsError: If the settings cannot be read.
        LedgerError: If the ledger cannot be read.
    """
    settings = load(paths.settings_file())
    quiet = held.read(serialization.QUIET)
    seen = TrayState(me=Me(uid=settings.uid), rules=settings.rules.switched(quiet))
    for feed, found in held.feeds().items():
        if feed.startswith("TEAM#"):
            seen = replace(seen, team_feed=found.incidents)
        else:
            me = Me(uid=feed.partition("#")[2], ids=found.owners)
            seen = replace(seen, me=me, user_feed=found.incidents, started=True)
    pending = held.read(serialization.PENDING) or ()
    snoozes = held.read(serialization.SNOOZES) or seen.snoozes
    return replace(
        seen,
        freshness=_ages(held) or seen.freshness,
        snoozes=snoozes.lasting(now),
        troubles=held.read(serialization.PROBLEMS) or (),
        pending=_by_id(pending),
        link=settings.coralogix.link,
    )


def started_with(held: Ledger) -> Settings | None:
    """
    Return the settings that the tray began with: its file's, and what it was given.

    Raises:
        SettingsError: If they are of another version.
    """
    text = held.get("settings")
    return None if text is None else parse(text, f"{held.path}")


def _ages(held: Ledger) -> Freshness | None:
    """Return the two ages; as they are noted now and then, they may be that older."""
    ages = held.read(serialization.FRESHNESS)
    return None if ages is None else replace(ages, poll=ages.poll + SEEN_AT_STEP)


def _by_id(pending: tuple[Pending, ...]) -> dict[IncidentId, Pending]:
    return {one.id: one for one in pending}


def find(seen: TrayState, text: str) -> Incident:
    """
    Return the open incident whose id begins with *text*.

    Raises:
        StoreMissingError: If there is none, or more than one.
    """
    found = [
        one for id_, one in seen.incidents().items() if id_.startswith(text.lower())
    ]
    if len(found) != 1:
        many = "More than one" if found else "No"
        raise StoreMissingError(
            f"{many} open incident has an id beginning with {one_line(text)}."
        )
    return found[0]
