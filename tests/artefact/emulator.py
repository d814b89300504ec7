"""AWS's own Runtime Interface Emulator, fetched once for all workers."""

import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from benchmarks.packaged import CACHE, ROOT, alone

_SAM = "aws-sam-cli==1.170.0"
_PROCESSOR = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def emulator() -> Path:
    """Find AWS's own Runtime Interface Emulator; it is in the wheel of SAM's CLI."""
    name = f"samcli/local/rapid/aws-lambda-rie-{_PROCESSOR}"
    for tools in (ROOT / "build" / "tools").glob("sam/lib/python3*/site-packages"):
        if (tools / name).exists():
            return tools / name
    program = CACHE / f"rie-{_SAM}"
    with alone(program) as missing:
        if missing:
            downloads = CACHE / "downloads"
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "-q", "--no-deps",
                 "--disable-pip-version-check", f"--dest={downloads}", _SAM],
                check=True,
            )  # fmt: skip
            (wheel,) = downloads.glob("aws_sam_cli-*.whl")
            new = program.with_suffix(".new")
            with zipfile.ZipFile(wheel) as archive, archive.open(name) as source:
                new.write_bytes(source.read())
            new.chmod(0o755)
            new.rename(program)
            shutil.rmtree(downloads)
    return program
