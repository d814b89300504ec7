"""What one sync tells an operator: one log line, and metrics in it."""

import logging

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from lambda_fn.report import RunReport

NAMESPACE = "IncidentTray"
"""Of every metric. The one dimension is `service`: the deployment's name."""
COMPLETE = "Complete"
"""1 for a complete sync, 0 for another. The first alarm: none for minutes."""
LAG = "Lag"
KEY_REJECTED = "KeyRejected"
QUARANTINED = "Quarantined"
METRICS = (
    COMPLETE,
    LAG,
    KEY_REJECTED,
    QUARANTINED,
    "LastSuccess",
    "Open",
    "Changes",
    "FeedsChanged",
    "ApiCalls",
    "WriteUnits",
    "ReadUnits",
    "Duration",
)
"""The names of all metrics, as alarms and the dashboard spell them."""
_CHATTY = ("httpx", "httpcore", "boto3", "botocore", "urllib3")


class Telemetry:
    """Tells about syncs, in JSON on standard output."""

    def __init__(self, service: str, level: str) -> None:
        """Speak for the deployment *service*, from *level* upwards."""
        self._logger = Logger(service=service, level=level)
        self._metrics = Metrics(namespace=NAMESPACE, service=service)
        for name in _CHATTY:
            # They name addresses and ids; we tell what matters ourselves.
            logging.getLogger(name).setLevel(logging.WARNING)

    def tell(self, record: RunReport, *, request: str, epoch: float) -> None:
        """Log *record* of the Lambda *request*, at *epoch* seconds; count it."""
        fields = {**record.to_json(), "request_id": request}
        if record.report.complete:
            self._logger.info("sync", extra=fields)
        else:
            self._logger.error("sync", extra=fields)
        self._count(record, epoch)

    def _count(self, record: RunReport, epoch: float) -> None:
        add, report = self._metrics.add_metric, record.report
        add(COMPLETE, MetricUnit.Count, int(report.complete))
        if report.complete:
            add("LastSuccess", MetricUnit.Seconds, int(epoch))
            # After a failure these are unknown, and nothing is not zero.
            add("Open", MetricUnit.Count, report.open)
            add(QUARANTINED, MetricUnit.Count, report.quarantined)
        if record.lag_seconds is not None:
            add(LAG, MetricUnit.Seconds, record.lag_seconds)
        add(KEY_REJECTED, MetricUnit.Count, int(record.key_rejected))
        add("Changes", MetricUnit.Count, report.changes)
        add("FeedsChanged", MetricUnit.Count, report.feeds_changed)
        add("ApiCalls", MetricUnit.Count, report.api_calls)
        add("WriteUnits", MetricUnit.Count, record.write_units)
        add("ReadUnits", MetricUnit.Count, record.read_units)
        add("Duration", MetricUnit.Milliseconds, record.duration_ms)
        self._metrics.flush_metrics()
