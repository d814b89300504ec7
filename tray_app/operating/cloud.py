"""Read facts about a deployment from AWS, and change nothing."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

import boto3
from botocore.exceptions import ClientError

from incidents.errors import AccessDeniedError, StoreError, StoreMissingError
from incidents.stores.dynamodb.client import dynamodb_client, translated
from tray_app.operating.facts import (
    FunctionFacts,
    Metric,
    ScheduleFacts,
    SecretFacts,
    StackFacts,
    TableFacts,
)

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_MISSING = frozenset(
    {"ResourceNotFoundException", "NoSuchEntity", "PolicyNotFoundException"}
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
_NO_STACK = "does not exist"
_DAY = 86_400


class AwsAccount:
    """One account and region."""

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        endpoint: str | None = None,
    ) -> None:
        """
        Find credentials where boto3 does; *endpoint* is that of DynamoDB alone.

        Raises:
            SettingsError: If there is no region, or no such profile.
        """
        self._tables = dynamodb_client(
            region=region, profile=profile, endpoint=endpoint
        )
        with translated(""):
            self._session = boto3.Session(profile_name=profile, region_name=region)

    def table(self, name: str) -> TableFacts:
        """Describe the table *name*. Raises StoreError."""
        with _reading(f"the table {name}"):
            answer = self._tables.describe_table(TableName=name)
            ending = self._tables.describe_time_to_live(TableName=name)
            backups = self._tables.describe_continuous_backups(TableName=name)
        table = answer["Table"]
        ttl = ending["TimeToLiveDescription"]
        recovery = backups["ContinuousBackupsDescription"].get(
            "PointInTimeRecoveryDescription", {}
        )
        on = ttl.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
        mode = table.get("BillingModeSummary", {}).get("BillingMode")
        return TableFacts(
            state=table["TableStatus"],
            keys=tuple(key["AttributeName"] for key in table["KeySchema"]),
            ttl=ttl.get("AttributeName", "") if on else "",
            recovery=recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
            protected=table.get("DeletionProtectionEnabled", False),
            on_demand=mode == "PAY_PER_REQUEST",
            server_time=_date(answer["ResponseMetadata"].get("HTTPHeaders", {})),
        )

    def resource_policy(self, table: str) -> Mapping[str, object] | None:
        """Read the resource policy of *table*; None without one. Raises StoreError."""
        with _reading(f"the table {table}"):
            arn = self._tables.describe_table(TableName=table)["Table"]["TableArn"]
        try:
            with _reading(f"the resource policy of {table}"):
                return _document(
                    self._tables.get_resource_policy(ResourceArn=arn)["Policy"]
                )
        except StoreMissingError:
            return None

    def stack(self, name: str) -> StackFacts:
        """Describe the stack *name*. Raises StoreError."""
        client = self._session.client("cloudformation")
        with _reading(f"the stack {name}"):
            (answer,) = client.describe_stacks(StackName=name)["Stacks"]
            resources = client.describe_stack_resources(StackName=name)
        return StackFacts(
            name=name,
            resources={
                resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
                for resource in resources["StackResources"]
            },
            outputs={
                output["OutputKey"]: output["OutputValue"]
                for output in answer.get("Outputs", [])
            },
        )

    def function(self, name: str) -> FunctionFacts:
        """Describe the function *name*. Raises StoreError."""
        client = self._session.client("lambda")
        with _reading(f"the function {name}"):
            answer = client.get_function_configuration(FunctionName=name)
        return FunctionFacts(
            name=name,
            state=answer.get("State", "Active"),
            memory=answer["MemorySize"],
            environment=answer.get("Environment", {}).get("Variables", {}),
        )

    def secret(self, arn: str) -> SecretFacts:
        """Describe the secret *arn*, without its value. Raises StoreError."""
        client = self._session.client("secretsmanager")
        with _reading(f"the secret {arn}"):
            answer = client.describe_secret(SecretId=arn)
        stages = answer.get("VersionIdsToStages", {}).values()
        return SecretFacts(
            has_value=any("AWSCURRENT" in names for names in stages),
            deletion_scheduled="DeletedDate" in answer,
        )

    def secret_text(self, arn: str) -> str:
        """Read the secret *arn*, to try the key in it. Raises StoreError."""
        client = self._session.client("secretsmanager")
        with _reading("the secret's value"):
            return client.get_secret_value(SecretId=arn).get("SecretString", "")

    def schedule(self, name: str) -> ScheduleFacts:
        """Describe the schedule *name*. Raises StoreError."""
        client = self._session.client("scheduler")
        with _reading(f"the schedule {name}"):
            answer = client.get_schedule(Name=name)
        return ScheduleFacts(
            enabled=answer["State"] == "ENABLED",
            expression=answer["ScheduleExpression"],
        )

    def policy(self, arn: str) -> Mapping[str, object]:
        """Read the managed policy *arn* as it is now. Raises StoreError."""
        client = self._session.client("iam")
        with _reading(f"the policy {arn}"):
            version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            answer = client.get_policy_version(PolicyArn=arn, VersionId=version)
        return _document(answer["PolicyVersion"]["Document"])

    def active_alarms(self, stack: str) -> tuple[str, ...]:
        """Name the alarms of *stack* that are in alarm. Raises StoreError."""
        with _reading("alarms"):
            pages = self._metrics.get_paginator("describe_alarms").paginate(
                AlarmNamePrefix=f"{stack}-", StateValue="ALARM"
            )
            return tuple(
                alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]
            )

    def total(self, metric: Metric, since: datetime, until: datetime) -> float:
        """Add up *metric* from *since* to *until*. Raises StoreError."""
        with _reading("metrics"):
            answer = self._metrics.get_metric_statistics(
                Namespace=metric.namespace,
                MetricName=metric.name,
                Dimensions=[{"Name": metric.dimension, "Value": metric.value}],
                StartTime=since,
                EndTime=until,
                Period=_DAY,
                Statistics=["Sum"],
            )
        return sum(point.get("Sum", 0.0) for point in answer["Datapoints"])

    @cached_property
    def _metrics(self) -> "CloudWatchClient":
        return self._session.client("cloudwatch")


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Translate a refusal to read *what* into an error of ours."""
    with translated(what):
        try:
            yield
        except ClientError as error:
            details = error.response.get("Error", {})
            code, text = str(details.get("Code", "")), str(details.get("Message", ""))
            if code in _MISSING or _NO_STACK in text:
                raise StoreMissingError(
                    f"There is no such thing here: {what}."
                ) from error
            if code in _DENIED:
                raise AccessDeniedError(
                    f"These AWS credentials may not ask about {what}."
                ) from error
            raise


def _document(text: object) -> Mapping[str, object]:
    """Read a policy, as text (perhaps URL-encoded) or as boto3 has read it."""
    document = json.loads(unquote(text)) if isinstance(text, str) else text
    if not isinstance(document, dict):
        raise StoreError("A policy is not of the form that policies have.")
    return document


def _date(headers: Mapping[str, str]) -> datetime | None:
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
