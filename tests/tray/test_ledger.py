"""The ledger: a crash anywhere repeats into the same notification, and loses none."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.feeds import FeedId
from incidents.follow import Position
from tests.tray.desk import NOW, TEAM, WATCHED, incident, news, rows, state
from tray_app.ledger import history
from tray_app.ledger.file import LedgerDamagedError, LedgerError, LedgerFullError
from tray_app.ledger.journal import Journal
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import FeedStep, Step
from tray_app.model.output import Output
from tray_app.model.state import ProblemKind
from tray_app.policy.decide import decide
from tray_app.present.wording import worded


class Cut(BaseException):
    """The power is cut."""


def step(seq: int, epoch: str = "e", *, anew: bool = False) -> Step:
    """The step that takes in change number *seq*: an incident of its own."""
    one = incident(f"i{seq}", severity="error")
    memory = replace(WATCHED, seen_at=NOW)
    known = state(one)
    decision = decide(memory, [news(None, one, seq=seq)], known, now=NOW)
    output = worded(decision, known, NOW)
    return Step(
        at=NOW + timedelta(seconds=seq),
        output=output,
        feeds={
            TEAM: FeedStep(
                position=Position(cursor=seq, epoch=epoch),
                puts={one.id: one},
                replace_all=anew,
            )
        },
    )


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    taken = step(1)
    with Ledger(tmp_path / "l.db") as ledger:
        ledger.accept(taken)
    with Ledger(tmp_path / "l.db") as ledger:
        held = ledger.feeds()[TEAM]
        assert held.position == Position(cursor=1, epoch="e")
        assert held.incidents == taken.feeds[TEAM].puts
        assert ledger.memory() == taken.output.memory
        assert ledger.waiting() == list(taken.output.tell)


def test_what_has_ended_is_not_held(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.db") as ledger:
        ledger.accept(step(1))
        ledger.accept(step(2))
        one = next(iter(step(1).feeds[TEAM].puts))
        moved = FeedStep(
            position=Position(cursor=3, epoch="e"), deletes=frozenset({one})
        )
        gone = Step(at=NOW, output=Output(memory=WATCHED), feeds={TEAM: moved})

        ledger.accept(gone)

        assert ledger.feeds()[TEAM].incidents == step(2).feeds[TEAM].puts


def test_taking_a_step_twice_is_taking_it_once(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.db") as ledger:
        assert ledger.accept(step(1)) == frozenset()
        ledger.shown("TEAM#ops:1")
        assert ledger.accept(step(1)) == {"TEAM#ops:1"}
        assert ledger.waiting() == []
        assert rows(ledger.path, "SELECT count(*) FROM change") == [(1,)]


def test_what_is_replaced_or_taken_back_before_it_was_shown_is_not_shown(
    tmp_path: Path,
) -> None:
    with Ledger(tmp_path / "l.db") as ledger:
        ledger.accept(step(1))
        ledger.accept(
            Step(at=NOW, output=Output(memory=WATCHED, withdraw=("incident:i1",)))
        )
        assert ledger.waiting() == []
        assert rows(ledger.path, "SELECT state, reason FROM told") == [
            ("withdrawn", "overtaken")
        ]


def test_a_step_taken_twice_takes_back_nothing_that_still_waits(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "l.db", NOW)
    for taken in (step(1), step(1)):
        journal.accept(taken, whole)

    assert [one.id for one in journal.waiting] == ["TEAM#ops:1"]
    journal.close()
    with Ledger(tmp_path / "l.db") as ledger:
        assert [one.id for one in ledger.waiting()] == ["TEAM#ops:1"]


def test_an_old_step_taken_again_takes_back_nothing_that_came_since(
    tmp_path: Path,
) -> None:
    old = step(1)
    old = replace(old, output=replace(old.output, withdraw=("incident:i2",)))
    journal = Journal(tmp_path / "l.db", NOW)
    for taken in (old, step(2), old):
        journal.accept(taken, whole)

    assert [one.id for one in journal.waiting] == ["TEAM#ops:1", "TEAM#ops:2"]
    journal.close()


def test_a_new_epoch_tells_the_same_sequences_again(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.db") as ledger:
        ledger.accept(step(1))
        ledger.shown("TEAM#ops:1")
        anew = Step(
            at=NOW,
            output=Output(memory=WATCHED),
            feeds={
                TEAM: FeedStep(position=Position(cursor=0, epoch="f"), replace_all=True)
            },
        )
        ledger.accept(anew)
        assert ledger.feeds()[TEAM].incidents == {}

        assert ledger.accept(step(1, "f")) == frozenset()
        assert [one.id for one in ledger.waiting()] == ["TEAM#ops:1"]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cuts=st.lists(st.integers(1, 60), max_size=12))
def test_cut_between_any_two_statements_each_is_told_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    path = tmp_path_factory.mktemp("cut") / "l.db"
    desktop: dict[str, str] = {}
    left = list(cuts)

    while True:
        try:
            with Ledger(path) as ledger, cutting(ledger, left.pop(0) if left else None):
                run(ledger, desktop)
        except Cut:
            continue
        break

    assert desktop == {f"TEAM#ops:{seq}": f"incident:i{seq}" for seq in range(1, 6)}
    with Ledger(path) as ledger:
        assert ledger.waiting() == []
        assert rows(ledger.path, "SELECT seq FROM change ORDER BY seq") == [
            (seq,) for seq in range(1, 6)
        ]


def run(ledger: Ledger, desktop: dict[str, str]) -> None:
    """Tell what waits, then take in what there still is of five changes."""
    tell(ledger, desktop)
    held = ledger.feeds().get(TEAM)
    for seq in range((held.position.cursor if held else 0) + 1, 6):
        ledger.accept(step(seq))
        tell(ledger, desktop)


def tell(ledger: Ledger, desktop: dict[str, str]) -> None:
    """Show what waits: the same id in the same place is the same notification."""
    for one in ledger.waiting():
        desktop[one.id] = one.key
        ledger.shown(one.id)


@contextmanager
def cutting(ledger: Ledger, after: int | None) -> Iterator[None]:
    """Cut the power *after* so many statements; what is not committed is lost."""
    count = 0

    def statement(_: str) -> None:
        nonlocal count
        count += 1

    def progress() -> int:
        return int(after is not None and count > after)

    with ledger.reading() as db:
        db.set_trace_callback(statement)
        db.set_progress_handler(progress, 1)
    try:
        yield
    except LedgerFullError as error:
        raise Cut from error
    finally:
        db.set_progress_handler(None, 0)


@pytest.mark.parametrize(
    "damage",
    [b"not a database at all, but text" * 40, b"SQLite format 3\0" + b"x" * 90],
)
def test_a_damaged_file_is_set_aside_and_made_anew_and_said_so(
    tmp_path: Path, damage: bytes
) -> None:
    path = tmp_path / "l.db"
    path.write_bytes(damage)
    with pytest.raises(LedgerDamagedError):
        Ledger(path)

    journal = Journal(path, NOW)

    assert journal.feeds == {}
    assert journal.rebuilt is not None
    assert journal.rebuilt.kind is ProblemKind.LEDGER_REBUILT
    (aside,) = tmp_path.glob("l.db.damaged-*")
    assert aside.read_bytes() == damage
    journal.close()


def test_the_tray_looks_for_damage_everywhere_and_a_command_where_it_reads(
    tmp_path: Path,
) -> None:
    path = tmp_path / "l.db"
    with Ledger(path) as ledger:
        ledger.put("snoozes", "{}")
        ledger.accept(step(1))
    content = bytearray(path.read_bytes())
    with Ledger(path) as ledger, ledger.reading() as db:
        (page,) = db.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'change'"
        ).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(content)

    with Ledger(path, check=False) as ledger:
        assert ledger.get("snoozes") == "{}"
        with pytest.raises(LedgerDamagedError):
            history.recent(ledger)
    with pytest.raises(LedgerDamagedError):
        Ledger(path)


def test_rows_that_cannot_be_read_are_damage_too(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    with Ledger(path) as ledger:
        ledger.accept(step(1))
        with ledger.writing() as db:
            db.execute("UPDATE incident SET body = '{}'")

    journal = Journal(path, NOW)

    assert journal.rebuilt is not None
    journal.close()


def test_a_ledger_of_a_newer_version_is_refused_and_left_as_it_is(
    tmp_path: Path,
) -> None:
    path = tmp_path / "l.db"
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version=99")
    newer.close()

    with pytest.raises(LedgerError, match="newer version") as refused:
        Ledger(path)

    assert not isinstance(refused.value, LedgerDamagedError)


def whole() -> dict[FeedId, FeedStep]:
    """All that is held: nothing."""
    return {}


def test_a_full_disk_is_said_and_nothing_is_lost_by_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "l.db", NOW)
    with journal._ledger.reading() as db:  # noqa: SLF001  # limits are a connection's own
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count={pages}")
    for seq in range(1, 60):
        journal.accept(step(seq), whole)

    assert journal.problem is not None
    assert journal.problem.kind is ProblemKind.DISK_FULL
    assert len(journal.waiting) == 59
    journal.settle(journal.waiting[0])
    db.execute("PRAGMA max_page_count=100000")
    journal.flush(NOW, whole)

    assert journal.problem is None
    assert rows(journal.path, "SELECT count(*) FROM change") == [(59,)]
    assert rows(journal.path, "SELECT told FROM told WHERE state = 'shown'") == [
        ("TEAM#ops:1",)
    ]
    journal.close()


def test_damage_while_running_begins_a_new_ledger_with_all_that_is_known(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path / "l.db", NOW)
    journal.accept(step(1), whole)
    with Ledger(tmp_path / "l.db") as other, other.writing() as db:
        db.execute("DROP TABLE change")
    known = step(2).feeds

    journal.accept(step(2), lambda: known)
    journal.flush(NOW, whole)

    assert journal.rebuilt is not None
    assert rows(journal.path, "SELECT seq FROM change") == [(2,)]
    assert rows(journal.path, "SELECT cursor FROM feed") == [(2,)]
    journal.close()


def test_old_history_is_forgotten_and_what_waits_is_not(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.db") as ledger:
        ledger.accept(step(1))
        later = Step(at=NOW + timedelta(days=40), output=Output(memory=WATCHED))
        ledger.accept(later)

        assert rows(ledger.path, "SELECT count(*) FROM change") == [(0,)]
        assert len(ledger.waiting()) == 1


def test_another_process_may_write_and_is_noticed(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.db") as ours, Ledger(tmp_path / "l.db") as theirs:
        ours.put("ours", "1")
        assert not ours.changed()
        theirs.put("snoozes", "{}")

        assert ours.changed()
        assert not ours.changed()
        assert ours.get("snoozes") == "{}"


def test_a_notification_with_every_kind_of_button_survives(tmp_path: Path) -> None:
    told = step(1).output.tell[0]
    assert {type(one.intent).__name__ for one in told.buttons} == {
        "Act",
        "OpenIncident",
    }
    output = Output(
        memory=WATCHED,
        tell=(replace(told, id="x", body="\u202e<b>&\n\ud7ff", expires_after=8.0),),
    )
    with Ledger(tmp_path / "l.db") as ledger:
        ledger.accept(Step(at=NOW, output=output))

        assert ledger.waiting() == list(output.tell)


def test_only_the_person_may_read_the_folder(tmp_path: Path) -> None:
    with Ledger(tmp_path / "own" / "l.db"):
        assert (tmp_path / "own").stat().st_mode & 0o077 == 0
