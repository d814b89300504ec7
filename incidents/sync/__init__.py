"""
The writer's use case: compare a listing with the feeds and commit what changed.

Uses the vocabulary and the ports; no adapter.
"""
