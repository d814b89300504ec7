"""
One adapter for each thing of a desktop: tray, notifications, key store, browser.

The rest of the tray knows them by the Protocols of `tray_app.model.ports`. They use
`model`, `present` and `settings`, and each translates the errors of its own library.
"""
