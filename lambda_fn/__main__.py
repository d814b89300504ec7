"""`python -m lambda_fn`: one sync, told by the environment."""

import json
import logging
import os
import sys

from incidents.errors import IncidentsError
from lambda_fn.compose import compose
from lambda_fn.report import Record, one_line

_PATIENCE = 50.0
"""Seconds for one sync: what the function in the template has, less its reserve."""


def main() -> int:
    """Run one sync; the last line on stdout is its report. Returns the exit code."""
    # Libraries log what they retry; a person is told once, in a line of our own.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        writer = compose(os.environ)  # noqa: TID251  # this is a composition root
    except IncidentsError as error:
        print(error, file=sys.stderr)
        record = Record(sync="", complete=False, error=one_line(error))
    else:
        record = writer.run(_PATIENCE)
        if record.error:
            print(record.error, file=sys.stderr)
    print(json.dumps(record.to_json()), flush=True)
    return 0 if record.complete else 1


if __name__ == "__main__":
    sys.exit(main())
