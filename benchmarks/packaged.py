"""Build the package, and the runtime that AWS adds, on this machine."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from infra.package import build

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "build" / "artefact"
UV = Path(sys.executable).with_name("uv")
_RIC = "awslambdaric==4.2.2"


def python() -> tuple[str, Path]:
    """Return version and path of the interpreter to run the package on."""
    interpreter = build.interpreter(build.PYTHON)
    if interpreter:
        return build.PYTHON, interpreter
    version = "{}.{}".format(*sys.version_info[:2])
    return version, Path(sys.executable).resolve()


def package(folder: Path, *arguments: str) -> str:
    """Build the package for this machine into *folder*; return what was printed."""
    version, _ = python()
    return subprocess.run(
        [
            sys.executable,
            build.__file__,
            f"--folder={folder}",
            "--platform=here",
            f"--python={version}",
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def runtime() -> Path:
    """Install the parts that Lambda adds: the runtime client and boto3."""
    version, interpreter = python()
    folder = CACHE / f"runtime-{version}-{_RIC}-{boto3.__version__}"
    with alone(folder) as missing:
        if missing:
            subprocess.run(
                [UV, "pip", "install", "-q", "--link-mode=copy", "--only-binary=:all:",
                 f"--target={folder}.new", f"--python={interpreter}",
                 _RIC, f"boto3=={boto3.__version__}"],
                check=True,
            )  # fmt: skip
            _compile(interpreter, Path(f"{folder}.new"))
            Path(f"{folder}.new").rename(folder)
    return folder


@contextmanager
def alone(made: Path) -> Iterator[bool]:
    """Lock out other workers; yield whether *made* must still be built."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with Path(CACHE, "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not made.exists()


def _compile(interpreter: Path, folder: Path) -> None:
    subprocess.run(
        [interpreter, "-m", "compileall", "-q", "--invalidation-mode=unchecked-hash",
         folder],
        check=True,
    )  # fmt: skip
