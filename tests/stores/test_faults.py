"""What no engine does by itself: contention, throttling, lost requests and answers."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING

import botocore.endpoint
import pytest

from incidents.errors import (
    AccessDeniedError,
    ConflictError,
    CredentialsError,
    SettingsError,
    StoreBusyError,
    StoreError,
    StoreMissingError,
    StoreUnavailableError,
)
from incidents.feeds import Commit, SyncStatus, User, user_feed
from incidents.models import UserId
from incidents.stores.dynamodb import items
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from simulator.demo.capacity import report_reads
from simulator.demo.dynamodb import free_port
from tests.stores.engines import fresh_table
from tests.stores.examples import ALICE, baseline, changed, following, head, incident
from tests.stores.wire import (
    Wire,
    answer,
    cancelled,
    cut_after,
    cut_before,
    refusal,
    then,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 4
"""Of botocore itself, at one request."""
BEGIN = baseline()
STEP = following(BEGIN, changed(None, incident("a")))
RIVAL = following(BEGIN, changed(None, incident("b")), writer="rival")
COMMIT = "TransactWriteItems"


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note what botocore would sleep, instead."""
    naps: list[float] = []
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=naps.append))
    return naps


@pytest.fixture
def waited() -> list[float]:
    """Note what our own layer would sleep, instead."""
    return []


@pytest.fixture
def other(ministack_client: "DynamoDBClient") -> DynamoDBStore:
    """Give a store that nothing befalls, over a fresh table with a feed."""
    table = fresh_table(ministack_client, "faults")
    store = DynamoDBStore(ministack_client, table)
    store.commit(BEGIN)
    return store


@pytest.fixture
def wire(ministack_port: int) -> Iterator[Wire]:
    """Stand between the store and its server."""
    client = dynamodb_client(endpoint=f"http://127.0.0.1:{ministack_port}")
    report_reads(client)
    wire = Wire(client)
    wire.attach()
    yield wire
    wire.detach()


@pytest.fixture
def store(wire: Wire, other: DynamoDBStore, waited: list[float]) -> DynamoDBStore:
    """Give a store that is befallen by what the wire says."""
    table = other._calls.table  # noqa: SLF001  # the same table
    return DynamoDBStore(wire.client, table, sleep=waited.append, chance=lambda: 1.0)


def seqs(store: DynamoDBStore) -> list[int]:
    return [row.seq for row in store.rows(ALICE, 0)]


# Contention and throttling


@pytest.mark.parametrize(
    "codes",
    [
        ("TransactionConflict", "None", "None"),
        ("None", "ThrottlingError", "None"),
        ("None", "ProvisionedThroughputExceeded", "TransactionConflict"),
    ],
)
def test_a_commit_that_met_another_is_tried_again_with_growing_waits(
    store: DynamoDBStore, wire: Wire, waited: list[float], codes: tuple[str, ...]
) -> None:
    wire.faults = [cancelled(*codes)] * 3

    store.commit(STEP)

    assert seqs(store) == [1]
    assert waited == [0.05, 0.1, 0.2]
    assert len(set(wire.tokens)) == 1


def test_contention_without_end_is_given_up_and_nothing_is_written(
    store: DynamoDBStore, wire: Wire, waited: list[float]
) -> None:
    wire.only, wire.always = COMMIT, cancelled("TransactionConflict", "None", "None")

    with pytest.raises(StoreUnavailableError, match="busy"):
        store.commit(STEP)

    assert wire.sent.count(COMMIT) == 6
    assert len(waited) == 5
    assert seqs(store) == []


def test_a_failed_condition_counts_more_than_contention(
    store: DynamoDBStore, other: DynamoDBStore, wire: Wire, waited: list[float]
) -> None:
    other.commit(RIVAL)

    with pytest.raises(ConflictError) as caught:
        store.commit(STEP)

    assert caught.value.head == RIVAL.head
    assert wire.sent == [COMMIT], "the winner's head costs no read"
    assert waited == []


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.begin_write("s1"),
        lambda store: store.write_status(SyncStatus(digest="d")),
        lambda store: store.clear_digest(),
    ],
    ids=["begin_write", "status", "clear"],
)
def test_a_status_that_met_an_edit_of_the_registry_is_written_again(
    store: DynamoDBStore, wire: Wire, write: Callable[[DynamoDBStore], object]
) -> None:
    wire.faults = [refusal("TransactionConflictException")] * 2

    write(store)

    assert wire.sent == ["UpdateItem"] * 3


