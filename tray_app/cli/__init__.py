"""The command line: a command, a few lines."""
