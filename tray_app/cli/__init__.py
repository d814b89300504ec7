"""The commands: each reads its arguments, calls the folders below and prints."""