def test_an_edit_of_the_registry_that_met_a_sync_is_made_again(
    store: DynamoDBStore, wire: Wire
) -> None:
    wire.faults = [cancelled("None", "TransactionConflict")]

    store.add_user(User(uid="alice", ids=frozenset({UserId("a")})))

    assert store.registry().version == 1


@pytest.mark.parametrize(
    "code",
    [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "TransactionInProgressException",
    ],
)
def test_what_botocore_tries_again_is_not_tried_again_on_top(
    store: DynamoDBStore,
    wire: Wire,
    waited: list[float],
    slept: list[float],
    code: str,
) -> None:
    wire.faults = [refusal(code)] * (ATTEMPTS - 1)

    store.commit(STEP)

    assert wire.sent == [COMMIT] * ATTEMPTS
    assert len(slept) == ATTEMPTS - 1
    assert waited == []
    assert seqs(store) == [1]


def test_a_failure_of_the_server_that_nobody_has_heard_of_is_one_to_wait_out(
    store: DynamoDBStore, wire: Wire, slept: list[float]
) -> None:
    wire.always = refusal("SomethingNewException", status=500)

    with pytest.raises(StoreBusyError, match="SomethingNewException"):
        store.status()

    assert len(slept) == ATTEMPTS - 1


def test_a_transaction_in_progress_for_ever_is_cleared_up_by_the_head(
    store: DynamoDBStore, wire: Wire
) -> None:
    wire.only, wire.always = COMMIT, refusal("TransactionInProgressException")
    with pytest.raises(StoreUnavailableError):
        store.commit(STEP)
    assert wire.sent == [COMMIT] * ATTEMPTS + ["GetItem"]

    wire.faults = [cut_after]
    store.commit(STEP)

    assert seqs(store) == [1]


def test_reads_left_undone_are_asked_for_again(
    store: DynamoDBStore, other: DynamoDBStore, wire: Wire, waited: list[float]
) -> None:
    feeds = [user_feed(f"u{number}") for number in range(3)]
    for feed in feeds:
        other.commit(baseline(feed=feed))
    table = other._calls.table  # noqa: SLF001  # to answer in its place
    keys = [{"pk": {"S": feed}, "sk": {"S": "HEAD"}} for feed in feeds]
    none = {
        "Responses": {table: []},
        "UnprocessedKeys": {table: {"Keys": keys, "ConsistentRead": True}},
    }
    one = {
        "Responses": {table: [items.head_item(feeds[0], head(0, 1))]},
        "UnprocessedKeys": {table: {"Keys": keys[1:], "ConsistentRead": True}},
    }
    wire.faults = [answer(200, none), answer(200, one)]

    assert store.heads(feeds) == dict.fromkeys(feeds, head(0, 1))
    assert len(waited) == 2
    assert store.meter.read_units == 3.0

    wire.always = answer(200, none)
    with pytest.raises(StoreUnavailableError):
        store.heads(feeds)


def test_an_edit_while_the_registry_is_read_is_not_taken_for_known(
    store: DynamoDBStore, other: DynamoDBStore, wire: Wire
) -> None:
    user = User(uid="new", ids=frozenset({UserId("new@example.com")}))
    wire.faults = [then(Wire.forward, lambda: other.add_user(user))]

    found = store.registry()

    assert other.registry().version == 1
    assert found.version == 0, "so that the next sync reads it again"


@pytest.mark.parametrize(
    "read",
    [
        lambda store: store.status(),
        lambda store: store.head(ALICE),
        lambda store: store.heads([ALICE]),
        lambda store: store.state(ALICE),
        lambda store: store.registry(),
        lambda store: store.rows(ALICE, 0, strong=True),
    ],
    ids=["status", "head", "heads", "state", "registry", "rows"],
)
def test_whatever_a_writer_decides_by_is_read_strongly(
    store: DynamoDBStore, wire: Wire, read: Callable[[DynamoDBStore], object]
) -> None:
    read(store)

    assert wire.bodies
    assert all('"ConsistentRead": true' in body for body in wire.bodies)


