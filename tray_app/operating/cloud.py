"""Asks AWS about a deployment. It looks, and changes nothing."""

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
        """Ask about the table *name*. Raises StoreError."""
        with _asked(f"the table {name}"):
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
        with _asked(f"the table {table}"):
            arn = self._tables.describe_table(TableName=table)["Table"]["TableArn"]
        try:
            with _asked(f"the resource policy of {table}"):
                return _document(
                    self._tables.get_resource_policy(ResourceArn=arn)["Policy"]
                )
        except StoreMissingError:
            return None

    def stack(self, name: str) -> StackFacts:
        """Ask about the stack *name*. Raises StoreError."""
        client = self._session.client("cloudformation")
        with _asked(f"the stack {name}"):
            (found,) = client.describe_stacks(StackName=name)["Stacks"]
            resources = client.describe_stack_resources(StackName=name)
        return StackFacts(
            name=name,
            resources={
                one["LogicalResourceId"]: one.get("PhysicalResourceId", "")
                for one in resources["StackResources"]
            },
            outputs={
                one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])
            },
        )

    def function(self, name: str) -> FunctionFacts:
        """Ask about the function *name*. Raises StoreError."""
        client = self._session.client("lambda")
        with _asked(f"the function {name}"):
            found = client.get_function_configuration(FunctionName=name)
        return FunctionFacts(
            name=name,
            state=found.get("State", "Active"),
            memory=found["MemorySize"],
            environment=found.get("Environment", {}).get("Variables", {}),
        )

    def secret(self, arn: str) -> SecretFacts:
        """Ask about the secret *arn*, not for it. Raises StoreError."""
        client = self._session.client("secretsmanager")
        with _asked(f"the secret {arn}"):
            found = client.describe_secret(SecretId=arn)
        stages = found.get("VersionIdsToStages", {}).values()
        return SecretFacts(
            has_value=any("AWSCURRENT" in names for names in stages),
            going="DeletedDate" in found,
        )

    def secret_text(self, arn: str) -> str:
        """Read the secret *arn*, to try the key in it. Raises StoreError."""
        client = self._session.client("secretsmanager")
        with _asked("the secret's value"):
            return client.get_secret_value(SecretId=arn).get("SecretString", "")

    def schedule(self, name: str) -> ScheduleFacts:
        """Ask about the schedule *name*. Raises StoreError."""
        client = self._session.client("scheduler")
        with _asked(f"the schedule {name}"):
            found = client.get_schedule(Name=name)
        return ScheduleFacts(
            enabled=found["State"] == "ENABLED",
            expression=found["ScheduleExpression"],
        )

    def policy(self, arn: str) -> Mapping[str, object]:
        """Read the managed policy *arn* as it is now. Raises StoreError."""
        client = self._session.client("iam")
        with _asked(f"the policy {arn}"):
            version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            found = client.get_policy_version(PolicyArn=arn, VersionId=version)
        return _document(found["PolicyVersion"]["Document"])

    def ringing(self, stack: str) -> tuple[str, ...]:
        """Name the alarms of *stack* that are in alarm. Raises StoreError."""
        with _asked("alarms"):
            pages = self._metrics.get_paginator("describe_alarms").paginate(
                AlarmNamePrefix=f"{stack}-", StateValue="ALARM"
            )
            return tuple(
                alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]
            )

    def total(self, metric: Metric, since: datetime, until: datetime) -> float:
        """Add up *metric* from *since* to *until*. Raises StoreError."""
        with _asked("metrics"):
            found = self._metrics.get_metric_statistics(
                Namespace=metric.namespace,
                MetricName=metric.name,
                Dimensions=[{"Name": metric.dimension, "Value": metric.value}],
                StartTime=since,
                EndTime=until,
                Period=_DAY,
                Statistics=["Sum"],
            )
        return sum(point.get("Sum", 0.0) for point in found["Datapoints"])

    @cached_property
    def _metrics(self) -> "CloudWatchClient":
        return self._session.client("cloudwatch")


@contextmanager
def _asked(what: str) -> Iterator[None]:
    """Transition a refusal to tell about *what* into an error of ours."""
    with translated(what):
        try:
            yield
        except ClientError as error:
            told = error.response.get("Error", {})
            code, text = str(told.get("Code", "")), str(told.get("Message", ""))
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
    found = json.loads(unquote(text)) if isinstance(text, str) else text
    if not isinstance(found, dict):
        raise StoreError("A policy is not of the form that policies have.")
    return found


def _date(headers: Mapping[str, str]) -> datetime | None:
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
