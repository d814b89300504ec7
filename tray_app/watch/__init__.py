"""The terminal inbox: a view on the same state as the tray."""
