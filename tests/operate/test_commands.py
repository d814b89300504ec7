"""`admin status` and `admin doctor`, on an account that is not there."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import boto3
import pytest

from incidents.feeds import SyncStatus, User
from incidents.models import UserId
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from tests.operate.conftest import TABLE, Command
from tray_app.operating.cost import month_of

ALICE = User(uid="alice", ids=frozenset({UserId("a@b.c")}))


def _now() -> datetime:
    return datetime.now(UTC)


def _synced(*, ago: timedelta = timedelta(seconds=40)) -> None:
    """Leave behind what a sync with one registered user leaves."""
    store = DynamoDBStore(dynamodb_client(), TABLE)
    store.add_user(ALICE)
    store.write_status(
        SyncStatus(watermark=_now() - ago, open=3, team="ops", failures=0)
    )


def _metered(**sums: float) -> None:
    # Not the very moment: the end of a period takes no part in it.
    when = max(_now() - timedelta(minutes=1), month_of(_now())[0])
    boto3.client("cloudwatch").put_metric_data(
        Namespace="AWS/DynamoDB",
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [{"Name": "TableName", "Value": TABLE}],
                "Timestamp": when,
                "Value": value,
            }
            for name, value in sums.items()
        ],
    )


@pytest.mark.usefixtures("table")
def test_status_says_how_the_sync_stands_and_what_it_costs(command: Command) -> None:
    _synced()
    _metered(ConsumedReadCapacityUnits=2e6, ConsumedWriteCapacityUnits=1e6)

    result = command("admin", "status")

    assert result.code == 0
    fields = dict(line.split("\t", 1) for line in result.lines)
    assert fields["sync"].startswith("last success ")
    assert fields["open"] == "3 incidents, 0 quarantined"
    assert fields["feeds"] == "0 of 1 people, 0 changes recorded"
    assert fields["waiting"].startswith("TEAM#ops, USER#alice: the next complete sync")
    assert fields["units"].startswith("2,000,000 read and 1,000,000 write units since")
    assert fields["cost"].startswith("0.88 USD so far")


@pytest.mark.usefixtures("table")
def test_status_is_an_object_for_machines(command: Command) -> None:
    _synced(ago=timedelta(hours=1))
    _metered(ConsumedReadCapacityUnits=8.0)

    result = command("admin", "status", "--json")

    assert result.code == 1  # it is stale
    status = json.loads(result.out)
    assert 3600 <= status["lag_seconds"] < 3700
    assert (status["open"], status["users"], status["read_units"]) == (3, 1, 8.0)
    assert status["feeds_not_begun"] == ["TEAM#ops", "USER#alice"]


@pytest.mark.usefixtures("table")
def test_status_before_the_first_sync_says_so(command: Command) -> None:
    result = command("admin", "status")

    assert result.code == 1
    assert result.lines[0] == "sync\tnone has ever completed"


@pytest.mark.parametrize("what", ["status", "doctor"])
def test_without_a_table_it_says_what_to_give(
    command: Command, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.delenv("TABLE_NAME")

    result = command("admin", what)

    assert result.code == 2
    assert "--table or --stack" in result.err


class _Stacks(BaseHTTPRequestHandler):
    """A CloudFormation that knows one stack, `ours`, with a table as its output."""

    def do_POST(self) -> None:  # the library's name
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        request = {key: value for key, (value,) in parse_qs(body).items()}
        known = request["StackName"] == "ours"
        answer = _ANSWERS[request["Action"]] if known else _NO_STACK
        self.send_response(200 if known else 400)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # theirs
        """Say nothing."""


_NO_STACK = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"
    "<Message>Stack with id nope does not exist</Message></Error></ErrorResponse>"
)
_ANSWERS = {
    "DescribeStacks": (
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>"
        "<StackName>ours</StackName><Outputs><member>"
        f"<OutputKey>TableName</OutputKey><OutputValue>{TABLE}</OutputValue>"
        "</member></Outputs></member></Stacks></DescribeStacksResult>"
        "</DescribeStacksResponse>"
    ),
    "DescribeStackResources": (
        "<DescribeStackResourcesResponse><DescribeStackResourcesResult>"
        "<StackResources/></DescribeStackResourcesResult>"
        "</DescribeStackResourcesResponse>"
    ),
}


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have stacks, which moto has only with a package more."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Stacks)
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", address)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.network
@pytest.mark.usefixtures("stacks", "table")
def test_the_table_is_that_of_the_stack(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TABLE_NAME")

    result = command("admin", "doctor", "--stack", "ours", "--json")

    findings = {finding["what"]: finding for finding in map(json.loads, result.lines)}
    assert "stack" not in findings
    assert findings["ttl"]["state"] == "ok"


@pytest.mark.network
@pytest.mark.usefixtures("stacks", "table")
def test_a_stack_that_is_not_there_is_what_is_wrong(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = command("admin", "doctor", "--stack", "nope", "--json")
    findings = {finding["what"]: finding for finding in map(json.loads, result.lines)}
    assert findings["stack"]["state"] == "wrong"
    assert findings["ttl"]["state"] == "ok"  # TABLE_NAME says which

    monkeypatch.delenv("TABLE_NAME")
    result = command("admin", "doctor", "--stack", "nope")
    assert result.code == 1
    assert result.lines[0].startswith("✗ stack: ")
    assert result.lines[1].endswith("name the one you deployed: --stack")
    assert result.err == "1 of 1 are wrong\n"


def test_a_table_that_is_not_there_is_told_with_the_next_step(
    command: Command,
) -> None:
    assert command("admin", "status").code == 1

    result = command("admin", "doctor")

    assert result.code == 1
    assert result.lines[:2] == [
        "✗ table: There is no such thing here: the table feeds.",
        "    → deploy (sam deploy), or name it: --table, --stack",
    ]


@pytest.mark.usefixtures("table")
def test_doctor_goes_on_after_what_it_finds(command: Command) -> None:
    _synced(ago=timedelta(hours=1))

    result = command("admin", "doctor", "--json")

    findings = {finding["what"]: finding for finding in map(json.loads, result.lines)}
    assert result.code == 1
    assert {
        name for name, finding in findings.items() if finding["state"] == "wrong"
    } == {
        "table",
        "policy of the table",
        "sync",
        "feeds",
    }
    assert findings["ttl"]["state"] == findings["clock"]["state"] == "ok"
    assert findings["key"]["step"] == "say which stack it is: --stack NAME"
    assert all(
        finding["step"] for finding in findings.values() if finding["state"] != "ok"
    )
