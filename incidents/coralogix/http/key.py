"""The key, as a value that does not show itself."""

import re
from typing import NoReturn

from incidents.errors import SettingsError

_GOOD = re.compile(r"[!-~]{1,4096}")
_MASK = "***"


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

    @property
    def header(self) -> str:
        """The value of the Authorization header. For the transport alone."""
        return f"Bearer {self._value}"

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
