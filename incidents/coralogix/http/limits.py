"""How long, how often and how much is asked of the API."""

from dataclasses import dataclass

from incidents.backoff import Backoff

RETRIES = Backoff(first=0.5, longest=8.0, attempts=4, longest_retry_after=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one client; times in seconds."""

    connect: float = 5.0
    silence: float = 25.0
    """The longest pause within an answer."""
    exchange: float = 90.0
    """The longest that one answer may take as a whole, however it trickles."""
    backoff: Backoff = RETRIES
    answer: int = 64 * 1024 * 1024
    """Bytes, unpacked."""
