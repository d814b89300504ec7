"""One ledger has one tray, whatever runtime folder or machine it was started on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.desktop.waiting import until
from tray_app.ledger import lease
from tray_app.ledger.lease import Holder, Lease, claim, holder

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _claim(folder: Path, runtime: str) -> Lease | Holder:
    return claim(folder / "ledger.db", folder / runtime, NOW, lambda: None)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Lease]:
    claimed = _claim(tmp_path, "one")
    assert isinstance(claimed, Lease)
    yield claimed
    claimed.release()


def _elsewhere(folder: Path) -> Holder:
    """Write the lease of a process of another machine."""
    path = folder / "ledger.lease"
    other = replace(
        Holder(**json.loads(path.read_text(encoding="utf-8"))),
        host="office",
        boot="another",
        token="theirs",
    )
    path.write_text(json.dumps(asdict(other)), encoding="utf-8")
    return other


def test_a_second_runtime_folder_gives_no_second_tray(
    held: Lease, tmp_path: Path
) -> None:
    other = _claim(tmp_path, "two")

    assert isinstance(other, Holder)
    assert (other.pid, other.folder) == (os.getpid(), f"{tmp_path / 'one'}")
    assert holder(tmp_path / "ledger.db") == other
    held.release()
    assert holder(tmp_path / "ledger.db") is None


def test_a_killed_process_leaves_no_lease_that_holds(tmp_path: Path) -> None:
    program = (
        "import sys, datetime, pathlib; from tray_app.ledger.lease import claim;"
        "p = pathlib.Path(sys.argv[1]);"
        "claim(p / 'ledger.db', p, datetime.datetime.now(), lambda: None);"
        "print('claimed', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, f"{tmp_path}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "claimed\n"
        assert isinstance(_claim(tmp_path, "one"), Holder)
        other.kill()
    mine = _claim(tmp_path, "one")
    assert isinstance(mine, Lease)
    mine.release()


@pytest.mark.usefixtures("held")
def test_a_lease_of_another_machine_ends_when_it_is_not_renewed(
    tmp_path: Path,
) -> None:
    other = _elsewhere(tmp_path)
    assert holder(tmp_path / "ledger.db") == other

    old = (tmp_path / "ledger.lease").stat().st_mtime - lease.EXPIRY - 1
    os.utime(tmp_path / "ledger.lease", (old, old))

    assert holder(tmp_path / "ledger.db") is None
    mine = _claim(tmp_path, "two")
    assert isinstance(mine, Lease)
    mine.release()


def test_who_was_taken_over_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "RENEWAL", 0.01)
    lost: list[bool] = []
    mine = claim(tmp_path / "ledger.db", tmp_path, NOW, lambda: lost.append(True))
    assert isinstance(mine, Lease)
    other = _elsewhere(tmp_path)

    until(lambda: bool(lost))

    mine.release()
    assert holder(tmp_path / "ledger.db") == other


def test_a_torn_lease_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "ledger.lease").write_text('{"host', encoding="utf-8")

    mine = _claim(tmp_path, "one")

    assert isinstance(mine, Lease)
    mine.release()
