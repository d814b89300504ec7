"""The feeds in one DynamoDB table."""

import random
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from incidents.errors import ConflictError, StoreUnavailableError
from incidents.feeds import (
    Commit,
    FeedId,
    FeedRow,
    FeedState,
    Head,
    PreviousWriter,
    Registry,
    SyncStatus,
    User,
)
from incidents.stores.dynamodb import items
from incidents.stores.dynamodb.client import ConditionFailedError
from incidents.stores.dynamodb.items import Item
from incidents.stores.dynamodb.requests import Calls
from incidents.stores.dynamodb.transaction import transaction
from incidents.stores.fence import (
    check_size,
    closed_version,
    conflict,
    is_taken,
    stands,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        TransactWriteItemTypeDef,
        UpdateTypeDef,
    )


class DynamoDBStore:
    """Reads and writes feeds, the status and the registry; any number of threads."""

    def __init__(  # noqa: PLR0913  # seams for tests, with defaults
        self,
        client: "DynamoDBClient",
        table: str,
        *,
        retention: timedelta = timedelta(days=30),
        reader: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """
        Keep changes in *table* for *retention*; nothing is sent yet.

        A *reader* takes a status that may be a moment old, at half the cost.
        """
        self._retention = retention
        self._reader = reader
        self._calls = Calls(client, table, sleep=sleep, chance=chance)
        self.meter = self._calls.meter
        """The capacity units that this store's requests cost."""

    # The status

    def status(self) -> SyncStatus:
        """Read the sync's status: one read unit, or half of one for a reader."""
        return self._status(strong=not self._reader)

    def _status(self, *, strong: bool) -> SyncStatus:
        item = self._calls.get(items.STATUS, strong=strong)
        return items.status_of(item) if item else SyncStatus()

    def begin_write(self, writer: str) -> PreviousWriter:
        """Forget the digest, name the *writer*; return the one before."""
        before = self._calls.update(
            items.STATUS, {"digest": {"S": ""}, "writer": {"S": writer}}
        )
        name = before.get("writer", {}).get("S", "")
        digest = before.get("digest", {}).get("S", "")
        return PreviousWriter.of(SyncStatus(writer=name, digest=digest))

    def write_status(self, status: SyncStatus) -> None:
        """
        Replace the status, the registry's version apart: one write unit.

        Raises:
            ConflictError: If another sync has begun to write since.
        """
        same = "#writer = :writer"
        fresh = f"attribute_not_exists(#writer) OR {same}"
        try:
            self._calls.update(
                items.STATUS,
                items.status_attributes(status),
                condition=same if status.writer else fresh,
            )
        except ConditionFailedError as error:
            raise ConflictError("Another sync has begun to write since.") from error

    def clear_digest(self) -> None:
        """Forget the digest and the writer."""
        self._calls.update(items.STATUS, {"digest": {"S": ""}, "writer": {"S": ""}})

    # Feeds

    def head(self, feed: FeedId) -> Head | None:
        """Read the head of *feed*, strongly."""
        item = self._calls.get(items.head_key(feed))
        return items.head_of(item) if item else None

    def heads(self, feeds: Collection[FeedId]) -> Mapping[FeedId, Head]:
        """Read the heads of *feeds*, strongly."""
        keys = [items.head_key(feed) for feed in dict.fromkeys(feeds)]
        return {
            FeedId(item["pk"]["S"]): items.head_of(item)
            for item in self._calls.batch(keys)
        }

    def state(self, feed: FeedId) -> FeedState:
        """Read a feed's head, then its open incidents, both strongly."""
        head = self.head(feed)
        if head is None:
            return FeedState(head=None)
        states = map(items.incident_of, self._prefixed(feed, items.STATES))
        return FeedState(head=head, incidents={state.id: state for state in states})

    def rows(
        self, feed: FeedId, after: int, *, limit: int = 100, strong: bool = False
    ) -> Sequence[FeedRow]:
        """Read at most *limit* changes of *feed* after the sequence *after*."""
        changes = self._calls.query(
            feed,
            items.change_sk(after + 1),
            items.change_sk(items.LAST_SEQ),
            strong=strong,
            limit=limit,
        )
        return [items.row_of(item) for item in changes]

    def commit(self, commit: Commit) -> None:
        """
        Store one step, all or nothing. Idempotent, also after a lost answer.

        Raises:
            ConflictError: If the head is no longer what was expected.
            StoreUnavailableError: If it was not stored, or nobody knows.
            ValueError: If the step is too large for one transaction.
        """
        check_size(commit)
        self._take(commit, transaction(self._calls.table, commit, self._retention))

    def _take(
        self, commit: Commit, writes: "Sequence[TransactWriteItemTypeDef]"
    ) -> None:
        try:
            self._calls.transact(writes, token=uuid.uuid4().hex)
        except ConditionFailedError as error:
            current = items.head_of(error.item) if error.item else None
            if not is_taken(commit, current):
                raise conflict(current) from error
        except StoreUnavailableError as error:
            # The answer may be lost, and not the commit: the head shows which.
            current = self.head(commit.feed)
            if stands(commit, current):
                raise
            if not is_taken(commit, current):
                # Ours may lie below the winner's; comparing again is right then too.
                raise conflict(current) from error

    # The registry

    def registry(self) -> Registry:
        """Read everybody, after the version: they are never older than it."""
        version = self._status(strong=True).registry
        users = map(items.user_of, self._prefixed(items.REGISTRY, items.USERS))
        return Registry(version=version, users=tuple(users))

    def add_user(self, user: User) -> None:
        """Add *user*, or replace the user with the same uid."""
        self._edit(
            {"Put": {"TableName": self._calls.table, "Item": items.user_item(user)}}
        )

    def remove_user(self, uid: str, closing: Commit) -> None:
        """
        Remove the user *uid* and take the step *closing*, both or neither.

        Raises:
            ConflictError: If the feed's head or the registry has changed since.
            StoreUnavailableError: If it was not stored, or nobody knows.
        """
        check_size(closing)
        table = self._calls.table
        version = closed_version(closing) - 1
        update = self._next_version()
        update["ConditionExpression"] = "registry = :version"
        if not version:
            update["ConditionExpression"] += " OR attribute_not_exists(registry)"
        update["ExpressionAttributeValues"] = {
            **update["ExpressionAttributeValues"],
            ":version": {"N": str(version)},
        }
        writes: list[TransactWriteItemTypeDef] = [
            *transaction(table, closing, self._retention),
            {"Delete": {"TableName": table, "Key": items.user_key(uid)}},
            {"Update": update},
        ]
        self._take(closing, writes)

    def _edit(self, write: "TransactWriteItemTypeDef") -> None:
        """Write to the registry, and increment the version by which it is cached."""
        update: TransactWriteItemTypeDef = {"Update": self._next_version()}
        self._calls.transact([write, update], token=uuid.uuid4().hex)

    def _next_version(self) -> "UpdateTypeDef":
        return {
            "TableName": self._calls.table,
            "Key": items.STATUS,
            "UpdateExpression": "ADD registry :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }

    def _prefixed(self, pk: str, prefix: str) -> Iterator[Item]:
        # Prefixes end in "#", and "$" is what comes after it.
        after = prefix[:-1] + "$"
        return self._calls.query(pk, prefix, after, strong=True)
