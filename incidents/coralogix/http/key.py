"""The key, as a value that does not show itself."""

import json
import re
import sys
from typing import NoReturn, Self

from incidents.errors import SettingsError

_GOOD = re.compile(r"[!-~]{1,4096}")
_MASK = "***"
_JSON_NAME = "api_key"


def forbid_core_dumps() -> None:
    """Have the system write no file with this process's memory, and so with a key."""
    if sys.platform != "win32":
        import resource

        _, highest = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, highest))


class Key:
    """A Coralogix API key. Printed, logged, formatted or in a repr, it is a mask."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """
        Take *value*, without the white space around it.

        Raises:
            SettingsError: If it cannot be a key. A header library would quote
                such a value in its own error, so it must not get that far.
        """
        value = value.strip()
        if not _GOOD.fullmatch(value):
            raise SettingsError(
                "The Coralogix API key is empty or holds characters no key has:"
                " copy it again, whole and alone."
            )
        self._value = value

    @classmethod
    def from_secret(cls, text: str) -> Self:
        """
        Read the key out of a secret's *text*: the key itself, or JSON.

        The JSON is the key as a string, or an object that holds it as `api_key`.

        Raises:
            SettingsError: If it is neither. The message holds nothing of *text*.
        """
        if not text.lstrip().startswith(("{", '"')):
            return cls(text)
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            # Not chained: the error of json holds the whole text, key and all.
            content = None
        if isinstance(content, dict):
            content = content.get(_JSON_NAME)
        if not isinstance(content, str):
            raise SettingsError(
                "The secret with the Coralogix key must be the key itself, or JSON"
                f' with the key as "{_JSON_NAME}".'
            )
        return cls(content)

    @property
    def header(self) -> str:
        """The value of the Authorization header. For the transport alone."""
        return f"Bearer {self._value}"

    def equals(self, other: "Key") -> bool:
        """Whether *other* is the same key."""
        return self.header == other.header

    def masked(self, text: str) -> str:
        """Return *text* with every occurrence of the key blotted out."""
        return text.replace(self._value, _MASK)

    def __repr__(self) -> str:
        """Never the key."""
        return f"Key({_MASK})"

    def __str__(self) -> str:
        """Never the key."""
        return _MASK

    def __reduce__(self) -> NoReturn:
        """Refuse to be written to a file or sent to another process."""
        raise TypeError("a key is not to be pickled")
