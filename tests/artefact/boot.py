"""Starts AWS's runtime client on the package alone; see `packaged_function.py`."""

import os
import sys

task, runtime = os.environ["LAMBDA_TASK_ROOT"], os.environ["LAMBDA_RUNTIME_DIR"]
here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100,PTH120  # no import more than needed
standard = [path for path in sys.path if path not in ("", here)]
# As on AWS: the function first, then the runtime with its boto3, then the library.
sys.path[:] = [task, runtime, *(p for p in standard if "site-packages" not in p)]
sys.argv = ["awslambdaric", os.environ["_HANDLER"]]

from awslambdaric.__main__ import main  # type: ignore[import-not-found]  # noqa: E402  # not in the development environment; the path comes first

main(sys.argv)
