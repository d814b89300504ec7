"""Where things are kept: settings, what was told, logs, the lock."""

import os
from pathlib import Path

import platformdirs

APP = "coralogix-incident-tray"
TITLE = "Coralogix incidents"
"""What a desktop calls this program. Windows stores a person's choices under it: never
change it."""
HOME = "INCIDENT_TRAY_HOME"
"""Names one folder for all local state."""
CONFIG = "INCIDENT_TRAY_CONFIG"
"""Names the settings file."""


def home() -> Path | None:
    """Return the one folder that all local state was moved to, if it was."""
    return _named(HOME)


def settings_file() -> Path:
    """Return the settings file, which need not exist."""
    return _named(CONFIG) or (
        home() or platformdirs.user_config_path(APP, appauthor=False)
    ).joinpath("settings.toml")


def data_folder() -> Path:
    """Return the folder of what is remembered: the ledger, the solo mode's feeds."""
    return home() or platformdirs.user_data_path(APP, appauthor=False)


def ledger_file() -> Path:
    """Return the ledger, which need not exist."""
    return data_folder() / "ledger.db"


def log_folder() -> Path:
    """Return the folder of the logs."""
    moved = home()
    if moved is not None:
        return moved / "logs"
    return platformdirs.user_log_path(APP, appauthor=False)


def runtime_folder() -> Path:
    """Return the folder of the lock and the socket of the tray that runs."""
    moved = home()
    if moved is not None:
        return moved
    runtime = _named("XDG_RUNTIME_DIR")
    return runtime / APP if runtime else data_folder()


def notification_ids_file() -> Path:
    """Return the file of the ids of what is on the screen, in this session."""
    return runtime_folder() / "notifications.json"


def _named(variable: str) -> Path | None:
    value = os.environ.get(variable, "")  # noqa: TID251  # the settings' edge
    return Path(value).expanduser() if value else None
