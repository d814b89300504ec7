"""What an answer may hold follows from the memory there is."""

from pathlib import Path

import pytest

from lambda_fn.memory import answer_cap, memory_limit

MEGA = 1024 * 1024


@pytest.mark.parametrize(
    ("limit", "least", "most"),
    [(None, 64, 64), (128, 2, 2), (256, 5, 6), (512, 13, 14), (3008, 64, 64)],
)
def test_the_largest_answer_fits_into_the_memory(
    limit: int | None, least: int, most: int
) -> None:
    cap = answer_cap(None if limit is None else limit * MEGA)

    assert least * MEGA <= cap <= most * MEGA


def test_lambda_names_its_memory() -> None:
    environment = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256"}

    assert memory_limit(environment) == 256 * MEGA


@pytest.mark.parametrize(
    ("group", "file", "text", "limit"),
    [
        ("0::/a/b", "a/b/memory.max", "268435456", 256 * MEGA),
        ("0::/a/b", "a/b/memory.max", "max", None),
        ("0::/", "memory.max", "268435456", 256 * MEGA),
        ("6:memory:/f", "memory/f/memory.limit_in_bytes", "268435456", 256 * MEGA),
        ("6:memory:/f", "memory/f/memory.limit_in_bytes", "9223372036854771712", None),
        ("6:cpu:/f", "memory/f/memory.limit_in_bytes", "268435456", None),
    ],
)
def test_a_control_group_limits_it(
    group: str, file: str, text: str, limit: int | None, tmp_path: Path
) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(f"1:pids:/x\n{group}\n")
    where = tmp_path / "sys/fs/cgroup" / file
    where.parent.mkdir(parents=True)
    where.write_text(f"{text}\n")

    assert memory_limit({}, tmp_path) == limit


def test_without_any_limit_there_is_none(tmp_path: Path) -> None:
    assert memory_limit({}, tmp_path) is None
