"""One sync over a SQLite file in a process that is killed at a chosen moment."""

import json
import os
import signal
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from incidents.feeds import (
    Commit,
    FeedId,
    FeedState,
    Head,
    PreviousWriter,
    Registry,
    SyncStatus,
)
from incidents.models import UserId
from incidents.ports import Listing
from incidents.stores.codec import incident_from_json
from incidents.stores.sqlite.store import SqliteStore
from incidents.sync.run import Report, Sync, SyncSettings
from tests.core.builders import Source


class Fuse:
    """Burns with every request; at the end of it the process is gone."""

    def __init__(self, length: int) -> None:
        self.left = length

    def burn(self) -> None:
        """Take one off."""
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Fused:
    """A store that burns the fuse before and after each request."""

    store: SqliteStore
    fuse: Fuse

    def status(self) -> SyncStatus:
        self.fuse.burn()
        return self.store.status()

    def begin_write(self, writer: str) -> PreviousWriter:
        self.fuse.burn()
        before = self.store.begin_write(writer)
        self.fuse.burn()
        return before

    def write_status(self, status: SyncStatus) -> None:
        self.fuse.burn()
        self.store.write_status(status)
        self.fuse.burn()

    def clear_digest(self) -> None:
        self.fuse.burn()
        self.store.clear_digest()

    def heads(self, feeds: Collection[FeedId]) -> Mapping[FeedId, Head]:
        self.fuse.burn()
        return self.store.heads(feeds)

    def state(self, feed: FeedId) -> FeedState:
        self.fuse.burn()
        return self.store.state(feed)

    def commit(self, commit: Commit) -> None:
        self.fuse.burn()
        self.store.commit(commit)
        self.fuse.burn()

    def registry(self) -> Registry:
        self.fuse.burn()
        return self.store.registry()


@dataclass
class Listed(Source):
    """A source that burns the fuse too."""

    fuse: Fuse | None = None

    def list_open(self, assignees: Collection[UserId] | None) -> Listing:
        """List what it was told."""
        if self.fuse:
            self.fuse.burn()
        return super().list_open(assignees)


def sync(path: str, name: str, now: datetime, source: Listed, fuse: Fuse) -> Report:
    """Run one sync over the file at *path*."""
    source.fuse = fuse
    with SqliteStore(path, clock=lambda: now) as store:
        return Sync(
            source=source,
            store=Fused(store, fuse),
            registry=store,
            settings=SyncSettings(team="ops", workers=1, actions=5),
            clock=lambda: now,
        ).run(name)


def main() -> None:
    """Run what the first argument says; a timer may end it at any moment."""
    job = json.loads(sys.argv[1])
    source = Listed(
        open=[incident_from_json(one) for one in job["open"]],
        ended=[incident_from_json(one) for one in job["ended"]],
    )
    if job["seconds"]:
        # Nobody handles this signal: it ends the process wherever it is.
        signal.setitimer(signal.ITIMER_REAL, job["seconds"])
    now = datetime.fromisoformat(job["now"])
    report = sync(job["path"], job["name"], now, source, Fuse(job["fuse"]))
    print(report.complete)


if __name__ == "__main__":
    main()
