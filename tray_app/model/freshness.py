"""How old what we know is: our reading, and the feed itself; and whose clock is off."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SKEW = timedelta(minutes=2)
"""How far two clocks may differ until it is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """The two ages: when we last read, and up to when the feed reflects the source."""

    read_at: datetime | None = None
    """The last good read of ours; None before the first."""
    watermark: datetime | None = None
    """None while the sync has not completed once."""
    interval: timedelta = timedelta(minutes=1)
    """Between two syncs."""
    poll: timedelta = timedelta(seconds=15)
    """Between two reads of ours."""
    retention: timedelta = timedelta(days=30)
    """For how long the feeds keep changes."""
    status_at: datetime | None = None
    """When the watermark was last read."""
    moved_at: datetime | None = None
    """When it was first read as it is."""
    ahead: timedelta = timedelta(0)
    """By how much our clock is ahead of the sync's, at the least."""

    def stale(self, now: datetime) -> bool:
        """Whether either age is more than three of its intervals."""
        return self.read_is_old(now) or self.feed_is_old(now)

    def read_is_old(self, now: datetime) -> bool:
        """Whether our last good read is more than three intervals ago."""
        span = 3 * max(self.interval, self.poll)
        if self.read_at is None:
            return True
        # One from the future was noted before the clock was put back: who knows when.
        return now - self.read_at > span or self.read_at - now > SKEW

    def feed_is_old(self, now: datetime) -> bool:
        """Whether the feed reflects a time more than three intervals ago."""
        span = 3 * self.interval + self.poll
        age = None if self.watermark is None else now - self.ahead - self.watermark
        return age is None or age > span

    def looks_skewed(self) -> bool:
        """
        Whether the watermark seemed too old at the very moment that it was read.

        The feed has stopped, or our clock is ahead: to tell which, and by how much,
        takes looks closer to each other than the sync's interval.
        """
        if self.watermark is None or self.status_at is None:
            return False
        return self.status_at - self.watermark > max(SKEW, self.interval + self.poll)

    def feed_has_stopped(self, now: datetime) -> bool:
        """Whether it is old, and was watched for long enough to blame no clock."""
        watched = self.moved_at is None or (
            now - self.moved_at > self.interval + self.poll
        )
        return watched and self.feed_is_old(now)

    def marked(self, watermark: datetime | None, now: datetime) -> "Freshness":
        """
        Return this with the *watermark* just read.

        One that moved was written since it was last read: what it seems older than
        that, our clock is ahead; and while it is, none looks new.
        """
        if watermark is None:
            return replace(self, watermark=None, status_at=now, ahead=timedelta(0))
        ahead, known = self.ahead, self.watermark
        if known is not None and self.status_at is not None and watermark > known:
            seems = self.status_at - watermark
            ahead = max(ahead, seems) if seems > SKEW else ahead
        return replace(
            self,
            watermark=watermark,
            status_at=now,
            moved_at=now if watermark != known else self.moved_at,
            ahead=ahead if now - watermark > SKEW else timedelta(0),
        )
