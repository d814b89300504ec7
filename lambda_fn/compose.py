"""The one place where the writer is put together, and run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from incidents import VERSION
from incidents.coralogix.http.limits import Limits
from incidents.errors import IncidentsError, KeyRejectedError
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.sync.run import Sync
from lambda_fn.deadline import Deadline, DeadlineStore, ending_on_sigterm
from lambda_fn.memory import answer_cap, memory_limit
from lambda_fn.report import RunReport, failed, one_line
from lambda_fn.secret import Secret
from lambda_fn.settings import load
from lambda_fn.source import KeyedSource


def now() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  # the composition root's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Everything one process needs to sync; warm from one run to the next."""

    deadline: Deadline
    source: KeyedSource
    store: DynamoDBStore
    in_time: DeadlineStore
    sync: Sync

    def run(self, seconds: float) -> RunReport:
        """
        Run one sync in at most *seconds*. Every expected failure is in the record.

        When the source or the store cannot be used, nothing is written.
        """
        started = self.deadline.now()
        self.deadline.start(seconds)
        self.source.begin()
        self.store.meter.reset()
        sync, rejected = uuid4().hex, False
        try:
            with ending_on_sigterm(self.deadline):
                report = self.sync.run(sync)
        except IncidentsError as error:
            report = failed(error, sync)
            rejected = isinstance(error, KeyRejectedError)
        taken = self.deadline.now() - started
        calls, problem = self.source.calls, one_line(report.error)
        return RunReport(
            report=replace(report, api_calls=calls, error=problem),
            write_units=self.store.meter.write_units,
            read_units=self.store.meter.read_units,
            duration_ms=round(taken * 1000),
            lag_seconds=taken if report.complete else self._lag(),
            key_rejected=rejected,
        )

    def _lag(self) -> float | None:
        watermark = self.in_time.watermark
        return (now() - watermark).total_seconds() if watermark else None


def compose(environment: Mapping[str, str]) -> Writer:
    """
    Build the writer that *environment* asks for. Nothing is sent yet.

    Raises:
        SettingsError: If a setting is missing or wrong.
    """
    settings = load(environment)
    deadline = Deadline()
    key = settings.key or Secret(settings.secret, region=settings.region)
    limits = Limits(answer=answer_cap(memory_limit(environment)))
    source = KeyedSource(settings.address, key, deadline, limits)
    store = DynamoDBStore(
        dynamodb_client(workers=settings.sync.workers, region=settings.region or None),
        settings.table,
        retention=settings.sync.retention,
    )
    in_time = DeadlineStore(store, deadline)
    sync = Sync(
        source=source,
        store=in_time,
        registry=store,
        settings=replace(settings.sync, version=VERSION),
        clock=now,
        ended=source if settings.brief else None,
        names=source,
    )
    return Writer(
        deadline=deadline,
        source=source,
        store=store,
        in_time=in_time,
        sync=sync,
    )
