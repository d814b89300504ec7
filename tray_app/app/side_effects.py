"""The tray's hands: every call that could wait runs on a thread of its own."""

import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from incidents.coralogix.incidents import actions
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import (
    IncidentsError,
    SettingsError,
    SourceError,
)
from incidents.models import IncidentId, UserId
from incidents.ports import Clock
from tray_app.actions import key_state
from tray_app.actions.pending import Result
from tray_app.app.events import Acted, Changed, Event, Failed
from tray_app.desktop import browser, clipboard
from tray_app.feed.poller import PollRequest
from tray_app.model.intents import PARTS, SyncNow, Verb
from tray_app.model.ports import DesktopError, KeychainError, Tray
from tray_app.model.state import Me
from tray_app.model.view import Icon, Menu
from tray_app.present.problems import of_failure
from tray_app.settings import paths

log = logging.getLogger(__name__)


class SideEffects:
    """Implements `Effects`. What comes of a call is put among the events."""

    def __init__(  # where each hand reaches
        self,
        *,
        put: Callable[[Event], None],
        ask: Callable[[PollRequest], None],
        connect: Callable[[], CoralogixActor],
        clock: Clock,
        profile: str,
    ) -> None:
        self._clock = clock
        self._put, self._ask, self._connect = put, ask, connect
        self._profile = profile
        self._actor: CoralogixActor | None = None
        self._user: UserId | None = None
        self._turn = threading.Lock()
        self._seeking = threading.Lock()
        self.tray: Tray | None = None
        """The tray, once there is one."""

    def ask(self, ask: PollRequest) -> None:
        """Look along the feeds."""
        self._ask(ask)

    def show(self, icon: Icon, menu: Menu) -> None:
        """Show icon and menu."""
        if self.tray is not None:
            self.tray.show(icon, menu)

    def act(self, verb: Verb, ids: Sequence[IncidentId], me: Me) -> None:
        """Do *verb* to *ids* in Coralogix."""
        self._aside(lambda: self._put(Acted(verb, self._done(verb, tuple(ids), me))))

    def open_link(self, url: str) -> None:
        """Open *url* in the browser."""
        self._aside(lambda: _opened(url))

    def copy(self, text: str) -> None:
        """Put *text* on the clipboard."""
        self._aside(lambda: clipboard.copy(text, _environment()))

    def sign_in(self) -> None:
        """Run the AWS command line's sign-in, then look again."""
        self._aside(self._signed_in)

    def find_key(self) -> None:
        """Find out whether there is a key by now, and whether it is good."""
        self._aside(self._found_key)

    def open_settings(self) -> None:
        """Open the settings file in what edits text here."""
        self._aside(lambda: browser.open_path(paths.settings_file(), _environment()))

    def open_logs(self) -> None:
        """Open the folder of the logs."""
        self._aside(lambda: browser.open_path(paths.log_folder(), _environment()))

    def get_ready(self, *, link: bool) -> None:
        """Find out whether there is a key, and, for a *link*, where the team is."""
        self._aside(lambda: self._ready(link=link))

    def _aside(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except (DesktopError, IncidentsError) as error:
                self._put(Failed(str(error)))
            except Exception:
                # A mistake of ours: said, rather than lost with its thread.
                log.exception("something asked for failed")
                self._put(Failed("It failed; the log says why."))

        threading.Thread(target=run, name="aside", daemon=True).start()

    def _done(
        self, verb: Verb, ids: tuple[IncidentId, ...], me: Me
    ) -> tuple[Result, ...]:
        """Do it, one action at a time; every failure is in the results."""
        with self._turn:
            try:
                actor = self._actor = self._actor or self._connect()
                outcomes = self._performed(verb, actor, ids, me)
            except (IncidentsError, DesktopError) as error:
                self._actor = None
                return tuple(Result(id=id_, error=error) for id_ in ids)
            if any(one.error is not None for one in outcomes):
                self._actor = None  # the next takes the key as it is by then
            return tuple(
                Result(id=one.id, incident=one.incident, error=one.error)
                for one in outcomes
            )

    def _performed(
        self, verb: Verb, actor: CoralogixActor, ids: Sequence[IncidentId], me: Me
    ) -> tuple[actions.ActionResult, ...]:
        """Do each part of *verb* to those that the part before was done to."""
        done: dict[IncidentId, actions.ActionResult] = {}
        for part in PARTS.get(verb, (verb,)):
            left = [id_ for id_ in ids if id_ not in done or done[id_].ok]
            if left:
                outcomes = actor.perform(self._deed(part, actor, me), left)
                done |= {one.id: one for one in outcomes}
        return tuple(done.values())

    def _deed(self, verb: Verb, actor: CoralogixActor, me: Me) -> actions.Action:
        match verb:
            case Verb.ASSIGN:
                return actions.assign_to(self._named(actor, me))
            case Verb.TAKE:
                raise ValueError("it is done part by part")
            case Verb.RELEASE:
                return actions.UNASSIGN
            case Verb.ACKNOWLEDGE:
                return actions.ACKNOWLEDGE
            case Verb.RESOLVE:
                return actions.RESOLVE

    def _named(self, actor: CoralogixActor, me: Me) -> UserId:
        """Return what to call me: as Coralogix does, or else as the feed's owner."""
        if self._user is None:
            try:
                self._user = actor.whoami().user or None
            except SourceError as error:
                log.info("whoami: %s", error)
        known = sorted(me.ids, key=lambda one: "@" not in one)
        found = self._user or (known[0] if known else None)
        if found is None:
            raise SettingsError("It is not known yet who you are: try again soon.")
        return found

    def _ready(self, *, link: bool) -> None:
        actor = self._connected_anew()
        if actor is not None and link:
            self._put_link(actor)

    def _found_key(self) -> None:
        if not self._seeking.acquire(blocking=False):
            return  # the keychain has a person waiting already
        try:
            actor = self._connected_anew()
            if actor is not None and key_state.is_good(actor):
                self._user = None  # it may be somebody else's
                self._put(Changed(key_state.unhindered))
        finally:
            self._seeking.release()

    def _connected_anew(self) -> CoralogixActor | None:
        """Take the key as it is now; where there is none, that is among the events."""
        try:
            with self._turn:
                actor = self._actor = self._connect()
        except KeychainError as error:
            trouble = of_failure(error, self._clock())
            self._put(Changed(lambda state: key_state.unable(state, trouble)))
            return None
        except IncidentsError as error:
            self._put(Failed(str(error)))
            return None
        self._put(Changed(key_state.able))
        return actor

    def _put_link(self, actor: CoralogixActor) -> None:
        try:
            template = actor.team_links().template
        except IncidentsError as error:
            log.info("no links: %s", error)
            return
        self._put(Changed(lambda state: replace(state, link=template)))

    def _signed_in(self) -> None:
        program = shutil.which("aws")
        if program is None:
            raise DesktopError("To sign in from here, install the AWS command line.")
        command = [program, "sso", "login"]
        if self._profile:
            command += ["--profile", self._profile]
        environment = browser.clean(_environment(), bundled=False)
        done = subprocess.run(command, env=environment, check=False)  # noqa: S603  # a found program, a checked profile
        if done.returncode != 0:
            raise DesktopError("The sign-in did not succeed: try `aws sso login`.")
        self._put(SyncNow())


def _opened(url: str) -> None:
    """Open *url*, or else put it where a person can paste it from."""
    try:
        browser.open_url(url, _environment())
    except DesktopError as error:
        clipboard.copy(url, _environment())
        raise DesktopError(f"{error} The link is on the clipboard.") from error


def _environment() -> dict[str, str]:
    return dict(os.environ)  # noqa: TID251  # handed on to the desktop's programs
