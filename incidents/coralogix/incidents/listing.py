"""Read a listing page by page, and know whether it is whole."""

from collections.abc import Mapping

from incidents.coralogix.http.body import OversizeError
from incidents.coralogix.http.client import Http
from incidents.coralogix.http.routes import Json, Operation, request
from incidents.coralogix.incidents.answers import Page, read_page
from incidents.coralogix.incidents.enums import Field, SortDirection
from incidents.coralogix.incidents.incident_row import QUARANTINE
from incidents.errors import (
    KeyRejectedError,
    PermissionMissingError,
    RouteMissingError,
    SourceError,
    SourceRejectedError,
    SourceUnavailableError,
)
from incidents.models import Incident, IncidentId, Quarantined
from incidents.ports import Listing

SIZES = (10_000, 1_000, 100)
"""Incidents on one page: as many as the API takes (coralogix.md §4)."""
MAX_PAGES = 1_000
_FEW = 3
"""As many rows may always be unreadable, less one; from here on half of all."""
_BARREN = 2
"""Pages in a row without anything new, after which there is no more."""
_ORDER: Json = [
    # Oldest first, so that one that opens meanwhile comes last and shifts no page.
    {"incidentField": Field.CREATED_TIME, "direction": SortDirection.ASCENDING},
    {"incidentField": Field.ID, "direction": SortDirection.ASCENDING},
]


class ListingAccumulator:
    """What has come so far, each incident once."""

    def __init__(self) -> None:
        self.problem = ""
        """Why it is not whole; empty while it is."""
        self._incidents: dict[IncidentId, Incident] = {}
        self._quarantined: dict[IncidentId, Quarantined] = {}
        self._nameless: list[Quarantined] = []
        self._beyond = 0
        self._odd = 0
        self._parts: list[int] = []
        """What the source counted, for each filter."""

    @property
    def has_started(self) -> bool:
        """Whether anything has come."""
        return bool(self._parts)

    def add(self, page: Page) -> set[IncidentId | int]:
        """Take in *page*; return what stands for each of its rows."""
        seen: set[IncidentId | int] = set(page.rows.incidents)
        self._incidents |= page.rows.incidents
        self._beyond += page.rows.beyond
        self._odd += page.rows.odd
        for one in page.rows.quarantined:
            if one.id is None:
                if len(self._nameless) == QUARANTINE:
                    self._beyond += 1
                    continue
                self._nameless.append(one)
                seen.add(len(self._nameless))
            else:
                self._quarantined[one.id] = one
                seen.add(one.id)
        return seen

    def counted(self, total: int) -> None:
        """Note what the source counts for one filter."""
        self._parts.append(total)

    def listing(self, *, calls: int, ended: bool = False) -> Listing:
        """Sum up. An incident of two assignees may stand in two filters' counts."""
        apart = [
            q for id_, q in self._quarantined.items() if id_ not in self._incidents
        ]
        quarantined = (*apart, *self._nameless)
        whole = not self.problem and len(self._parts) > 1
        unique = len(self._incidents) + len(quarantined)
        problem = self._unreadable(len(quarantined), unique) or self.problem
        return Listing(
            incidents={
                id_: incident
                for id_, incident in self._incidents.items()
                if incident.is_open is not ended
            },
            quarantined=quarantined,
            odd=self._odd,
            complete=not problem,
            total=unique if whole else sum(self._parts),
            calls=calls,
            problem=problem,
        )

    def _unreadable(self, count: int, unique: int) -> str:
        """Say that too many rows could not be understood to call it a listing."""
        count += self._beyond
        if not self._beyond and (count < _FEW or count * 2 <= unique):
            return ""
        return f"{count:,} of {unique + self._beyond:,} incidents are not understood."


class Pages:
    """Lists incidents by a filter. Remembers the size of page that works."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._size = SIZES[0]

    def gather(self, filter_: Mapping[str, Json], into: ListingAccumulator) -> None:
        """
        Read every page of *filter_* into *into*.

        Ends at an absent, empty or repeated token, when as many came as the source
        counts (a token may stand even on the last page), or when two pages in a
        row brought nothing new. One empty page with a new token ends nothing.

        Raises:
            SourceError: If nothing came at all, or the key is refused.
        """
        seen: set[IncidentId | int] = set()
        totals: list[int | None] = []
        tokens = {""}
        token = ""
        barren = 0
        while len(totals) < MAX_PAGES:
            try:
                page = self._page(filter_, token, first=not totals)
            except (KeyRejectedError, PermissionMissingError):
                raise
            except SourceError as error:
                if not totals and not into.has_started:
                    raise
                into.counted(totals[0] or 0 if totals else 0)
                into.problem = f"Page {len(totals) + 1} could not be read. {error}"
                return
            totals.append(page.total)
            before = len(seen)
            seen |= into.add(page)
            barren = 0 if len(seen) > before else barren + 1
            token = page.token
            # Zero beside rows is a count left out, and ends nothing.
            done = 0 < (page.total or 0) <= len(seen)
            empty = not page.count and not page.total
            if token in tokens or done or empty or barren == _BARREN:
                break
            tokens.add(token)
        into.counted(totals[0] or 0)
        into.problem = _shortfall(len(seen), totals)

    def _page(self, filter_: Mapping[str, Json], token: str, *, first: bool) -> Page:
        if not first:
            return self._read(filter_, token, self._size)
        for size in SIZES[SIZES.index(self._size) :]:
            try:
                page = self._read(filter_, token, size)
            except RouteMissingError:
                raise
            except (SourceRejectedError, OversizeError) as error:
                refused = isinstance(error, KeyRejectedError | PermissionMissingError)
                if refused or size == SIZES[-1]:
                    raise
            except SourceUnavailableError:
                # The gateway says "busy" of an answer too large for it as well.
                self._size = min(self._size, SIZES[1])
                raise
            else:
                self._size = size
                return page
        raise AssertionError("the smallest page is refused or read")

    def _read(self, filter_: Mapping[str, Json], token: str, size: int) -> Page:
        route = self._http.routes[Operation.LIST]
        pagination: dict[str, Json] = {"pageSize": size}
        if token:
            pagination["pageToken"] = token
        fields: dict[str, Json] = {"filter": filter_, "pagination": pagination}
        if route.body:
            # A query cannot say it: older versions answer in an order of their own.
            fields["orderBys"] = _ORDER
        return read_page(self._http.send(request(route, fields)), self._http.check)


def _shortfall(came: int, totals: list[int | None]) -> str:
    first, last = totals[0], totals[-1]
    if first is None or last is None:
        return "Coralogix did not say how many incidents there are."
    if first != last:
        return "The incidents changed while they were being listed."
    if came != first:
        return f"Coralogix counts {first} open incidents and listed {came}."
    return ""
