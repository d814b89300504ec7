"""
The icon and its menu: our own StatusNotifierItem on Linux, pystray elsewhere.

`choose` opens the one that this desktop can show. Uses `session_bus` and `model`.
"""
