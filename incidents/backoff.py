"""How long to wait before something that failed is tried again."""

from dataclasses import dataclass

_MAX_DOUBLINGS = 63
"""2.0 to a power that grows for ever would overflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """
    Exponential backoff with full jitter, within a number of attempts and a deadline.

    Pure: the caller draws the random number, knows the time that is left, and sleeps.
    All times are in seconds; attempts are counted from 1.
    """

    first: float
    """The longest pause after the first attempt; it doubles with each one."""
    longest: float
    """The limit of that doubling."""
    attempts: int | None = None
    """How many attempts there are in all; None: no limit."""
    longest_retry_after: float = float("inf")
    """The longest wait that a server may ask for; for more we give up."""

    def ceiling(self, attempt: int) -> float:
        """Return the longest pause after *attempt*; also the pause without jitter."""
        doublings = min(attempt - 1, _MAX_DOUBLINGS)
        return min(self.first * 2.0**doublings, self.longest)

    def pause(
        self,
        attempt: int,
        *,
        chance: float,
        retry_after: float | None = None,
        remaining: float = float("inf"),
    ) -> float | None:
        """
        Return the pause after the failed *attempt*; None: give up.

        *chance* is a random number in [0, 1). What the server asked for,
        *retry_after*, is waited in addition, so that its clients do not all come back
        at once. A pause that does not end before the *remaining* time gives up.
        """
        if self.attempts is not None and attempt >= self.attempts:
            return None
        server_pause = retry_after or 0.0
        if server_pause > self.longest_retry_after:
            return None
        pause = chance * self.ceiling(attempt) + server_pause
        return pause if pause < remaining else None
