"""
Put the tools of the AWS side where nothing else is disturbed: build/tools.

    python -m infra.tools.install sam checkov

Each has an environment of its own, from a lock file with hashes beside this one. What
is there already is used again, and several processes may ask at once.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from infra.package.build import PYTHON, interpreter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOOLS = ROOT / "build" / "tools"
NAMES = ("sam", "aws", "checkov", "ministack", "node", "iam", "audit")


class ToolError(Exception):
    """A tool could not be installed; the text says why."""


def main(names: Sequence[str]) -> int:
    """Install the tools *names*, by default all; return the exit code."""
    try:
        for name in names or [name for name in NAMES if name != "node"]:
            print(f"{name}\t{tool(name).relative_to(ROOT)}")
    except ToolError as error:
        print(f"install.py: {error}", file=sys.stderr)
        return 1
    return 0


def tool(name: str) -> Path:
    """
    Install the tool *name* unless it is there; return its folder.

    Raises:
        ToolError: If it is no tool of ours, or could not be installed.
    """
    if name not in NAMES:
        raise ToolError(f"there is no tool {name}: {', '.join(NAMES)}")
    if name == "iam":
        files = [HERE / "iam" / "package-lock.json", HERE / "iam" / "package.json"]
        return _once(name, files, "", _npm)
    python = str(python_of(name))
    return _once(name, [HERE / f"{name}.txt"], python, lambda to: _venv(to, python))


def program(name: str, command: str) -> Path:
    """Return the path of the *command* of the tool *name*. Raises ToolError."""
    return tool(name) / "bin" / command


def python_of(name: str) -> Path:
    """Return the interpreter of *name*: ministack runs functions on its own."""
    expected = interpreter(PYTHON) if name == "ministack" else None
    return expected or Path(sys.executable)


def node() -> Path:
    """Return node, from the PATH or else the package index. Raises ToolError."""
    path = shutil.which("node")
    return Path(path) if path and shutil.which("npm") else program("node", "node")


def _once(
    name: str, sources: Sequence[Path], extra: str, make: Callable[[Path], None]
) -> Path:
    """Make build/tools/*name* unless it was made from the same *sources*."""
    content = b"".join(path.read_bytes() for path in sources) + extra.encode()
    expected = hashlib.sha256(content).hexdigest()
    folder = TOOLS / name
    stamp = folder / ".made-from"
    with _alone(name):
        if not (stamp.exists() and stamp.read_text() == expected):
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            stamp.write_text(expected)
    return folder


@contextlib.contextmanager
def _alone(name: str) -> Iterator[None]:
    """Lock the tool *name*, so that test processes do not install it twice."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _venv(folder: Path, python: str) -> None:
    uv = str(ROOT / ".venv" / "bin" / "uv")
    name = folder.name
    _run([uv, "venv", "--quiet", "--python", python, str(folder)])
    _run(
        [
            uv,
            "pip",
            "sync",
            "--quiet",
            "--require-hashes",
            "--compile-bytecode",
            "--python",
            str(folder / "bin" / "python"),
            str(HERE / f"{name}.txt"),
        ],
        {"UV_LINK_MODE": "copy"},
    )


def _npm(folder: Path) -> None:
    shutil.copytree(HERE / "iam", folder)
    bin_ = node().parent
    path = f"{bin_}{os.pathsep}{os.environ.get('PATH', '')}"  # noqa: TID251  # a child's PATH
    _run(
        [str(bin_ / "npm"), "ci", "--ignore-scripts", "--prefix", str(folder)],
        {"PATH": path},
    )


def _run(command: Sequence[str], settings: Mapping[str, str] | None = None) -> None:
    environment = {**os.environ, **(settings or {})}  # noqa: TID251  # a child's environment
    # Whoever runs us may have said where the project's environment is: not here.
    environment.pop("UV_PROJECT_ENVIRONMENT", None)
    environment.pop("VIRTUAL_ENV", None)
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise ToolError(f"{' '.join(command[:3])} failed: {result.stderr.strip()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
