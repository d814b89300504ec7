"""What the emulators get wrong or leave out, read off the translated template."""

from incidents.stores import records
from incidents.stores.dynamodb import items
from tests.infra.conftest import REQUIRED, Stack
from tests.infra.resolve import Resources, at, mapping, of_type


def test_the_table_of_the_template_is_the_table_of_the_code(
    resources: Resources,
) -> None:
    table = mapping(resources["FeedTable"]["Properties"])
    partition, sort = items.KEYS

    assert table["KeySchema"] == [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
    assert table["AttributeDefinitions"] == [
        {"AttributeName": partition, "AttributeType": "S"},
        {"AttributeName": sort, "AttributeType": "S"},
    ]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert at(table, "TimeToLiveSpecification") == {
        "AttributeName": records.TTL,
        "Enabled": True,
    }
    assert not {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} & set(table)


def test_the_table_outlives_mistakes_and_has_a_cost_cap(resources: Resources) -> None:
    table = resources["FeedTable"]
    properties = mapping(table["Properties"])

    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert properties["DeletionProtectionEnabled"] is True
    assert at(properties, "PointInTimeRecoverySpecification") == {
        "PointInTimeRecoveryEnabled": True
    }
    assert at(properties, "OnDemandThroughput") == {
        "MaxReadRequestUnits": "500",
        "MaxWriteRequestUnits": "1000",
    }


def test_ticks_never_pile_up(resources: Resources) -> None:
    function = mapping(resources["SyncFunction"]["Properties"])
    (config,) = of_type(resources, "AWS::Lambda::EventInvokeConfig").values()
    (schedule,) = of_type(resources, "AWS::Scheduler::Schedule").values()
    queue = at(config, "DestinationConfig", "OnFailure", "Destination")

    assert function["ReservedConcurrentExecutions"] == 1
    assert config["MaximumRetryAttempts"] == 0
    assert config["MaximumEventAgeInSeconds"] == 60
    assert "DeadLetters" in str(queue)
    assert schedule["ScheduleExpression"] == "rate(1 minutes)"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert at(schedule, "Target", "RetryPolicy") == {
        "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": 60,
    }
    assert at(schedule, "Target", "DeadLetterConfig", "Arn") == queue
    # It has ended well before the next tick, and before Lambda ends it.
    timeout = function["Timeout"]
    assert isinstance(timeout, int)
    assert timeout < 60


def test_two_stacks_in_a_new_account_need_no_reserve(stack: Stack) -> None:
    function = stack(ReserveConcurrency="no").resources()["SyncFunction"]

    assert "ReservedConcurrentExecutions" not in mapping(function["Properties"])


def test_the_schedule_can_be_stopped(stack: Stack) -> None:
    resources = stack(ScheduleState="DISABLED").resources()

    (schedule,) = of_type(resources, "AWS::Scheduler::Schedule").values()
    assert schedule["State"] == "DISABLED"


def test_everything_that_holds_data_is_encrypted_and_ends(resources: Resources) -> None:
    queue = mapping(resources["DeadLetters"]["Properties"])

    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert mapping(resources["SyncLogs"]["Properties"])["RetentionInDays"] == "30"
    function = mapping(resources["SyncFunction"]["Properties"])
    assert at(function, "LoggingConfig", "LogGroup") == "tray-test-SyncLogs"
    # DynamoDB and Secrets Manager always encrypt; this names the key AWS owns.
    table = mapping(resources["FeedTable"]["Properties"])
    assert table["SSESpecification"] == {"SSEEnabled": False}


def test_the_key_is_in_no_template(resources: Resources) -> None:
    secret = mapping(resources["CoralogixKey"]["Properties"])

    assert set(secret) == {"Description"}
    assert resources["CoralogixKey"]["DeletionPolicy"] == "Retain"


def test_the_outputs_are_what_set_up_asks_for(stack: Stack) -> None:
    outputs = stack().outputs()

    assert outputs["TableName"] == "tray-test-FeedTable"
    assert outputs["Region"] == "eu-west-1"
    assert outputs["Team"] == REQUIRED["Team"]
    assert (
        outputs["ReaderPolicyArn"] == "tray-test-ReaderAccess.Outputs.ReaderPolicyArn"
    )
    nested = mapping(stack().resources()["ReaderAccess"]["Properties"])
    assert nested["TemplateURL"] == "infra/reader-access.yaml"
