"""Without AWS: the sync in the tray's own worker, with one's own key, into SQLite."""

import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.errors import (
    SourceError,
    SourceRejectedError,
    SourceUnavailableError,
    StoreDamagedError,
    StoreError,
)
from incidents.feeds import User
from incidents.models import UserId
from incidents.ports import Clock, FeedReader
from incidents.stores.sqlite.file import set_aside
from incidents.stores.sqlite.store import SqliteStore
from incidents.sync.run import Sync, SyncSettings
from tray_app.settings import private

FILE = "feeds.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoloSettings:
    """Ownership feeds they are, and how often they are brought up to date."""

    uid: str
    team: str
    folder: Path
    interval: timedelta


class SoloSource:
    """Feeds of this machine's own. Implements `poller.Source`; for one thread."""

    def __init__(
        self,
        settings: SoloSettings,
        connect: Callable[[], ActingHttp],
        clock: Clock,
    ) -> None:
        """*connect* makes a connection with the key as it is by then."""
        self._settings, self._connect, self._clock = settings, connect, clock
        self._store: SqliteStore | None = None
        self._sync: Sync | None = None

    def refresh(self) -> None:
        """
        Sync once.

        Raises:
            SourceError: If Coralogix could not be read.
            StoreError: If the feeds cannot be written.
            KeychainError: If there is no key.
        """
        sync = self._sync or self._made()
        try:
            report = sync.run(uuid.uuid4().hex)
        except (SourceError, StoreError):
            self._sync = None  # the next one takes the key and the network as they are
            raise
        if not report.complete and report.open == 0:
            raise SourceUnavailableError(report.error)

    def reader(self, *, reconnect: bool) -> FeedReader:
        """Return the store; there is no connection that could be made reconnect."""
        del reconnect
        return self._opened()

    def close(self) -> None:
        """Close the file."""
        if self._store is not None:
            self._store.close()

    def _opened(self) -> SqliteStore:
        if self._store is None:
            path = self._settings.folder / FILE
            private.make_database(path)
            try:
                self._store = SqliteStore(path, clock=self._clock)
            except StoreDamagedError:
                set_aside(path, self._clock())
                private.make_database(path)
                self._store = SqliteStore(path, clock=self._clock)
        return self._store

    def _made(self) -> Sync:
        store, http, chosen = self._opened(), self._connect(), self._settings
        ids = {UserId(chosen.uid.lower())}
        with contextlib.suppress(SourceRejectedError):
            # A key may not be allowed to ask who it is; then the uid has to do.
            ids.add(UserId(CoralogixActor(http).whoami().user.lower()))
        me = User(uid=chosen.uid, ids=frozenset(ids - {UserId("")}))
        if me not in store.registry().users:
            store.add_user(me)
        reader = CoralogixReader(http)
        self._sync = Sync(
            source=reader,
            store=store,
            registry=store,
            settings=SyncSettings(team=chosen.team, interval=chosen.interval),
            clock=self._clock,
            names=reader,
        )
        return self._sync
