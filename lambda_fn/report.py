"""What one sync did and cost, as one line of JSON."""

from dataclasses import asdict, dataclass

from incidents.sync import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A sync's report with what was metered around it. Holds no incident text."""

    sync: str
    complete: bool
    open: int = 0
    api_calls: int = 0
    changes: int = 0
    feeds_changed: int = 0
    quarantined: int = 0
    quiet: bool = False
    write_units: float = 0.0
    read_units: float = 0.0
    duration_ms: int = 0
    lag_seconds: float | None = None
    """How far the feeds are behind the source; None where nobody knows."""
    key_rejected: bool = False
    error: str = ""
    """One line for a person; empty when complete."""

    def to_json(self) -> dict[str, object]:
        """Return it as it is printed, logged and answered."""
        return asdict(self)


def one_line(text: object) -> str:
    """Put *text* on one line."""
    return " ".join(str(text).split())


def record(report: Report, *, calls: int, units: tuple[float, float]) -> Record:
    """Turn a *report* into a record; *units* are those written and read."""
    write, read = units
    return Record(
        sync=report.sync,
        complete=report.complete,
        open=report.open,
        api_calls=calls,
        changes=report.changes,
        feeds_changed=report.feeds_changed,
        quarantined=report.quarantined,
        quiet=report.quiet,
        write_units=write,
        read_units=read,
        error=one_line(report.error),
    )
