"""The feeds in one SQLite file, for tests and for a tray without AWS."""