def test_a_head_is_asked_for_once_however_often_it_is_named(
    store: DynamoDBStore, wire: Wire
) -> None:
    store.heads([ALICE, ALICE])

    # DynamoDB refuses a batch that names an item twice.
    (body,) = wire.bodies
    assert body.count('"pk"') == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.head(ALICE),
        lambda store: store.heads([ALICE]),
        lambda store: store.rows(ALICE, 0),
        lambda store: store.begin_write("s1"),
        lambda store: store.commit(STEP),
    ],
    ids=["get", "batch", "query", "update", "transact"],
)
def test_a_proxys_page_is_never_taken_for_an_empty_answer(
    store: DynamoDBStore, wire: Wire, ask: Callable[[DynamoDBStore], object]
) -> None:
    wire.always = answer(200, "<html>hotel wifi</html>")

    with pytest.raises(StoreUnavailableError, match="not DynamoDB"):
        ask(store)


# Lost requests and lost answers


def test_a_lost_request_is_sent_again(store: DynamoDBStore, wire: Wire) -> None:
    wire.faults = [cut_before]

    store.commit(STEP)

    assert seqs(store) == [1]


def test_a_lost_answer_does_not_commit_twice(store: DynamoDBStore, wire: Wire) -> None:
    wire.faults = [cut_after]

    store.commit(STEP)

    assert wire.sent == [COMMIT] * 2
    assert len(set(wire.tokens)) == 1
    assert seqs(store) == [1]


def test_when_no_answer_comes_at_all_the_head_tells_that_it_was_done(
    store: DynamoDBStore, wire: Wire
) -> None:
    wire.only, wire.always = COMMIT, cut_after

    store.commit(STEP)

    assert wire.sent == [COMMIT] * ATTEMPTS + ["GetItem"]
    assert seqs(store) == [1]


def test_when_no_request_arrives_the_head_tells_that_it_was_not_done(
    store: DynamoDBStore, wire: Wire
) -> None:
    wire.only, wire.always = COMMIT, cut_before

    with pytest.raises(StoreUnavailableError, match="reached"):
        store.commit(STEP)

    assert store.head(ALICE) == BEGIN.head


def test_when_another_won_meanwhile_it_is_a_conflict(
    store: DynamoDBStore, other: DynamoDBStore, wire: Wire
) -> None:
    wire.only, wire.always = COMMIT, cut_before
    wire.faults = [then(cut_before, lambda: other.commit(RIVAL))]

    with pytest.raises(ConflictError) as caught:
        store.commit(STEP)

    assert caught.value.head == RIVAL.head


def test_when_another_built_on_what_was_done_it_is_a_conflict_too(
    store: DynamoDBStore, other: DynamoDBStore, wire: Wire
) -> None:
    above = following(STEP, changed(None, incident("c")), writer="rival")
    wire.only, wire.always = COMMIT, cut_before
    wire.faults = [then(cut_after, lambda: other.commit(above))]

    with pytest.raises(ConflictError) as caught:
        store.commit(STEP)

    assert caught.value.head == above.head
    assert seqs(store) == [1, 2]


def test_the_baseline_is_cleared_up_in_the_same_way(
    store: DynamoDBStore, wire: Wire
) -> None:
    fresh = baseline(feed=user_feed("bob"))
    wire.only, wire.always = COMMIT, cut_before
    with pytest.raises(StoreUnavailableError):
        store.commit(fresh)

    wire.always = cut_after
    store.commit(fresh)

    assert store.head(fresh.feed) == fresh.head


def test_when_not_even_the_head_can_be_read_it_stays_open(
    store: DynamoDBStore, other: DynamoDBStore, wire: Wire
) -> None:
    wire.always = cut_after

    with pytest.raises(StoreUnavailableError):
        store.commit(STEP)

    wire.always = None
    store.commit(STEP)
    assert seqs(other) == [1]


# What each failure is called, and what a person should do


