"""What the API tells: listings, single incidents, events, values, totals."""

from http import HTTPStatus

from simulator.api import filtering, paging
from simulator.api.aggregation import events_like, totals, values
from simulator.api.call import RequestContext
from simulator.api.decoding import BadRequestError, inner
from simulator.api.decoding import rows as messages
from simulator.api.encoding import Json, dump, event, extended
from simulator.api.responses import Answer, row, rows, said
from simulator.world.records import IncidentRecord

_PAGE = 10_000
_EVENT_PAGE, _USUAL_EVENT_PAGE = 1_000, 100


def listing(asked: RequestContext) -> Answer:
    """List incidents: filtered, ordered, a page at a time."""
    plan = asked.plan
    limit = min(_PAGE, int(plan.get("pagesize", _PAGE)))
    size, token = paging.paging(asked.fields, limit=limit)
    by = paging.order(messages(asked.fields, "orderBys"))
    records = paging.arranged(
        filtering.selected(asked.world.records(), inner(asked.fields, "filter")), by
    )
    start = paging.after(records, by, token) if token else 0
    page = records[start:] if size is None else records[start : start + size]
    pagination: dict[str, Json] = {"totalSize": len(records)}
    if "uncounted" in plan:
        del pagination["totalSize"]
    if page and size is not None:
        # It stands on the last page as well (coralogix.md §4).
        last = page[0] if "loop" in plan else page[-1]
        pagination["nextPageToken"] = paging.token(last, by)
    again = records[max(0, start - int(plan.get("duplicate", 0))) : start]
    page = [*again, *page[int(plan.get("omit", 0)) :]]
    body = b'{"incidents":[%s],"pagination":%s}'
    return Answer(
        status=HTTPStatus.OK, body=body % (rows(page, plan), dump(pagination))
    )


def batch(asked: RequestContext) -> Answer:
    """Answer certain incidents as a map, and which of them do not exist."""
    found: list[IncidentRecord] = []
    missing: list[str] = []
    for id_ in asked.ids("ids"):
        record = asked.world.find(id_.lower())
        if record is None:
            missing.append(id_)
        else:
            found.append(record)
    pairs = b",".join(b'"%s":%s' % (r.id.encode(), row(r, asked.plan)) for r in found)
    body = b'{"incidents":{%s},"notFoundIds":%s}' % (pairs, dump(missing))
    return Answer(status=HTTPStatus.OK, body=body)


def get(asked: RequestContext) -> Answer:
    """Answer one incident."""
    return _one(asked, asked.one())


def by_event(asked: RequestContext) -> Answer:
    """Answer the incident of an event."""
    return _one(asked, asked.of_event())


def _one(asked: RequestContext, record: IncidentRecord) -> Answer:
    body = b'{"incident":%s}' % row(record, asked.plan)
    return Answer(status=HTTPStatus.OK, body=body)


def events(asked: RequestContext) -> Answer:
    """Answer all events of one incident."""
    return said({"incidentEvents": [event(one) for one in asked.one().events]})


def all_events(asked: RequestContext) -> Answer:
    """List the account's events, newest first unless asked otherwise."""
    size, token = paging.paging(asked.fields, limit=_EVENT_PAGE)
    if token and not token.isdigit():
        raise BadRequestError("invalid page token")
    found = events_like(asked)
    order = inner(asked.fields, "orderBy") or {}
    ascending = order.get("direction") == "ORDER_BY_DIRECTION_ASC"
    found.sort(key=lambda pair: (pair[0].at, pair[0].id), reverse=not ascending)
    start = int(token or 0)
    end = start + (size or _USUAL_EVENT_PAGE)
    pagination: dict[str, Json] = {"totalSize": len(found)}
    if end < len(found):
        pagination["nextPageToken"] = str(end)
    items = [extended(one, record) for one, record in found[start:end]]
    return said({"items": items, "pagination": pagination})


def count_events(asked: RequestContext) -> Answer:
    """Count events; the count is text, as protobuf writes 64-bit numbers."""
    count = len(events_like(asked))
    return said({"count": str(count), "reachedLimit": False})


def filter_values(asked: RequestContext) -> Answer:
    """Tell which values there are to filter by, and how often each."""
    filter_ = inner(asked.fields, "filter")
    found = filtering.selected(asked.world.records(), filter_)
    return said({"filtersValues": values(found)})


def event_filter_values(asked: RequestContext) -> Answer:
    """Tell which values the incidents of the events have."""
    found = {record.id: record for _, record in events_like(asked)}
    return said({"filtersValues": values(list(found.values()))})


def aggregations(asked: RequestContext) -> Answer:
    """Sum up in one group: groups cannot be asked for in a query (coralogix.md §2)."""
    filter_ = inner(asked.fields, "filter")
    found = filtering.selected(asked.world.records(), filter_)
    groups: list[Json] = [totals(found)] if found else []
    return said({"incidentAggs": groups, "pagination": {"totalSize": len(groups)}})


def whoami(asked: RequestContext) -> Answer:
    """Tell whose key it is (coralogix.md §8; known from the vendor's command line)."""
    return said(
        {
            "team_id": 4242,
            "team_name": "simulated",
            "user_name": asked.bearer.name,
            "team_url": "https://coralogix.example.com",
        }
    )
