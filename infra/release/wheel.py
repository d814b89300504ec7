"""Build the wheel, and check its content."""

import hashlib
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("incidents", "tray_app")
BUILDER = ROOT / "infra" / "tools" / "hatchling.txt"
"""What builds the wheel, with the hash of each file."""
_EPOCH = "1577836800"
"""The time that files in the wheel bear, as reproducible-builds.org has it."""


class ReleaseError(Exception):
    """The release has an error; the text names it."""


def require(true: object, otherwise: str) -> None:
    """Raise ReleaseError with the text *otherwise* unless *true*."""
    if not true:
        raise ReleaseError(otherwise)


def build(folder: Path, source: Path = ROOT) -> Path:
    """Build the wheel of *source* into *folder*; return it. Raises ReleaseError."""
    with tempfile.TemporaryDirectory(prefix="wheel-") as scratch:
        uv(
            *("build", "--quiet", "--wheel", f"--out-dir={scratch}"),
            *(f"--build-constraints={BUILDER}", "--require-hashes", str(source)),
        )
        (made,) = Path(scratch).glob("*.whl")
        target = folder / made.name
        target.write_bytes(made.read_bytes())
    return target


def names(wheel: Path) -> list[str]:
    """Return the files in *wheel*, sorted."""
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


def check_contents(wheel: Path) -> None:
    """Raise ReleaseError unless *wheel* contains exactly our modules."""
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix == ".py" or path.name == "py.typed"
    }
    packaged = {name for name in names(wheel) if ".dist-info/" not in name}
    require(
        packaged == expected,
        f"in one alone, tree or wheel: {sorted(packaged ^ expected)}",
    )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def uv(*arguments: str) -> str:
    """Run the checkout's uv; return what it prints. Raises ReleaseError."""
    settings = {"UV_LINK_MODE": "copy", "SOURCE_DATE_EPOCH": _EPOCH}
    return run([str(ROOT / ".venv" / "bin" / "uv"), *arguments], ROOT, settings)


def run(
    command: Sequence[str], folder: Path, settings: Mapping[str, str] | None = None
) -> str:
    """Run *command* in *folder*; return what it prints. Raises ReleaseError."""
    result = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(settings or {})},  # noqa: TID251  # a child's environment
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        said = (result.stdout + result.stderr).strip()
        raise ReleaseError(f"{' '.join(command[:3])} failed:\n{said[-4000:]}")
    return result.stdout
