"""Connect to Coralogix with the key of a person."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import RETRIES, Limits
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import SettingsError
from tray_app.desktop.keychain import SystemKeychain
from tray_app.settings.environment import KEY

LIMITS = Limits(exchange=30.0, backoff=replace(RETRIES, longest_retry_after=15.0))
"""A person waits, so less than for a listing."""


def connected(address: Address | None) -> ActingHttp:
    """
    Return a client of Coralogix at *address*; nothing is sent yet.

    Its key is the environment's, or else the keychain's, as it is now.

    Raises:
        SettingsError: If there is no address, or the key cannot be one.
        KeychainError: If the key is in neither.
    """
    if address is None:
        raise SettingsError("Say where Coralogix is: run `incident-tray setup`.")
    key = Key(environment_key() or SystemKeychain().key())
    return ActingHttp(address, key, limits=LIMITS)


def environment_key() -> str:
    """Return the key that the environment holds; empty if it holds none."""
    return os.environ.get(KEY, "")  # noqa: TID251  # the composition root of the key


@contextmanager
def acting(address: Address | None) -> Iterator[CoralogixActor]:
    """Give an actor at *address*, and disconnect it. Raises as `connected`."""
    actor = CoralogixActor(connected(address))
    try:
        yield actor
    finally:
        actor.disconnect()
