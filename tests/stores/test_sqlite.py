"""What can happen to a file on a person's disk."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from incidents.errors import (
    AccessDeniedError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    StoreNewerError,
    StoreUnavailableError,
)
from incidents.feeds import SCHEMA, SyncStatus, expiry
from incidents.stores.sqlite import file as sqlite_file
from incidents.stores.sqlite.file import SqliteFile, set_aside
from incidents.stores.sqlite.store import SqliteStore
from incidents.stores.sqlite.tables import FEEDS
from tests.stores.examples import ALICE, NOW, baseline, changed, following, incident

BEGIN = baseline(incident("a"))
STEP = following(BEGIN, changed(None, incident("b")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feeds.db"


def opened(path: Path) -> SqliteStore:
    return SqliteStore(path, clock=lambda: NOW)


def test_what_was_kept_is_there_when_it_is_opened_again(path: Path) -> None:
    with opened(path) as store:
        store.commit(BEGIN)
        store.begin_write("s1")

    with opened(path) as store:
        assert store.head(ALICE) == BEGIN.head
        assert store.status() == SyncStatus(writer="s1")


def test_it_can_be_read_while_another_process_writes(path: Path) -> None:
    with opened(path) as writer, opened(path) as reader:
        writer.commit(BEGIN)
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            assert reader.head(ALICE) == BEGIN.head
            other.execute("ROLLBACK")
        other.close()


def test_what_was_told_of_outlasts_a_power_cut(path: Path) -> None:
    file = SqliteFile(path, FEEDS)

    with file.reading() as db:
        (synchronous,) = db.execute("PRAGMA synchronous").fetchone()
        (mode,) = db.execute("PRAGMA journal_mode").fetchone()
    file.close()

    # https://sqlite.org/pragma.html#pragma_synchronous: 2 is FULL.
    assert (synchronous, mode) == (2, "wal")


def test_a_file_that_is_no_database_is_said_to_be_set_aside(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)

    with pytest.raises(StoreDamagedError, match="set it aside"):
        opened(path)


def test_a_broken_file_is_said_to_be_set_aside(path: Path) -> None:
    with opened(path) as store:
        store.commit(BEGIN)
        store.commit(STEP)
    content = bytearray(path.read_bytes())
    content[1024:] = b"\xff" * (len(content) - 1024)
    path.write_bytes(content)

    with pytest.raises(StoreDamagedError, match="set it aside"):
        _use(path)


def _use(path: Path) -> None:
    with opened(path) as store:
        store.commit(BEGIN)
        store.state(ALICE)
        store.rows(ALICE, 0)


def test_a_row_that_is_not_ours_is_said_to_be_damaged(path: Path) -> None:
    with opened(path) as store:
        store.commit(BEGIN)
        with sqlite3.connect(path) as other:
            other.execute("UPDATE heads SET head = 'nonsense'")
        other.close()

        with pytest.raises(StoreDamagedError):
            store.head(ALICE)


def test_a_damaged_file_can_be_set_aside_and_made_anew(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreDamagedError):
        opened(path)

    aside = set_aside(path, NOW)

    assert aside.read_bytes().startswith(b"no database")

    _use(path)


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    other.close()
    before = path.read_bytes()

    with pytest.raises(StoreNewerError, match="upgrade"):
        opened(path)

    assert path.read_bytes()[:60] == before[:60]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreMissingError, match="nowhere"):
        opened(tmp_path / "nowhere" / "feeds.db")


def test_a_full_disk_leaves_what_was_there(path: Path) -> None:
    many = [incident(f"{number}" + "x" * 800) for number in range(40)]
    with opened(path) as store:
        store.commit(BEGIN)
        (pages,) = _ask(store, "PRAGMA page_count")
        _ask(store, f"PRAGMA max_page_count = {pages}")

        with pytest.raises(StoreUnavailableError, match="full disk"):
            store.commit(following(BEGIN, *(changed(None, one) for one in many)))

        assert store.head(ALICE) == BEGIN.head
        assert store.rows(ALICE, 0) == []
        _ask(store, "PRAGMA max_page_count = 100000")
        store.commit(STEP)
        assert [row.seq for row in store.rows(ALICE, 0)] == [1]


def test_a_file_that_may_not_be_written_is_said_to_be_so(path: Path) -> None:
    with opened(path) as store:
        # As root every file may be written; this is what SQLite answers otherwise.
        _ask(store, "PRAGMA query_only = ON")

        with pytest.raises(AccessDeniedError, match="rights"):
            store.commit(BEGIN)


def _ask(store: SqliteStore, question: str) -> tuple[int]:
    connection = store._file._db  # noqa: SLF001  # limits are a connection's own
    answer: tuple[int] = connection.execute(question).fetchone()
    return answer


def test_another_program_that_keeps_it_locked_is_waited_for_and_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "_BUSY_TIMEOUT", 0.05)
    with opened(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreUnavailableError, match="another program"):
            store.commit(BEGIN)

        other.execute("ROLLBACK")
        other.close()
        store.commit(BEGIN)


def test_a_store_that_was_closed_refuses(path: Path) -> None:
    store = opened(path)
    store.close()

    with pytest.raises(StoreError):
        store.status()


def test_changes_end_with_their_day_after_the_retention(path: Path) -> None:
    now = NOW
    with SqliteStore(path, retention=timedelta(days=2), clock=lambda: now) as store:
        store.commit(BEGIN)
        store.commit(STEP)
        third = following(STEP, changed(None, incident("c")), writer="s3")
        now = expiry(NOW.date(), timedelta(days=2)) - timedelta(seconds=1)
        store.commit(third)
        assert [row.seq for row in store.rows(ALICE, 0)] == [1, 2]

        now = expiry(NOW.date(), timedelta(days=2))
        store.commit(following(third, writer="s4"))

        assert store.rows(ALICE, 0) == []
        assert set(store.state(ALICE).incidents) == {"a", "b", "c"}
