"""The wheel: the same bytes from any copy of the tree, and nothing but the product."""

import os
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from infra.release import wheel
from infra.release.wheel import ROOT, ReleaseError

SOURCES = ("incidents", "tray_app", "pyproject.toml", "docs/package.md", "LICENSE")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel.build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def metadata(made: Path) -> Message:
    (name,) = (name for name in wheel.names(made) if name.endswith("/METADATA"))
    with zipfile.ZipFile(made) as archive:
        return message_from_bytes(archive.read(name))


def test_another_folder_other_times_and_modes_make_the_same_bytes(
    made: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "elsewhere"
    copy.mkdir()
    for name in SOURCES:
        source = ROOT / name
        ignored = shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=ignored)
        else:
            (copy / name).parent.mkdir(exist_ok=True)
            shutil.copy(source, copy / name)
    for path in copy.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o600)

    again = wheel.build(tmp_path, copy)

    assert wheel.sha256(again) == wheel.sha256(made)


def test_it_holds_our_two_packages_and_nothing_else(made: Path) -> None:
    wheel.check_contents(made)


def test_what_does_not_belong_is_found(made: Path, tmp_path: Path) -> None:
    larger = tmp_path / made.name
    shutil.copy(made, larger)
    with zipfile.ZipFile(larger, "a") as archive:
        archive.writestr("simulator/world.py", "")

    with pytest.raises(ReleaseError, match="simulator/world"):
        wheel.check_contents(larger)


def test_it_starts_one_command_and_says_its_licence(
    made: Path, metadata: Message
) -> None:
    with zipfile.ZipFile(made) as archive:
        (points,) = (n for n in archive.namelist() if n.endswith("entry_points.txt"))
        commands = archive.read(points).decode().split()

    assert commands == [
        "[console_scripts]",
        "incident-tray",
        "=",
        "tray_app.__main__:main",
    ]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.names(made))


def test_its_description_needs_no_repository_around_it(metadata: Message) -> None:
    page = (ROOT / "docs" / "package.md").read_bytes()

    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload(decode=True) == page
    assert b"](" not in page


@pytest.mark.parametrize("missing", ["platformdirs", "pydantic", "PIL"])
def test_without_its_extra_the_program_says_in_a_line_what_to_install(
    missing: str,
) -> None:
    script = (
        f"import sys; sys.modules[{missing!r}] = None;"
        "from tray_app.__main__ import main; main()"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script, "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f"incident-tray: {missing} is missing")
    assert ran.stderr.count("\n") == 1
