"""How much memory there is, and how large an answer may be for it."""

from collections.abc import Mapping
from pathlib import Path

_MEGA = 1024 * 1024
_PROCESS = 96 * _MEGA
"""What the process takes before anything is listed, and a margin."""
_GROWTH = 30
"""Bytes of objects that a byte of JSON becomes at worst: `[]` and a comma."""
_LEAST, _MOST = 2 * _MEGA, 64 * _MEGA
_NO_LIMIT = 1 << 60
"""Control groups spell "no limit" as a number near 2**63."""


def answer_cap(limit: int | None) -> int:
    """Return how many bytes one answer may have where memory has this *limit*."""
    if limit is None:
        return _MOST
    return max(_LEAST, min(_MOST, (limit - _PROCESS) // _GROWTH))


def memory_limit(environment: Mapping[str, str], root: Path = Path("/")) -> int | None:
    """
    Find the limit of this process's memory in bytes; None where there is none.

    Lambda names it in the environment; elsewhere a control group may have one.
    """
    size = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    if size.isascii() and size.isdigit():
        return int(size) * _MEGA
    try:
        groups = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    limits = [limit for group in groups if (limit := _limit(group, root)) is not None]
    return min(limits, default=None)


def _limit(group: str, root: Path) -> int | None:
    """Read the limit of one line of `/proc/self/cgroup`: number, controllers, path."""
    _, _, rest = group.partition(":")
    controllers, _, path = rest.partition(":")
    if controllers and "memory" not in controllers.split(","):
        return None
    place = root / "sys/fs/cgroup" / ("memory" if controllers else "")
    name = "memory.limit_in_bytes" if controllers else "memory.max"
    file = place / path.strip("/") / name
    try:
        text = file.read_text(encoding="utf-8").strip()
    except OSError:
        return None
    limit = int(text) if text.isascii() and text.isdigit() else _NO_LIMIT
    return limit if limit < _NO_LIMIT else None
