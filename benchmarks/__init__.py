"""The performance suite and its naive baseline; `python -m benchmarks`."""
