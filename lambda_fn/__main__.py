"""`python -m lambda_fn`: one sync, told by the environment."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import closing

from incidents.coralogix.http.key import forbid_core_dumps
from incidents.errors import IncidentsError
from lambda_fn.compose import compose
from lambda_fn.report import RunReport, failed
from lambda_fn.settings import NAMES

PATIENCE = 45.0
"""Seconds for one sync: what the function of the template has, less its reserve."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sync; the last line on stdout is its report. Returns the exit code."""
    _parser().parse_args(arguments)
    forbid_core_dumps()
    # Libraries log what they retry; a person is told once, in a line of our own.
    logging.getLogger().addHandler(logging.NullHandler())
    record = _run()
    print(json.dumps(record.to_json()), flush=True)
    return 0 if record.report.complete else 1


def _run() -> RunReport:
    try:
        writer = compose(os.environ)  # noqa: TID251  # this is a composition root
    except IncidentsError as error:
        # One line for each mistake; in the report they are one.
        print(error, file=sys.stderr)
        return RunReport(report=failed(error))
    with closing(writer.source):
        record = writer.run(PATIENCE)
    if record.report.error:
        print(record.report.error, file=sys.stderr)
    return record


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, NAMES))
    return argparse.ArgumentParser(
        prog="python -m lambda_fn",
        description="Run one sync and print its report as a line of JSON.",
        epilog="environment:\n"
        + "\n".join(f"  {name:{width}}  {text}" for name, text in NAMES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


if __name__ == "__main__":
    sys.exit(main())
