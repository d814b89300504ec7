"""The settings file: its fields, how each is read, and where each system keeps it."""
