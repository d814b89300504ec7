"""The settings file, where files are stored, and how durations are written. Uses the
values of `model` and, of the rest, only what a setting names.
"""
