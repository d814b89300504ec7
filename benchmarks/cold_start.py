"""P9: the cost of a cold start of the package, compared with boto3 alone."""

import os
import statistics
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks import packaged
from benchmarks.measure import Measure

ROUNDS = 9
GOAL = 1.5
ALL_IN_ALL = 1.75
"""With every client made: certificates alone take a tenth of the floor."""
_CLIENT = "import boto3; boto3.client('dynamodb')"
_IMPORT = "import lambda_fn.handler"
_READY = (
    f"{_IMPORT} as h; h._telemetry(); source = h._writer().source; "
    "source._open(source._current(renew=False))"
)
"""Everything that the first invocation does before its first request."""
_ENVIRONMENT: Mapping[str, str] = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "TABLE_NAME": "feeds",
    "TEAM": "ops",
    "CORALOGIX_REGION": "eu2",
    "CORALOGIX_API_KEY": "cxtp_example",
}


def measure_import(rounds: int = ROUNDS) -> list[Measure]:
    """
    Start Python anew for each, in turn; medians of their processor time.

    The import alone is what a budget is asked for; with the clients made as well,
    certificates read, nothing is left out that AWS would bill.
    """
    with tempfile.TemporaryDirectory() as scratch:
        package = Path(scratch, "function")
        packaged.package(package)
        floor, imported, ready = _interleaved(
            rounds, package, (_CLIENT, _IMPORT, _READY)
        )
    return [
        Measure(
            id=id_,
            what=what,
            unit="s",
            ours=ours,
            floor=floor,
            goal=f"<= {goal} x boto3 and a client",
            met=ours <= goal * floor,
        )
        for id_, what, ours, goal in (
            ("P9", "handler import, as packaged", imported, GOAL),
            ("P9b", "handler import and clients made", ready, ALL_IN_ALL),
        )
    ]


def _interleaved(
    rounds: int, package: Path, programs: tuple[str, ...]
) -> tuple[float, ...]:
    taken: dict[str, list[float]] = {program: [] for program in programs}
    for _ in range(rounds):
        for program in programs:
            taken[program].append(_started(package, program))
    return tuple(statistics.median(taken[program]) for program in programs)


def _started(package: Path, program: str) -> float:
    """Run *program* as Lambda would, nothing else installed; processor seconds."""
    _, interpreter = packaged.python()
    paths = [str(package), str(packaged.runtime())]
    code = f"import sys; sys.path[:0] = {paths}; {program}"
    process = subprocess.Popen(
        [interpreter, "-I", "-S", "-B", "-c", code],
        env=_ENVIRONMENT,
        cwd=package,
        stdin=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{program} failed: {process.returncode}")
    return used.ru_utime + used.ru_stime
