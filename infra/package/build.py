"""
Build what runs on AWS: our two packages and their locked wheels, and nothing else.

    python3 infra/package/build.py --zip build/function.zip
    python3 infra/package/build.py --folder <where sam wants it>

Twice the same input is twice the same bytes. Needs Python 3.11+ and uv, nothing more.
"""

import argparse
import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("incidents", "lambda_fn")
PYTHON, PLATFORM = "3.13", "arm64"
"""The defaults of the template's runtime and architecture."""
PLATFORMS = {
    "arm64": "aarch64-manylinux2014",
    "x86_64": "x86_64-manylinux2014",
}
"""The architectures of Lambda, as uv calls them."""
HERE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
"""The architecture of this machine."""
_TASK_ROOT = "/var/task"
"""Where Lambda unpacks it: the paths in tracebacks."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEFT_BEHIND = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""Files that an installer writes about itself."""


class BuildError(Exception):
    """The package could not be built; the text says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build by the command line's arguments; return the exit code."""
    parser = argparse.ArgumentParser(description="Build the Lambda package.")
    parser.add_argument("--zip", type=Path, help="write a zip file here")
    parser.add_argument("--folder", type=Path, help="fill this folder")
    parser.add_argument(
        "--platform", choices=[*PLATFORMS, "here"], default=PLATFORM, help="of Lambda"
    )
    parser.add_argument("--python", default=PYTHON, help="the runtime's version")
    parser.add_argument(
        "--no-compile", action="store_true", help="sources alone: starts more slowly"
    )
    args = parser.parse_args(arguments)
    if not (args.zip or args.folder):
        parser.error("say --zip or --folder")
    target = HERE if args.platform == "here" else args.platform
    try:
        with tempfile.TemporaryDirectory(prefix="package-") as scratch:
            folder = Path(args.folder or scratch).resolve()
            fill(folder, PLATFORMS[target], args.python)
            compiled = not args.no_compile and compile_in(folder, args.python)
            if args.zip:
                pack(folder, args.zip)
                print(f"{args.zip}  {args.zip.stat().st_size:,} bytes")
            print(
                f"{digest(folder)}  for Python {args.python} on {target},"
                f" {'compiled' if compiled else 'not compiled'}"
            )
    except (BuildError, OSError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


def fill(folder: Path, target: str, version: str) -> None:
    """Fill the empty *folder* with the package. Raises BuildError."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BuildError(f"{folder} is not empty: name a new or empty folder.")
    with tempfile.TemporaryDirectory(prefix="package-") as scratch:
        locked = Path(scratch, "requirements.txt")
        locked.write_text(
            _uv(
                "export",
                "--frozen",
                "--extra=lambda",
                "--no-default-groups",
                "--no-emit-project",
                "--no-header",
                "--no-annotate",
            )
        )
        _uv(
            "pip",
            "install",
            f"--target={folder}",
            "--no-deps",
            "--require-hashes",
            "--only-binary=:all:",
            f"--python-version={version}",
            f"--python-platform={target}",
            f"--requirement={locked}",
        )
    shutil.rmtree(folder / "bin", ignore_errors=True)
    for path in list(folder.rglob("*")):
        noted = path.parent.suffix == ".dist-info" and path.name in _LEFT_BEHIND
        if noted or path == folder / ".lock":
            path.unlink()
    for package in OURS:
        _copy(ROOT / package, folder / package)


def _copy(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*.py")):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def compile_in(folder: Path, version: str) -> bool:
    """
    Compile everything in *folder*, if this machine has Python *version*.

    Lambda cannot keep what it compiles, so it would do it anew at each cold start.
    "Unchecked": the times in a zip mean nothing, and the sources never change.
    """
    python = interpreter(version)
    if python is None:
        return False
    _run(
        [
            str(python),
            "-m",
            "compileall",
            "-q",
            "--invalidation-mode=unchecked-hash",
            f"-s{folder}",
            f"-p{_TASK_ROOT}",
            str(folder),
        ],
        PYTHONHASHSEED="0",
    )
    return True


def interpreter(version: str) -> Path | None:
    """Return the path of Python *version* on this machine; None without one."""
    home = os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"  # noqa: TID251  # see `_run`
    candidates: list[str | Path | None] = [
        sys.executable,
        shutil.which(f"python{version}"),
        *sorted(Path(home, "versions").glob(f"{version}.*/bin/python{version}")),
    ]
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    for candidate in filter(None, candidates):
        # A candidate may be a shim that only says that the version is not installed.
        with contextlib.suppress(BuildError, OSError):
            if _run([str(candidate), "-I", "-c", ask]).strip() == version:
                return Path(str(candidate))
    return None


def pack(folder: Path, file: Path) -> None:
    """Zip *folder* into *file*, the same bytes for the same content."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in _files(folder):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())


def digest(folder: Path) -> str:
    """Return one SHA-256 over the names and bytes of all files."""
    content_hash = hashlib.sha256()
    for name, path in _files(folder):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        content_hash.update(f"{content}  {name}\n".encode())
    return content_hash.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _uv(*arguments: str) -> str:
    own_uv = ROOT / ".venv" / "bin" / "uv"
    program = own_uv if own_uv.exists() else shutil.which("uv")
    if program is None:
        raise BuildError("uv is needed: run `make setup`, or install uv.")
    return _run([str(program), *arguments], UV_LINK_MODE="copy")


def _run(command: Sequence[str], **settings: str) -> str:
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **settings},  # noqa: TID251  # a build is a program
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise BuildError(f"{' '.join(command[:3])} failed: {result.stderr.strip()}")
    return result.stdout


if __name__ == "__main__":
    sys.exit(main())
