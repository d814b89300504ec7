"""Where files are stored: settings, ledger, logs, the lock of the running tray."""

import os
from pathlib import Path

import platformdirs

from incidents.errors import SettingsError
from tray_app.settings import private

APP = "coralogix-incident-tray"
TITLE = "Coralogix incidents"
"""What a desktop calls this program. Windows stores a person's choices under it: never
change it."""
HOME = "INCIDENT_TRAY_HOME"
"""The variable that names one folder for all local state."""
CONFIG = "INCIDENT_TRAY_CONFIG"
"""The variable that names the settings file."""


def home() -> Path | None:
    """Return the one folder for all local state, if the environment names it."""
    return _named(HOME)


def settings_file() -> Path:
    """Return the settings file, which need not exist."""
    return _named(CONFIG) or settings_folder() / "settings.toml"


def settings_folder() -> Path:
    """Return our own folder of the settings, unless a variable names another file."""
    return home() or platformdirs.user_config_path(APP, appauthor=False)


def data_folder() -> Path:
    """Return the folder of the ledger and of the feeds of solo mode."""
    return home() or platformdirs.user_data_path(APP, appauthor=False)


def ledger_file() -> Path:
    """Return the ledger, which need not exist."""
    return data_folder() / "ledger.db"


def log_folder() -> Path:
    """Return the folder of the logs."""
    home_folder = home()
    if home_folder is not None:
        return home_folder / "logs"
    return platformdirs.user_log_path(APP, appauthor=False)


def runtime_folder() -> Path:
    """Return the folder of the lock and of the socket of the running tray."""
    home_folder = home()
    if home_folder is not None:
        return home_folder
    runtime = _named("XDG_RUNTIME_DIR")
    return runtime / APP if runtime else data_folder()


def private_paths() -> list[Path]:
    """Return our folders, the settings and the ledger, those that exist."""
    folders = {settings_folder(), data_folder(), log_folder(), runtime_folder()}
    settings = settings_file()
    files = (settings, settings.with_suffix(".toml.before"), ledger_file())
    return [
        *(folder for folder in sorted(folders) if folder.is_dir()),
        *(file for file in files if file.is_file()),
    ]


def make_private() -> None:
    """Close to others what is ours and exists. Raises OSError."""
    for path in private_paths():
        private.close_to_others(path)


def notification_ids_file() -> Path:
    """Return the file of the ids of what is on the screen, in this session."""
    return runtime_folder() / "notifications.json"


def _named(variable: str) -> Path | None:
    value = os.environ.get(variable, "")  # noqa: TID251  # the settings' edge
    try:
        return Path(value).expanduser() if value else None
    except RuntimeError as exc:
        raise SettingsError(f"{variable} names the home of no user: {value}") from exc
