"""The reader on the desktop: follow the feed, show it, tell it."""
