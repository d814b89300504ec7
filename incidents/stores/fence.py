"""What a commit depends on, and how to tell that it was taken (ADR 0003)."""

from incidents.errors import ConflictError
from incidents.feeds import MAX_ACTIONS, Commit, Head


def stands(commit: Commit, current: Head | None) -> bool:
    """Whether the head *current* is still the one that *commit* builds on."""
    expected = commit.expected
    if current is None or expected is None:
        return current is expected
    return (current.epoch, current.rev) == (expected.epoch, expected.rev)


def is_taken(commit: Commit, current: Head | None) -> bool:
    """Whether the head *current* is the one that *commit* itself put there."""
    head = commit.head
    return current is not None and (current.epoch, current.rev, current.writer) == (
        head.epoch,
        head.rev,
        head.writer,
    )


def check_size(commit: Commit) -> None:
    """Raise ValueError if *commit* is too large for one transaction."""
    actions = 1 + len(commit.changes) + len(commit.puts) + len(commit.deletes)
    if actions > MAX_ACTIONS:
        raise ValueError(f"{actions} actions do not fit into one commit")


def closed_version(closing: Commit) -> int:
    """Return the registry's version by which *closing* closes its feed."""
    if closing.head.closed is None:
        raise ValueError("a commit that closes no feed")
    return closing.head.closed.registry


def conflict(current: Head | None) -> ConflictError:
    """Say that another writer's head, *current*, is there."""
    return ConflictError("Another sync got there first.", head=current)
