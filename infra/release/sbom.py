"""
List what is shipped as CycloneDX 1.5, with hashes and licences: `make sbom`.

uv lists the parts from the lock file; the hashes of their files come from there, too,
the licences from what is installed. A part for another system is not installed, so its
licence is the one that `FOREIGN` names.
"""

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TypedDict

from infra.release.wheel import ROOT, require, uv

FOREIGN: Mapping[str, str] = {
    "backports-tarfile": "MIT",
    "importlib-metadata": "Apache-2.0",
    "lazy-importer": "MIT",
    "pyobjc-core": "MIT",
    "pyobjc-framework-cocoa": "MIT",
    "pyobjc-framework-quartz": "MIT",
    "pywin32-ctypes": "BSD-3-Clause",
    "rubicon-objc": "BSD-3-Clause",
    "winrt-runtime": "MIT",
    "winrt-windows-applicationmodel-core": "MIT",
    "winrt-windows-data-xml-dom": "MIT",
    "winrt-windows-foundation": "MIT",
    "winrt-windows-foundation-collections": "MIT",
    "winrt-windows-ui-notifications": "MIT",
    "zipp": "MIT",
}
"""Licences of parts that only some systems and Pythons install, from their metadata."""


class _File(TypedDict, total=False):
    url: str
    hash: str


class _Package(TypedDict, total=False):
    name: str
    version: str
    wheels: list[_File]
    sdist: _File


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the list to the file that *arguments* name. Returns the exit code."""
    (target,) = map(Path, sys.argv[1:] if arguments is None else arguments)
    target.parent.mkdir(parents=True, exist_ok=True)
    print(f"{write(target)} parts")
    return 0


def write(target: Path) -> int:
    """
    Write the list to *target*; return how many parts it has.

    Raises:
        ReleaseError: If uv fails, or a part has no hash or no licence.
    """
    uv(
        *("export", "--quiet", "--frozen", "--no-dev", "--extra=tray"),
        *("--extra=lambda", "--format=cyclonedx1.5", f"--output-file={target}"),
    )
    bom = json.loads(target.read_text())
    locked = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    packages: Mapping[tuple[str, str], _Package] = {
        (one["name"], one["version"]): one for one in locked
    }
    for part in bom["components"]:
        files = hashes(packages[part["name"], part["version"]])
        name = licence(part["name"])
        require(files, f"the lock file has no hash of {part['name']}")
        require(name, f"nobody knows the licence of {part['name']}: add it to FOREIGN")
        part["hashes"] = [{"alg": "SHA-256", "content": one} for one in files]
        part["licenses"] = [{"license": {"name": name}}]
    target.write_text(json.dumps(bom, indent=2) + "\n")
    return len(bom["components"])


def hashes(package: _Package) -> list[str]:
    """Return the SHA-256 of every file of *package*, in hex."""
    files = [*package.get("wheels", []), package.get("sdist", _File())]
    return [one["hash"].removeprefix("sha256:") for one in files if "hash" in one]


def licence(name: str) -> str:
    """Return the licence that the installed *name* declares, or `FOREIGN`'s; or ""."""
    try:
        declared = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return FOREIGN.get(name, "")
    classifiers = [
        one.rsplit(" :: ", 1)[1]
        for one in declared.get_all("Classifier", [])
        if one.startswith("License ::")
    ]
    (expression, *_) = declared.get_all("License-Expression", [""])
    (written, *_) = declared.get_all("License", [""])
    return expression or ", ".join(classifiers) or written.strip().partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
