"""
A desktop to test on: a screen, a panel, a notification daemon, and our programs.

Stands above the product and the demo; tests and the release check use it.
"""
