"""Alarms and dashboard: they watch what is there, and speak up when nothing is."""

import json

import pytest

from lambda_fn.telemetry import METRICS, NAMESPACE
from tests.infra.conftest import Stack
from tests.infra.resolve import Json, Resources, as_list, at, mapping, of_type
from tray_app.operating.cost import FIXED_COSTS


def test_the_first_alarm_speaks_up_when_nothing_runs(resources: Resources) -> None:
    alarm = mapping(resources["LastSuccessAlarm"]["Properties"])

    assert alarm["TreatMissingData"] == "breaching"
    assert (alarm["MetricName"], alarm["Statistic"]) == ("Complete", "Sum")
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == ("60", 3)


@pytest.mark.parametrize("interval", ["1-minute", "2-minutes", "5-minutes"])
def test_alarms_watch_what_is_there_and_tell_somebody(
    stack: Stack, interval: str
) -> None:
    resources = stack(Interval=interval).resources()
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")

    assert len(alarms) == 9
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["tray-test-Alarms"]
        assert alarm["AlarmDescription"], name
        assert int(str(alarm["Period"])) in (60, 120, 300)
        _check_metric(str(alarm["Namespace"]), str(alarm["MetricName"]))
        (dimension,) = as_list(alarm["Dimensions"])
        _check_dimension(at(dimension, "Name"), at(dimension, "Value"))


def _check_metric(namespace: str, name: str) -> None:
    assert namespace in (NAMESPACE, "AWS/Lambda", "AWS/SQS", "AWS/DynamoDB")
    if namespace == NAMESPACE:
        assert name in METRICS


def _check_dimension(name: Json, value: Json) -> None:
    expected = {
        "service": "tray-test",
        "FunctionName": "tray-test-SyncFunction",
        "QueueName": "tray-test-DeadLetters.QueueName",
        "TableName": "tray-test-FeedTable",
    }
    assert value == expected[str(name)]


def test_the_dashboard_shows_what_is_there(resources: Resources) -> None:
    body = json.loads(str(at(resources["Dashboard"], "Properties", "DashboardBody")))
    widgets = body["widgets"]
    shown = [m for w in widgets for m in w["properties"].get("metrics", [])]
    alarms = {arn.rsplit(":", 1)[1] for arn in widgets[0]["properties"]["alarms"]}

    assert alarms == set(of_type(resources, "AWS::CloudWatch::Alarm"))
    for namespace, metric, dimension, value, _ in shown:
        _check_metric(namespace, metric)
        _check_dimension(dimension, value)
    own = {m[1] for m in shown if m[0] == NAMESPACE}
    assert own >= {"Complete", "Lag", "Open", "Changes", "ApiCalls", "WriteUnits"}


def test_mail_is_sent_only_where_it_was_asked_for(stack: Stack) -> None:
    assert not of_type(stack().resources(), "AWS::SNS::Subscription")
    with_mail = stack(AlarmEmail="ops@example.com").resources()
    assert len(of_type(with_mail, "AWS::SNS::Subscription")) == 1


def test_the_price_of_watching_is_that_of_what_is_there(resources: Resources) -> None:
    # USD a month: https://aws.amazon.com/cloudwatch/pricing/
    alarms = len(of_type(resources, "AWS::CloudWatch::Alarm"))

    assert FIXED_COSTS["alarms"] == pytest.approx(alarms * 0.10)
    assert FIXED_COSTS["metrics"] == pytest.approx(len(METRICS) * 0.30)
