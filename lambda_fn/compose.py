"""The one place where the writer is put together, and run."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

from incidents import VERSION
from incidents.errors import IncidentsError, KeyRejectedError
from incidents.stores.aws import dynamodb_client
from incidents.stores.dynamodb import DynamoDBStore
from incidents.sync import Sync
from lambda_fn.deadline import Deadline, InTime, ending_on_sigterm
from lambda_fn.report import Record, one_line, record
from lambda_fn.secret import Secret
from lambda_fn.settings import Settings, load
from lambda_fn.source import KeyedSource


def now() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  # the composition root's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Everything one process needs to sync; warm from one run to the next."""

    settings: Settings
    deadline: Deadline
    source: KeyedSource
    store: DynamoDBStore
    in_time: InTime
    sync: Sync
    seconds: Callable[[], float] = field(default=time.monotonic)

    def run(self, seconds: float) -> Record:
        """
        Run one sync in at most *seconds*. Every expected failure is in the record.

        When the source or the store cannot be used, nothing is written.
        """
        started = self.seconds()
        self.deadline.start(seconds)
        self.source.begin()
        self.store.meter.reset()
        sync = uuid4().hex
        try:
            with ending_on_sigterm(self.deadline):
                report = self.sync.run(sync)
        except IncidentsError as error:
            result = self._failed(sync, error)
        else:
            result = record(report, calls=self.source.calls, units=self._units)
        taken = self.seconds() - started
        lag = taken if result.complete else self._lag()
        return replace(result, duration_ms=round(taken * 1000), lag_seconds=lag)

    @property
    def _units(self) -> tuple[float, float]:
        return self.store.meter.write_units, self.store.meter.read_units

    def _failed(self, sync: str, error: IncidentsError) -> Record:
        write, read = self._units
        return Record(
            sync=sync,
            complete=False,
            api_calls=self.source.calls,
            write_units=write,
            read_units=read,
            key_rejected=isinstance(error, KeyRejectedError),
            error=one_line(error),
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
    source = KeyedSource(settings.address, key, deadline)
    store = DynamoDBStore(
        dynamodb_client(workers=settings.sync.workers, region=settings.region or None),
        settings.table,
        retention=settings.sync.retention,
        clock=now,
    )
    in_time = InTime(store, deadline)
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
        settings=settings,
        deadline=deadline,
        source=source,
        store=store,
        in_time=in_time,
        sync=sync,
    )
