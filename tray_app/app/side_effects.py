"""The effects of the tray: each call that could block runs on its own thread."""

import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

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
from tray_app.actions.perform import operations, perform
from tray_app.app.events import Acted, Changed, Event, Failed
from tray_app.desktop import browser, clipboard
from tray_app.feed.poller import PollRequest
from tray_app.model.intents import SyncNow, Verb
from tray_app.model.ports import DesktopError, KeychainError, Tray
from tray_app.model.state import Me
from tray_app.model.view import Icon, Menu
from tray_app.present.problems import of_failure
from tray_app.settings import paths
from tray_app.settings.environment import for_children

log = logging.getLogger(__name__)


class SideEffects:
    """Implements `Effects`. The outcome of a call is put into the queue of events."""

    def __init__(
        self,
        *,
        put: Callable[[Event], None],
        poll: Callable[[PollRequest], None],
        connect: Callable[[], CoralogixActor],
        clock: Clock,
        profile: str,
    ) -> None:
        self._clock = clock
        self._put, self._poll, self._connect = put, poll, connect
        self._profile = profile
        self._actor: CoralogixActor | None = None
        self._user: UserId | None = None
        self._acting = threading.Lock()
        self._key_search = threading.Lock()
        self.tray: Tray | None = None
        """The tray, once there is one."""

    def poll(self, request: PollRequest) -> None:
        """Read the feeds."""
        self._poll(request)

    def show(self, icon: Icon, menu: Menu) -> None:
        """Show icon and menu."""
        if self.tray is not None:
            self.tray.show(icon, menu)

    def act(self, verb: Verb, ids: Sequence[IncidentId], me: Me) -> None:
        """Perform *verb* on *ids* in Coralogix."""
        self._in_background(
            lambda: self._put(Acted(verb, self._done(verb, tuple(ids), me)))
        )

    def open_link(self, url: str) -> None:
        """Open *url* in the browser."""
        self._in_background(lambda: _opened(url))

    def copy(self, text: str) -> None:
        """Put *text* on the clipboard."""
        self._in_background(lambda: clipboard.copy(text, _environment()))

    def sign_in(self) -> None:
        """Run the AWS command line's sign-in, then read the feeds again."""
        self._in_background(self._signed_in)

    def find_key(self) -> None:
        """Read the key again and check whether Coralogix accepts it."""
        self._in_background(self._key_checked)

    def open_settings(self) -> None:
        """Open the settings file in the desktop's text editor."""
        self._in_background(
            lambda: browser.open_path(paths.settings_file(), _environment())
        )

    def open_logs(self) -> None:
        """Open the folder of the logs."""
        self._in_background(
            lambda: browser.open_path(paths.log_folder(), _environment())
        )

    def get_ready(self, *, link: bool) -> None:
        """Read the key and, if *link* is set, ask for the team's link template."""
        self._in_background(lambda: self._ready(link=link))

    def _in_background(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except (DesktopError, IncidentsError) as error:
                self._put(Failed(str(error)))
            except Exception:
                # A mistake of ours: shown, rather than lost with its thread.
                log.exception("an effect failed")
                self._put(Failed("It failed; the log says why."))

        threading.Thread(target=run, name="effect", daemon=True).start()

    def _done(
        self, verb: Verb, ids: tuple[IncidentId, ...], me: Me
    ) -> tuple[Result, ...]:
        """Perform *verb*, one action at a time; each failure is among the results."""
        with self._acting:
            try:
                actor = self._actor = self._actor or self._connect()
                results = perform(
                    actor,
                    operations(verb),
                    ids,
                    assignee=lambda: self._my_id(actor, me),
                )
            except (IncidentsError, DesktopError) as error:
                self._actor = None
                return tuple(Result(id=id_, error=error) for id_ in ids)
            if any(result.error is not None for result in results):
                self._actor = None  # the next action reads the key again
            return tuple(
                Result(id=result.id, incident=result.incident, error=result.error)
                for result in results
            )

    def _my_id(self, actor: CoralogixActor, me: Me) -> UserId:
        """Return my id in Coralogix; if it does not say, one of the feed's owners."""
        if self._user is None:
            try:
                self._user = actor.whoami().user or None
            except SourceError as error:
                log.info("whoami: %s", error)
        owners = sorted(me.ids, key=lambda user: "@" not in user)
        user = self._user or (owners[0] if owners else None)
        if user is None:
            raise SettingsError("It is not known yet who you are: try again soon.")
        return user

    def _ready(self, *, link: bool) -> None:
        actor = self._reconnected()
        if actor is not None and link:
            self._put_link(actor)

    def _key_checked(self) -> None:
        if not self._key_search.acquire(blocking=False):
            return  # the keychain is asking the person already
        try:
            actor = self._reconnected()
            if actor is not None and key_state.is_good(actor):
                self._user = None  # it may be somebody else's
                self._put(Changed(key_state.unhindered))
        finally:
            self._key_search.release()

    def _reconnected(self) -> CoralogixActor | None:
        """Connect with the key as it is now; a missing key becomes an event."""
        try:
            with self._acting:
                actor = self._actor = self._connect()
        except KeychainError as error:
            problem = of_failure(error, self._clock())
            self._put(Changed(lambda state: key_state.unable(state, problem)))
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
        environment = for_children(_environment())
        finished = subprocess.run(command, env=environment, check=False)  # noqa: S603  # a program on the path, a checked profile
        if finished.returncode != 0:
            raise DesktopError("The sign-in did not succeed: try `aws sso login`.")
        self._put(SyncNow())


def _opened(url: str) -> None:
    """Open *url*; where that fails, copy it to the clipboard."""
    try:
        browser.open_url(url, _environment())
    except DesktopError as error:
        clipboard.copy(url, _environment())
        raise DesktopError(f"{error} The link is on the clipboard.") from error


def _environment() -> dict[str, str]:
    return dict(os.environ)  # noqa: TID251  # handed on to the desktop's programs
