"""Stored JSON, read field by field: what is unknown is passed over."""

from collections.abc import Mapping
from datetime import datetime

from incidents.errors import StoreDamagedError, StoreNewerError
from incidents.feeds import SCHEMA


def check_schema(version: int) -> None:
    """Raise StoreNewerError for a newer *version*: fields may mean other things."""
    if version > SCHEMA:
        raise StoreNewerError(
            f"The store was written by a newer version (schema {version}, we know "
            f"{SCHEMA}): upgrade incident-tray."
        )


class Fields:
    """
    One stored object. Every method raises `StoreDamagedError` where a field is not
    of the type asked for, and never shows what was there.
    """

    __slots__ = ("_data", "_what")

    def __init__(self, data: object, what: str) -> None:
        """Wrap *data*, the content of *what*, for example "an incident"."""
        if not isinstance(data, Mapping):
            raise StoreDamagedError(f"The store holds {what} that cannot be read.")
        self._data: Mapping[str, object] = data
        self._what = what

    def text(self, name: str, default: str | None = None) -> str:
        """Return the text *name*; it must be there unless there is a *default*."""
        value = self._data.get(name, default)
        if not isinstance(value, str):
            raise self._damaged(name)
        return value

    def optional(self, name: str) -> str | None:
        """Return the text *name*, or None."""
        value = self._data.get(name)
        if value is not None and not isinstance(value, str):
            raise self._damaged(name)
        return value

    def number(self, name: str, default: int | None = None) -> int:
        """Return the whole number *name*."""
        value = self._data.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._damaged(name)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return the truth value *name*."""
        value = self._data.get(name, default)
        if not isinstance(value, bool):
            raise self._damaged(name)
        return value

    def moment(self, name: str) -> datetime:
        """Return the time *name*, with its zone."""
        value = self.optional_moment(name)
        if value is None:
            raise self._damaged(name)
        return value

    def optional_moment(self, name: str) -> datetime | None:
        """Return the time *name*, with its zone, or None."""
        text = self.optional(name)
        if text is None:
            return None
        try:
            value = datetime.fromisoformat(text)
        except ValueError as error:
            raise self._damaged(name) from error
        if value.tzinfo is None:
            raise self._damaged(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the list of texts *name*; empty where there is none."""
        values = self._data.get(name, [])
        if not isinstance(values, list):
            raise self._damaged(name)
        for value in values:
            if not isinstance(value, str):
                raise self._damaged(name)
        return tuple(values)

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return the list of pairs of texts *name*; empty where there is none."""
        values = self._data.get(name, [])
        if not isinstance(values, list):
            raise self._damaged(name)
        result = []
        for value in values:
            match value:
                case [str(first), str(second)]:
                    result.append((first, second))
                case _:
                    raise self._damaged(name)
        return tuple(result)

    def part(self, name: str) -> object:
        """Return whatever is at *name*; None where nothing is."""
        return self._data.get(name)

    def schema(self, name: str) -> int:
        """
        Return the schema version at *name*; ours where there is none.

        Raises:
            StoreNewerError: If it is newer than ours.
        """
        version = self.number(name, SCHEMA)
        check_schema(version)
        return version

    def _damaged(self, name: str) -> StoreDamagedError:
        return StoreDamagedError(f"The store holds {self._what} without a good {name}.")
