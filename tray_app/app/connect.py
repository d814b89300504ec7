"""Speaking with Coralogix with the key of a person."""

import os
from dataclasses import replace

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import RETRIES, Limits
from incidents.errors import SettingsError
from tray_app.desktop.keychain import SystemKeychain
from tray_app.settings.settings import Settings

KEY = "INCIDENT_TRAY_API_KEY"
"""The environment's name for the key. There is no argument: others could see it."""
LIMITS = Limits(exchange=30.0, backoff=replace(RETRIES, longest_retry_after=15.0))
"""A person waits, so less than for a listing."""


def key() -> Key:
    """
    Return the key: the environment's, or else the keychain's.

    Raises:
        SettingsError: If it cannot be a key.
        KeychainError: If it is in neither.
    """
    given = os.environ.get(KEY, "")  # noqa: TID251  # the command's composition root
    return Key(given or SystemKeychain().key())


def connected(settings: Settings) -> ActingHttp:
    """
    Prepare to speak with Coralogix where *settings* say it is; nothing is sent yet.

    Raises:
        SettingsError: If they do not say where it is, or the key is wrong.
        KeychainError: If there is no key.
    """
    where = settings.coralogix.address()
    if where is None:
        raise SettingsError("Say where Coralogix is: run `incident-tray setup`.")
    return ActingHttp(where, key(), limits=LIMITS)
