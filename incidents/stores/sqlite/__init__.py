"""The feeds in one SQLite file, for a tray without AWS; `file` opens any such file."""
