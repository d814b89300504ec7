"""
The operating system's keychain, which stores the person's own Coralogix key.

Through keyring, which on a machine without a keychain falls back to any backend that is
installed, among them a plain file. Those, and what derives from them, are refused.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from tray_app.model.ports import (
    KeychainEmptyError,
    KeychainError,
    KeychainLockedError,
    KeychainMissingError,
)

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "coralogix-incident-tray"
ACCOUNT = "coralogix-personal-key"
REFUSED = ("keyrings.alt", "keyring.backends.null", "keyring.backends.fail")
"""Packages of backends that keep a key in the clear, or not at all."""
ANSWER = 60.0
"""Seconds that the keychain, and a person that it asks, has to answer."""
_NO_KEYCHAIN = (
    "There is no keychain on this machine: install one (Debian: gnome-keyring), "
    "or set INCIDENT_TRAY_API_KEY."
)


class SystemKeychain:
    """The key in the system's keychain."""

    def __init__(self, service: str = SERVICE, account: str = ACCOUNT) -> None:
        self._service = service
        self._account = account

    def key(self) -> str:
        """
        Return the key; the system may ask the person to unlock it, for `ANSWER`.

        Raises:
            KeychainError: If it is locked or missing, fails, or holds no key.
        """
        key = _answer(self._read)
        if not key:
            raise KeychainEmptyError(
                "It holds no Coralogix key yet: run `incident-tray setup`."
            )
        return key

    def _read(self) -> str | None:
        backend = _backend()
        try:
            return backend.get_password(self._service, self._account)
        except Exception as exc:  # noqa: BLE001  # each backend raises its system's own
            raise _translated(exc) from None  # its text may quote the key

    def store(self, key: str) -> None:
        """Store *key* in place of any other. Raises KeychainError."""
        backend = _backend()
        try:
            backend.set_password(self._service, self._account, key)
        except Exception as exc:  # noqa: BLE001  # each backend raises its system's own
            raise _translated(exc) from None  # its text may quote the key


def _answer(ask: Callable[[], str | None]) -> str | None:
    """
    Return what *ask* returns, within `ANSWER`. Raises what *ask* raises.

    A thread that gets no answer is left behind: nothing can end it.

    Raises:
        KeychainError: If there is no answer in time.
    """
    answers: queue.SimpleQueue[str | KeychainError | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(ask())
        except KeychainError as error:
            answers.put(error)

    threading.Thread(target=run, name="keychain", daemon=True).start()
    try:
        answer = answers.get(timeout=ANSWER)
    except queue.Empty:
        raise KeychainError(
            f"No answer from the keychain for {ANSWER:g} s: unlock it, or restart it."
        ) from None
    if isinstance(answer, KeychainError):
        raise answer
    return answer


def is_refused(backend: type) -> bool:
    """Whether *backend*, by any of its bases, stores no key or one in the clear."""
    return any(base.__module__.startswith(REFUSED) for base in backend.__mro__)


def _backend() -> "KeyringBackend":
    """
    Return the best backend that protects a key.

    Raises:
        KeychainMissingError: If there is none.
    """
    import keyring
    from keyring.backends import fail

    chosen = keyring.get_keyring()
    backends: Iterable[KeyringBackend] = [chosen]
    if isinstance(chosen, fail.Keyring):
        backends = _viable_by_now()
    for backend in _links_of(backends):
        if not is_refused(type(backend)):
            return backend
    raise KeychainMissingError(_NO_KEYCHAIN)


def _links_of(backends: "Iterable[KeyringBackend]") -> "Iterator[KeyringBackend]":
    """Yield *backends*, and in place of a chain what it would hand the key to."""
    from keyring.backends.chainer import ChainerBackend

    for backend in backends:
        if isinstance(backend, ChainerBackend):
            yield from _links_of(backend.backends)
        else:
            yield backend


def _viable_by_now() -> "Iterator[KeyringBackend]":
    """
    Yield the backends that would work now, the best first.

    keyring looks once, when it is imported; at the start of a session the keychain
    may come up later than that.
    """
    from keyring.backend import KeyringBackend
    from keyring.backends.chainer import ChainerBackend

    kinds = set(KeyringBackend.get_viable_backends()) - {ChainerBackend}
    for kind in sorted(kinds, key=lambda kind: float(kind.priority), reverse=True):
        yield kind()


def _translated(error: Exception) -> KeychainError:
    from keyring.errors import KeyringLocked, NoKeyringError

    match error:
        case KeyringLocked():
            return KeychainLockedError(
                "The keychain is locked: unlock it and try again."
            )
        case NoKeyringError():
            return KeychainMissingError(_NO_KEYCHAIN)
        case _:
            return KeychainError(
                f"The keychain does not answer as it should ({type(error).__name__})."
            )
