"""Close a feed that nobody writes any more: the head says so, and all of it expires."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from incidents.errors import ConflictError
from incidents.feeds import (
    MAX_ACTIONS,
    CloseReason,
    Commit,
    FeedClosure,
    FeedId,
    FeedState,
    Head,
    expiry,
    user_feed,
)
from incidents.fingerprint import digest
from incidents.ports import FeedWriter, RegistryStore

_RACES = 5
"""How often a lost race is run again."""


class RegistryEditor(FeedWriter, RegistryStore, Protocol):
    """What an edit of the registry needs: the feeds of the people in it, too."""


def closing(
    feed: FeedId,
    state: FeedState,
    closed: FeedClosure,
    writer: str,
    actions: int = MAX_ACTIONS,
) -> Iterator[Commit]:
    """
    Yield the commits that close *feed*; the first one keeps every sync off.

    The digest is empty until the last: what a crash leaves is recognized by that.
    """
    previous, owners = state.head, state.head.owners if state.head else frozenset()
    incidents = sorted(state.incidents.values(), key=lambda one: one.id)
    step = actions - 1
    runs = [incidents[at : at + step] for at in range(0, len(incidents), step)] or [[]]
    for number, run in enumerate(runs, 1):
        last = number == len(runs)
        final = digest(incidents, owners) if last else ""
        if previous is None:
            head = Head(
                seq=0,
                rev=1,
                epoch=writer,
                writer=writer,
                watermark=closed.at,
                digest=final,
                ready=False,
                closed=closed,
            )
        else:
            head = replace(
                previous,
                rev=previous.rev + 1,
                writer=writer,
                digest=final,
                closed=closed,
            )
        yield Commit(feed=feed, expected=previous, head=head, puts=tuple(run))
        previous = head


def is_closed(head: Head | None) -> bool:
    """Whether the feed of *head* is closed, and all of it expires."""
    return bool(head and head.closed and head.closed.ends and head.digest)


def close_feed(
    store: FeedWriter, feed: FeedId, closed: FeedClosure, writer: str, actions: int
) -> None:
    """
    Close *feed*. Idempotent.

    Raises:
        StoreError: If it could not be closed; what was begun is ended the next time.
    """
    for race in range(_RACES):
        if is_closed(store.heads([feed]).get(feed)):
            return
        try:
            for commit in closing(feed, store.state(feed), closed, writer, actions):
                store.commit(commit)
        except ConflictError:
            if race == _RACES - 1:
                raise
        else:
            return


def remove_user(store: RegistryEditor, uid: str, now: datetime) -> bool:
    """
    Remove the user *uid* and close their feed; False if there is neither.

    The first commit closes the feed in one transaction with the edit, so that no
    sync can write it in between. Idempotent: a second call ends what was begun.

    Raises:
        StoreError: If it could not be done.
    """
    feed = user_feed(uid)
    for race in range(_RACES):
        status, registry = store.status(), store.registry()
        state = store.state(feed)
        registered = any(user.uid == uid for user in registry.users)
        if not registered and (state.head is None or is_closed(state.head)):
            return False
        closed = FeedClosure(
            reason=CloseReason.REMOVED,
            at=now,
            registry=registry.version + 1,
            ends=expiry(now.date(), status.retention),
        )
        first, *rest = closing(feed, state, closed, uuid.uuid4().hex)
        try:
            store.remove_user(uid, first)
            for commit in rest:
                store.commit(commit)
        except ConflictError:
            if race == _RACES - 1:
                raise
        else:
            break
    return True
