"""Our files are closed to others by their own mode, whatever was there before."""

import os
import resource
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidents.coralogix.http.key import forbid_core_dumps
from tray_app.app import logs
from tray_app.cli import doctor, setup
from tray_app.desktop.autostart import FileAutostart
from tray_app.desktop.instance import LOCK, SOCKET, claim
from tray_app.desktop.notifications.notification_ids import NotificationIds
from tray_app.ledger.file import open_file
from tray_app.settings import paths, private
from tray_app.settings.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
LOGGING = """
import sys
from pathlib import Path
from tray_app.app import logs
import logging
logs.start(Path(sys.argv[1]))
logging.getLogger("tray_app").warning("a line")
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that was there before, open to everybody, as the umask is."""
    before = os.umask(0)
    folder = tmp_path / "home"
    folder.mkdir(mode=0o777)
    monkeypatch.setenv(paths.HOME, str(folder))
    monkeypatch.delenv(paths.CONFIG, raising=False)
    yield folder
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the rights that others have, by name, where they have any."""
    return {
        path.name: rights
        for path in (folder, *folder.rglob("*"))
        if (rights := stat.S_IMODE(path.stat().st_mode) & 0o077)
    }


def write_all(home: Path, bundle: Path) -> None:
    """Write every file of ours, each as its own part does."""
    setup.write(paths.settings_file(), Settings(uid="alice"))
    setup.write(paths.settings_file(), Settings(uid="bob"))  # and `.before`
    file = open_file(paths.ledger_file())
    NotificationIds(paths.notification_ids_file()).write("server", {"key": 1})
    FileAutostart(home / "config" / "autostart" / "tray.desktop").enable(["tray"])
    log = [sys.executable, "-c", LOGGING, str(paths.log_folder())]
    subprocess.run(log, cwd=ROOT, check=True)
    doctor.write_bundle(bundle, [])
    instance = claim(paths.runtime_folder(), pytest.fail)
    assert instance is not None
    try:
        names = {path.name for path in home.rglob("*")}
        assert names >= {
            *("settings.toml", "settings.toml.before", "notifications.json"),
            *("ledger.db", "ledger.db-wal", "ledger.db-shm", "tray.desktop"),
            *(logs.NAME, LOCK, SOCKET),
        }
        assert modes(home) == {}
    finally:
        instance.release()
        file.close()


def test_every_file_is_closed_under_an_open_umask_in_an_open_folder(
    home: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.zip"

    write_all(home, bundle)

    assert stat.S_IMODE(bundle.stat().st_mode) == private.FILE
    assert "settings.toml" in zipfile.ZipFile(bundle).namelist()


def test_what_was_open_before_is_closed(home: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    write_all(home, bundle)
    with sqlite3.connect(paths.ledger_file()) as db:
        db.execute("PRAGMA user_version")  # leaves -wal and -shm while it is open
        for path in (bundle, home, *home.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        (home / "config" / "autostart").chmod(0o700)
        (home / "config").chmod(0o700)

        write_all(home, bundle)

    assert stat.S_IMODE(bundle.stat().st_mode) == private.FILE


def test_a_tray_that_starts_closes_what_only_a_person_writes(home: Path) -> None:
    settings = home / "settings.toml"
    settings.write_text("")
    assert settings.stat().st_mode & 0o077
    assert doctor.own_files().text == f"{home} is open to others"

    paths.make_private()

    assert modes(home) == {}
    assert doctor.own_files().text == "they are closed to others"


def test_a_folder_that_is_shared_by_design_stays_so(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)

    private.make_folder(shared)

    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


def test_what_was_half_written_is_never_in_place(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    (tmp_path / "file.new").write_text("of a crash")

    private.write_text(path, "after")

    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


def test_a_command_s_memory_is_never_written_to_a_file() -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        forbid_core_dumps()
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
