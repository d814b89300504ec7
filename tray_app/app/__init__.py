"""
The core of all three programs: one owner of the state, its events and its effects.

Uses every folder below; the tray, the commands and `watch` stand on it.
"""
