"""The Lambda entry point: wiring, and nothing else."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Protocol

from incidents.errors import IncidentsError
from lambda_fn.compose import Writer, compose, now
from lambda_fn.report import RunReport, failed
from lambda_fn.settings import log_settings
from lambda_fn.telemetry import Telemetry

RESERVE = 5.0
"""Seconds kept for winding up: the status, the log line, the answer."""


class Context(Protocol):
    """What is used of Lambda's context."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Tell how long this invocation may still run."""
        ...


def handler(_event: object, context: Context) -> Mapping[str, object]:
    """
    Run one sync and answer its report; the scheduler calls this every minute.

    Expected failures are reported, not raised: the next tick is the retry, and the
    alarms watch the metrics. What does raise is a mistake of ours.
    """
    telemetry = _telemetry()
    try:
        writer = _writer()
    except IncidentsError as error:
        record = RunReport(report=failed(error))
    else:
        left = context.get_remaining_time_in_millis() / 1000
        record = writer.run(max(0.0, left - RESERVE))
    telemetry.tell(record, request=context.aws_request_id, epoch=now().timestamp())
    return record.to_json()


@cache
def _writer() -> Writer:
    """Build the writer at the first invocation; the process keeps it warm."""
    return compose(os.environ)  # noqa: TID251  # this is a composition root


@cache
def _telemetry() -> Telemetry:
    # Settings that are wrong must be told too, so it does not wait for them.
    return Telemetry(*log_settings(os.environ))  # noqa: TID251  # this is a composition root
