"""
The desktop's notifications: directly over D-Bus on Linux, desktop-notifier elsewhere.

`notifier` is what the application holds; it never waits longer than a few seconds.
"""
