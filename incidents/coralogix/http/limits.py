"""How long, how often and how much is asked of the API."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, how often and how much; times in seconds."""

    connect: float = 5.0
    silence: float = 25.0
    """The longest pause within an answer."""
    exchange: float = 90.0
    """The longest that one answer may take as a whole, however it trickles."""
    attempts: int = 4
    first_pause: float = 0.5
    longest_pause: float = 8.0
    patience: float = 60.0
    """The longest wait that a server's `Retry-After` is granted; else we give up."""
    answer: int = 64 * 1024 * 1024
    """Bytes, unpacked."""

    def ceiling(self, attempt: int) -> float:
        """Return the longest pause after *attempt*, the first being 1: full jitter."""
        return min(self.first_pause * 2.0 ** (attempt - 1), self.longest_pause)
