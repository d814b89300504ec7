"""
What is released, as a stranger would get it: `make release-check`.

The wheel and the function's package are built twice and must be the same bytes; the
wheel alone is installed into a fresh environment, and the product is used from there
until it has told an incident of the simulator. No account; no network but for package
registries.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.package import build
from infra.release import sbom, wheel
from infra.release.stranger import CONSTRAINTS, Stranger
from infra.release.wheel import ROOT, ReleaseError, require, run, sha256

RELEASE = ROOT / "build" / "release"
SHIPPED = ("httpx", "pydantic", "boto3", "pystray", "aws-lambda-powertools")
"""Packages that the SBOM must contain."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the release and print the steps; return the exit code."""
    parser = argparse.ArgumentParser(description="Build a release, and try it out.")
    parser.add_argument(
        "--python",
        default=sys.executable,
        metavar="PYTHON",
        help="what the wheel is tried on; default: the checkout's own",
    )
    args = parser.parse_args(arguments)
    shutil.rmtree(RELEASE, ignore_errors=True)
    RELEASE.mkdir(parents=True)
    try:
        with tempfile.TemporaryDirectory(prefix="release-") as scratch:
            check(Path(scratch), args.python, print)
    except (ReleaseError, build.BuildError) as error:
        print(f"check.py: {error}", file=sys.stderr)
        return 1
    return 0


def check(scratch: Path, python: str, say: Callable[[str], None]) -> None:
    """Build everything and try it. Raises ReleaseError at the first error."""
    made = _twice("wheel", scratch, wheel.build, say)
    wheel.check_contents(made)
    say(f"wheel: {len(wheel.names(made))} files, only what it should hold")
    _twice("package", scratch, _package, say)
    say(f"SBOM: {_sbom()} parts")
    shutil.copy(CONSTRAINTS, RELEASE)
    with Stranger(made, python) as stranger:
        say(f"without its extra: {stranger.install_without_extra()}")
        say(f"installed alone: {stranger.install()}")
        say(f"version: {stranger.version()}")
        say(f"doctor: {stranger.doctor()}")
        say(f"desktop: {stranger.desktop()}")
        say(f"solo: {stranger.solo()}")
    say(f"released: {', '.join(sorted(path.name for path in RELEASE.iterdir()))}")


def _twice(
    what: str,
    scratch: Path,
    make: Callable[[Path], Path],
    say: Callable[[str], None],
) -> Path:
    """Build twice; return one. Raises ReleaseError if the two differ."""
    first, second = make(RELEASE), make(scratch)
    require(sha256(first) == sha256(second), f"the {what} is not the same bytes twice")
    say(f"{what}: {first.name}, twice {sha256(first)}")
    return first


def _package(folder: Path) -> Path:
    target = folder / "function.zip"
    run([sys.executable, str(ROOT / "infra/package/build.py"), f"--zip={target}"], ROOT)
    return target


def _sbom() -> int:
    """Write the SBOM; return the number of its components."""
    target = RELEASE / "sbom.json"
    sbom.write(target)
    parts = {
        component["name"] for component in json.loads(target.read_text())["components"]
    }
    require(parts.issuperset(SHIPPED), f"the SBOM lacks {set(SHIPPED) - parts}")
    return len(parts)


if __name__ == "__main__":
    sys.exit(main())
