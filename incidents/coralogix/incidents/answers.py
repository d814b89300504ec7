"""Whole answers of the API: what each holds besides its rows."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from incidents.coralogix.fields import id_of
from incidents.coralogix.incidents.incident_row import Rows, read_rows
from incidents.coralogix.shapes import count_of, garbled, object_of, rows_of
from incidents.models import IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a listing."""

    rows: Rows
    count: int
    """Of its rows, as they came."""
    token: str
    """Of the next page; empty where there is none."""
    total: int | None
    """How many the source counts; None where it does not say."""


def read_page(answer: object, check: Callable[[], None] = lambda: None) -> Page:
    """Read an answer to ListIncidents, *check*ing the time. Raises SourceError."""
    whole = object_of(answer, "the answer")
    rows = rows_of(whole.get("incidents"), "incidents")
    total: int | None = None
    token: object = None
    pagination = whole.get("pagination")
    if pagination is not None:
        pagination = object_of(pagination, "pagination")
        token = pagination.get("nextPageToken")
        total = count_of(pagination.get("totalSize"))
    if not isinstance(token, str | None):
        raise garbled("nextPageToken is not text")
    return Page(
        rows=read_rows(rows, check), count=len(rows), token=token or "", total=total
    )


def read_acted(answer: object) -> Rows:
    """
    Read the incidents after an action, as the seed's endpoint answers them.

    Raises:
        SourceGarbledError: If it is no list of incidents.
    """
    whole = object_of(answer, "the answer")
    return read_rows(rows_of(whole.get("incidents"), "incidents"))


def read_batch(
    answer: object, ids: Collection[IncidentId]
) -> tuple[Rows, frozenset[IncidentId]]:
    """
    Read an answer to BatchGet, a map: what was found, and what does not exist.

    What is not among *ids* is left out.

    Raises:
        SourceGarbledError: If it is no map of incidents.
    """
    whole = object_of(answer, "the answer")
    by_id = whole.get("incidents")
    by_id = object_of(by_id, "incidents") if by_id is not None else {}
    missing = rows_of(whole.get("notFoundIds"), "notFoundIds")
    rows = read_rows(
        row if id_of(row) == id_ else {"id": id_}
        for id_, row in by_id.items()
        if id_ in ids
    )
    absent = {id_ for id_ in missing if isinstance(id_, str)} - by_id.keys()
    return rows, frozenset(id_ for id_ in ids if id_ in absent)
