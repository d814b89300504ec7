"""Answers with the shape of real ones, and what can become of them on the way."""

import copy
import gzip
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

from simulator.api.control import truth
from simulator.world.world import World

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Row: TypeAlias = dict[str, Json]

OVER = 100_000
"""Bytes, more than the tests' cap."""
ODD: Sequence[Callable[[], Json]] = (
    lambda: None,
    lambda: True,
    lambda: 0,
    lambda: -1,
    lambda: 2**70,
    lambda: 1.5,
    lambda: float("nan"),
    lambda: float("inf"),
    str,
    lambda: "INCIDENT_STATUS_NO_DATA",
    lambda: "INCIDENT_SEVERITY_",
    lambda: "2026-13-45T99:99:99Z",
    lambda: "9999-12-31T23:59:59.999999999-23:59",
    lambda: "0001-01-01T00:00:00+23:59",
    lambda: "2026-01-02T03:04:05",
    lambda: "99999999999999s",
    lambda: "\ud800",
    lambda: "\x00\x1b[31m\u202e",
    lambda: "x" * 5_000,
    list,
    dict,
    lambda: [None],
    lambda: [[[[[[]]]]]],
    lambda: {"": {"": {"": None}}},
    lambda: {"userId": 7},
    lambda: [{"key": "k", "value": "v"}, {"key": None}],
)


def rows(seed: int, count: int) -> list[Row]:
    """Open incidents of a simulated account, with all that happened to them."""
    world = World(seed=seed, users=3, open=count, hostile=0.3)
    for number, id_ in enumerate(sorted(world.open_ids)):
        one = world.users[number % 3]
        world.assign(id_, one.uuid if number % 2 else one.email, by=one.email)
        if number % 3 == 0:
            world.acknowledge(id_, by=one.email)
        world.retrigger(id_)
    found = json.loads(json.dumps(truth(world)["incidents"]))
    assert isinstance(found, list)
    return found


def answers(incidents: list[Row]) -> dict[str, Json]:
    """Real answers about *incidents*, by what was asked."""
    listed: list[Json] = list(incidents)
    first = incidents[0]
    return {
        "list": {
            "incidents": listed,
            "pagination": {"totalSize": len(listed), "nextPageToken": "more"},
        },
        "batch": {
            "incidents": {str(row["id"]): row for row in incidents},
            "notFoundIds": ["00000000-0000-0000-0000-000000000001"],
        },
        "acted": {"incidents": listed},
        "get": {"incident": first},
        "events": {"incidentEvents": first["events"]},
        "people": {
            "filtersValues": {
                "assigneeWithCount": [{"assignee": "a@example.com", "count": "7"}]
            }
        },
        "whoami": {
            "team_id": 7,
            "team_name": "Acme",
            "user_name": "a@example.com",
            "team_url": "https://acme.app.eu2.coralogix.com",
        },
        "refusal": {"code": 404, "message": "Not Found: incident", "details": []},
    }


def mutated(value: Json, chance: Random) -> Json:
    """Return *value* with one thing, somewhere in it, changed; *value* stays."""
    here = copy.copy(value)
    if not isinstance(here, dict | list) or not here or chance.random() < 0.15:
        return _instead(here, chance)
    keys: Sequence[str | int] = (
        list(here) if isinstance(here, dict) else range(len(here))
    )
    key = chance.choice(keys)
    if isinstance(here, dict):
        assert isinstance(key, str)
        if chance.random() < 0.1:
            del here[key]
        elif chance.random() < 0.05:
            here["newField"] = chance.choice(ODD)()
        else:
            here[key] = mutated(here[key], chance)
    else:
        assert isinstance(key, int)
        if chance.random() < 0.1:
            here.insert(key, here[key])
        else:
            here[key] = mutated(here[key], chance)
    return here


def _instead(value: Json, chance: Random) -> Json:
    if isinstance(value, str) and value and chance.random() < 0.4:
        place = chance.randrange(len(value))
        letter = chance.choice(["", "Z", "é", "\u2028", "\udcff", "-", value])
        return value[:place] + letter + value[place + 1 :]
    if isinstance(value, list) and chance.random() < 0.3:
        return value * 3
    return chance.choice(ODD)()


def scrambled(body: bytes, chance: Random) -> tuple[bytes, str]:
    """Bytes as they might come, and the encoding that is said of them."""
    place = chance.randrange(len(body) + 1)
    packed = gzip.compress(body, 1)
    ways: Sequence[Callable[[], tuple[bytes, str]]] = (
        lambda: (body[:place], ""),
        lambda: (body[:place] + chance.randbytes(3) + body[place:], ""),
        lambda: (packed, "gzip"),
        lambda: (packed[: place % len(packed)], "gzip"),
        lambda: (body, chance.choice(["gzip", "br", "deflate", "gzip, gzip", "é"])),
        lambda: (b"[" * 20_000 + body, ""),
        lambda: (body + b" " * OVER, ""),
        lambda: (gzip.compress(body + b" " * (8 * OVER), 1), "gzip"),
        lambda: (chance.randbytes(place % 400), ""),
    )
    # As often as not the bytes are what they should be.
    if chance.random() < 0.5:
        return body, ""
    return chance.choice(ways)()
