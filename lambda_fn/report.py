"""What one sync did and cost, as one line of JSON."""

from dataclasses import asdict, dataclass

from incidents.sync.run import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """A sync's report with what was metered around it. Holds no incident text."""

    report: Report
    write_units: float = 0.0
    read_units: float = 0.0
    duration_ms: int = 0
    lag_seconds: float | None = None
    """How far the feeds are behind the source; None where nobody knows."""
    key_rejected: bool = False

    def to_json(self) -> dict[str, object]:
        """Return it as it is printed, logged and answered: flat."""
        fields = asdict(self)
        return {**fields.pop("report"), **fields}


def failed(error: Exception, sync: str = "") -> Report:
    """Report of a *sync* that *error* ended, or kept from having an id."""
    return Report(sync=sync, complete=False, error=one_line(error))


def one_line(text: object) -> str:
    """Put *text* on one line."""
    return " ".join(str(text).split())
