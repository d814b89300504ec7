"""The shape of a whole answer: its objects, lists and counts, each checked."""

from collections.abc import Mapping

from incidents.errors import SourceGarbledError


def garbled(what: str) -> SourceGarbledError:
    """Say *what* of an answer is not as it should be."""
    return SourceGarbledError(f"The answer of Coralogix is not understood: {what}.")


def object_of(value: object, what: str) -> Mapping[str, object]:
    """Return *value* as an object. Raises SourceGarbledError."""
    if not isinstance(value, dict):
        raise garbled(f"{what} is not an object")
    return value


def rows_of(value: object, what: str) -> list[object]:
    """Return *value* as a list; null is an empty one. Raises SourceGarbledError."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise garbled(f"{what} is not a list")
    return value


def count_of(value: object) -> int:
    """Return *value* as a number; null is zero. Raises SourceGarbledError."""
    if value is None:
        return 0
    # A 64-bit number may come as text (coralogix.md §2, count).
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise garbled("a count is not a number")
    return value
