"""Who a key belongs to, and whom incidents are assigned to."""

from collections.abc import Mapping
from dataclasses import dataclass

from incidents.coralogix import fields
from incidents.coralogix.shapes import count_of, garbled, object_of, rows_of
from incidents.models import UserId

_TEAM = 300
"""Characters that are kept of a team's name, id and address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The owner of an API key (coralogix.md §8). What is not known is empty."""

    user: UserId
    """An e-mail."""
    team: str
    team_id: str
    team_url: str
    """An address, or a bare subdomain: see `Links.of_team_url`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Whom incidents are assigned to, and how many each has."""

    counts: Mapping[UserId, int]


def read_people(answer: object) -> People:
    """Read an answer to GetFilterValues. Raises SourceGarbledError."""
    whole = object_of(answer, "the answer")
    values = whole.get("filtersValues")
    values = {} if values is None else object_of(values, "filtersValues")
    counts: dict[UserId, int] = {}
    for row in rows_of(values.get("assigneeWithCount"), "assigneeWithCount"):
        entry = object_of(row, "assigneeWithCount")
        assignee, count = entry.get("assignee"), entry.get("count")
        if isinstance(assignee, str) and assignee:
            counts[UserId(fields.clean(assignee, fields.USER))] = count_of(count)
    return People(counts=counts)


def read_identity(answer: object) -> Identity:
    """Read an answer to `whoami`. Raises SourceGarbledError."""
    whole = object_of(answer, "the answer")
    team_id = whole.get("team_id")
    try:
        return Identity(
            user=UserId(fields.text(whole, "user_name", fields.USER)),
            team=fields.text(whole, "team_name", _TEAM),
            # It is not documented whether it is a number or text.
            team_id=str(team_id)[:_TEAM] if isinstance(team_id, int | str) else "",
            team_url=fields.text(whole, "team_url", _TEAM),
        )
    except fields.MalformedError as exc:
        raise garbled(str(exc)) from exc
