"""Handlers that read: listings, single incidents, events, values, totals."""

from http import HTTPStatus

from simulator.api import filtering, paging
from simulator.api.aggregation import matching_events, totals, values
from simulator.api.call import RequestContext
from simulator.api.decoding import BadRequestError, inner
from simulator.api.decoding import rows as messages
from simulator.api.encoding import Json, dump, event_json, logged_event_json
from simulator.api.responses import ApiResponse, ok_response, row, rows
from simulator.world.records import IncidentRecord

_PAGE = 10_000
_EVENT_PAGE, _DEFAULT_EVENT_PAGE = 1_000, 100


def listing(context: RequestContext) -> ApiResponse:
    """Return a page of incidents, filtered and sorted."""
    plan = context.plan
    limit = min(_PAGE, int(plan.get("pagesize", _PAGE)))
    size, page_token = paging.paging(context.fields, limit=limit)
    by = paging.order(messages(context.fields, "orderBys"))
    records = paging.sort_records(
        filtering.select(context.world.records(), inner(context.fields, "filter")), by
    )
    start = paging.page_start(records, by, page_token) if page_token else 0
    page = records[start:] if size is None else records[start : start + size]
    pagination: dict[str, Json] = {"totalSize": len(records)}
    if "uncounted" in plan:
        del pagination["totalSize"]
    if page and size is not None:
        # The last page has a token as well (coralogix.md §4).
        last = page[0] if "loop" in plan else page[-1]
        pagination["nextPageToken"] = paging.page_token(last, by)
    again = records[max(0, start - int(plan.get("duplicate", 0))) : start]
    page = [*again, *page[int(plan.get("omit", 0)) :]]
    body = b'{"incidents":[%s],"pagination":%s}'
    return ApiResponse(
        status=HTTPStatus.OK, body=body % (rows(page, plan), dump(pagination))
    )


def batch(context: RequestContext) -> ApiResponse:
    """Return incidents by id as a map, and the ids that do not exist."""
    records: list[IncidentRecord] = []
    missing: list[str] = []
    for id_ in context.ids("ids"):
        record = context.world.find(id_.lower())
        if record is None:
            missing.append(id_)
        else:
            records.append(record)
    pairs = b",".join(
        b'"%s":%s' % (r.id.encode(), row(r, context.plan)) for r in records
    )
    body = b'{"incidents":{%s},"notFoundIds":%s}' % (pairs, dump(missing))
    return ApiResponse(status=HTTPStatus.OK, body=body)


def get(context: RequestContext) -> ApiResponse:
    """Return one incident."""
    return _record_response(context, context.record())


def by_event(context: RequestContext) -> ApiResponse:
    """Return the incident of an event."""
    return _record_response(context, context.record_of_event())


def _record_response(context: RequestContext, record: IncidentRecord) -> ApiResponse:
    body = b'{"incident":%s}' % row(record, context.plan)
    return ApiResponse(status=HTTPStatus.OK, body=body)


def events(context: RequestContext) -> ApiResponse:
    """Return all events of one incident."""
    return ok_response(
        {"incidentEvents": [event_json(event) for event in context.record().events]}
    )


def all_events(context: RequestContext) -> ApiResponse:
    """Return a page of the account's events; the default order is newest first."""
    size, page_token = paging.paging(context.fields, limit=_EVENT_PAGE)
    if page_token and not page_token.isdigit():
        raise BadRequestError("invalid page token")
    events = matching_events(context)
    order = inner(context.fields, "orderBy") or {}
    ascending = order.get("direction") == "ORDER_BY_DIRECTION_ASC"
    events.sort(key=lambda pair: (pair[0].at, pair[0].id), reverse=not ascending)
    start = int(page_token or 0)
    end = start + (size or _DEFAULT_EVENT_PAGE)
    pagination: dict[str, Json] = {"totalSize": len(events)}
    if end < len(events):
        pagination["nextPageToken"] = str(end)
    items = [logged_event_json(event, record) for event, record in events[start:end]]
    return ok_response({"items": items, "pagination": pagination})


def count_events(context: RequestContext) -> ApiResponse:
    """Count events; the count is text, as protobuf writes 64-bit numbers."""
    count = len(matching_events(context))
    return ok_response({"count": str(count), "reachedLimit": False})


def filter_values(context: RequestContext) -> ApiResponse:
    """Return the values to filter by, with counts."""
    filter_ = inner(context.fields, "filter")
    records = filtering.select(context.world.records(), filter_)
    return ok_response({"filtersValues": values(records)})


def event_filter_values(context: RequestContext) -> ApiResponse:
    """Return the values of the events' incidents, with counts."""
    records = {record.id: record for _, record in matching_events(context)}
    return ok_response({"filtersValues": values(list(records.values()))})


def aggregations(context: RequestContext) -> ApiResponse:
    """Return totals in one group: a query cannot name groups (coralogix.md §2)."""
    filter_ = inner(context.fields, "filter")
    records = filtering.select(context.world.records(), filter_)
    groups: list[Json] = [totals(records)] if records else []
    return ok_response(
        {"incidentAggs": groups, "pagination": {"totalSize": len(groups)}}
    )


def whoami(context: RequestContext) -> ApiResponse:
    """Return the key's owner (coralogix.md §8; from the vendor's command line)."""
    return ok_response(
        {
            "team_id": 4242,
            "team_name": "simulated",
            "user_name": context.caller.name,
            "team_url": "https://coralogix.example.com",
        }
    )
