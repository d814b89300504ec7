"""Local time that keeps apart what people read on a clock and what passes."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo


class SystemZone(tzinfo):
    """
    The machine's time zone, as its clock stands at one moment.

    Its offset is that moment's and never changes, so spans are counted as they pass.
    Other moments, converted with `astimezone`, get the offset that they have there.
    """

    def __init__(self, now: datetime) -> None:
        """Take the offset that the machine's time zone has at *now*."""
        local = now.astimezone()
        self._offset, self._name = local.utcoffset(), local.tzname()

    def utcoffset(self, _: datetime | None, /) -> timedelta | None:
        """Return the offset of the moment that it was made for."""
        return self._offset

    def tzname(self, _: datetime | None, /) -> str | None:
        """Return the name of the time at that moment, for example CEST."""
        return self._name

    def dst(self, _: datetime | None, /) -> timedelta | None:
        """Return None: only the offset is known."""
        return None

    def fromutc(self, moment: datetime, /) -> datetime:
        """Convert *moment*, which counts as UTC, to the local time there."""
        return system_time(moment.replace(tzinfo=UTC))


def system_time(moment: datetime) -> datetime:
    """Return *moment* as the machine's clock shows it."""
    return moment.astimezone().replace(tzinfo=SystemZone(moment))


def at_clock(day: date, clock: time, now: datetime) -> datetime:
    """
    Return when the clocks show *clock* on *day*, where *now* is the local time.

    Of an hour that comes twice it is the first; one that is skipped is the next.
    """
    then = datetime.combine(day, clock)
    if isinstance(now.tzinfo, SystemZone):
        shown = then.astimezone()
        if shown.replace(tzinfo=None) != then:  # skipped
            shown = then.replace(fold=1).astimezone()
        return system_time(shown)
    there = then.replace(tzinfo=now.tzinfo)
    offset = there.utcoffset()
    return there if offset is None else there.replace(tzinfo=timezone(offset))