@pytest.mark.parametrize(
    ("fault", "kind", "advice"),
    [
        (refusal("ResourceNotFoundException"), StoreMissingError, "create"),
        (refusal("AccessDeniedException"), AccessDeniedError, "sign in as"),
        (refusal("UnrecognizedClientException"), CredentialsError, "sign in"),
        (refusal("ExpiredTokenException"), CredentialsError, "sign in"),
        (refusal("InvalidSignatureException"), CredentialsError, "sign in"),
        (refusal("ThrottlingException"), StoreBusyError, "not available"),
        (refusal("InternalServerError", 500), StoreBusyError, "not available"),
        (answer(503, "<html>busy</html>"), StoreBusyError, "not available"),
        (answer(200, "<html>hotel wifi</html>"), StoreUnavailableError, "endpoint"),
        (cut_before, StoreUnavailableError, "network"),
        (refusal("ValidationException"), StoreError, "bug"),
        (refusal("SomethingNew"), StoreError, "SomethingNew"),
    ],
)
def test_a_failure_is_one_line_that_says_what_to_do(
    store: DynamoDBStore,
    wire: Wire,
    fault: Callable[..., None],
    kind: type[StoreError],
    advice: str,
) -> None:
    wire.always = fault

    for act in (
        store.status,
        lambda: store.begin_write("s1"),
        lambda: store.commit(STEP),
    ):
        with pytest.raises(kind) as caught:
            act()
        text = str(caught.value)
        assert advice in text
        assert "\n" not in text
        assert "SECRET" not in text


def test_a_cancelled_commit_for_an_unknown_reason_is_a_failure_of_ours(
    store: DynamoDBStore, wire: Wire
) -> None:
    wire.always = cancelled("ValidationError", "None", "None")

    with pytest.raises(StoreError, match="ValidationError"):
        store.commit(STEP)


def test_a_server_that_is_not_there_is_said_to_be_out_of_reach() -> None:
    client = dynamodb_client(endpoint=f"http://127.0.0.1:{free_port()}")

    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        DynamoDBStore(client, "table").status()


def test_without_credentials_a_person_is_asked_to_sign_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    client = dynamodb_client(endpoint="http://127.0.0.1:9")

    with pytest.raises(CredentialsError, match="sign in"):
        DynamoDBStore(client, "table").status()


def test_without_a_region_the_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    with pytest.raises(SettingsError, match="AWS_DEFAULT_REGION"):
        dynamodb_client()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"profile": "nobody"}, "profile"),
        ({"region": "no where"}, "region"),
        ({"endpoint": "no address"}, "endpoint"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        dynamodb_client(**wrong)  # type: ignore[arg-type]  # one of the texts


# What it costs


def test_a_quiet_sync_costs_one_read_and_one_write_unit(other: DynamoDBStore) -> None:
    other.write_status(SyncStatus(digest="d" * 32, team="t" * 128))
    other.meter.reset()

    other.write_status(other.status())

    assert (other.meter.read_units, other.meter.write_units) == (1.0, 1.0)


def test_an_idle_poll_costs_half_a_read_unit(other: DynamoDBStore) -> None:
    other.meter.reset()

    assert other.rows(ALICE, 0) == []

    assert (other.meter.read_units, other.meter.write_units) == (0.5, 0.0)


def test_a_reader_takes_the_status_at_half_the_cost(
    other: DynamoDBStore, ministack_client: "DynamoDBClient"
) -> None:
    table = other._calls.table  # noqa: SLF001  # the same table
    reader = DynamoDBStore(ministack_client, table, reader=True)

    assert reader.status() == other.status()

    assert reader.meter.read_units == 0.5


def test_a_change_costs_six_write_units_and_no_read(other: DynamoDBStore) -> None:
    other.meter.reset()

    other.commit(STEP)

    assert (other.meter.read_units, other.meter.write_units) == (0.0, 6.0)


def test_what_shrinks_is_charged_by_what_it_was(other: DynamoDBStore) -> None:
    wide = "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(600))
    big = incident(wide[:5])
    large = Commit(feed=user_feed("bob"), expected=None, head=head(0, 1), puts=(big,))
    other.commit(large)
    other.meter.reset()

    other.commit(following(large, changed(big, None)))

    assert other.meter.write_units == 6.0
