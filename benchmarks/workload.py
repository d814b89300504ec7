"""The measured work: seeded, of any size, in the vendor's JSON."""

import json
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from incidents.feeds import User
from incidents.models import Incident, IncidentId, Severity, Status, UserId

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_SERVICES = ("checkout", "payment", "search", "orders", "api-gw", "kafka", "auth")
_FAULTS = ("latency", "5xx-rate", "lag", "disk-full", "saturation", "timeouts")
_WORDS = [
    "the",
    "pod",
    "node",
    "of",
    "in",
    "cluster",
    "region",
    "queue",
    "depth",
    "latency",
    "above",
    "below",
    "threshold",
    "for",
    "minutes",
    "request",
    "error",
    "rate",
    "percent",
    "timeout",
    "upstream",
    "downstream",
    "retry",
    "connection",
    "pool",
    "exhausted",
    "disk",
    "memory",
    "usage",
    "partition",
    "consumer",
    "lag",
    "broker",
    "replica",
    "leader",
    "check",
    "runbook",
    "dashboard",
    "owner",
    "deploy",
    "version",
    "rollback",
    "canary",
    "traffic",
    "shard",
    "index",
    "cache",
    "miss",
    "eviction",
    "certificate",
    "expires",
    "job",
    "failed",
    "exit",
    "code",
    "restart",
    "count",
    "and",
    "is",
    "was",
    "has",
    "since",
    "last",
    "seen",
    "host",
    "container",
    "namespace",
    "service",
    "endpoint",
    "gateway",
]
_SEVERITIES = ("INFO", "WARNING", "ERROR", "CRITICAL", "LOW")


def users(count: int) -> tuple[User, ...]:
    """Create *count* users, each with e-mail and UUID."""
    return tuple(
        User(
            uid=f"user-{number:05}",
            ids=frozenset(
                {
                    UserId(f"user-{number:05}@example.com"),
                    UserId(str(uuid.UUID(int=number + 1))),
                }
            ),
        )
        for number in range(count)
    )


def wire(
    count: int, people: Sequence[User], seed: int, *, size: int = 3000
) -> list[dict[str, object]]:
    """Create *count* open incidents in the API's JSON, *size* bytes each."""
    rng = random.Random(seed)
    return [_row(rng, number, people, size) for number in range(count)]


def _row(
    rng: random.Random, number: int, people: Sequence[User], size: int
) -> dict[str, object]:
    service, fault = rng.choice(_SERVICES), rng.choice(_FAULTS)
    opened = NOW - timedelta(seconds=rng.randrange(60, 30 * 86400))
    who = f"{people[number % len(people)].uid}@example.com" if people else ""
    labels = {
        "alert_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "alert_name": f"{service}-{fault}",
        "alert_type": "metric",
    }
    row: dict[str, object] = {
        "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "state": "INCIDENT_STATE_TRIGGERED",
        "status": "INCIDENT_STATUS_TRIGGERED",
        "severity": f"INCIDENT_SEVERITY_{rng.choice(_SEVERITIES)}",
        "assignments": (
            [{"assignedTo": {"userId": who}, "assignedBy": {"userId": who}}]
            if who
            else []
        ),
        "contextualLabels": labels,
        "displayLabels": {"service": service, "cluster": f"eu-{rng.randrange(9)}"},
        "metaLabels": [{"key": "team", "value": rng.choice(_SERVICES)}],
        "events": [],
        "createdAt": _stamp(opened),
        "lastStateUpdateTime": _stamp(opened + timedelta(seconds=30)),
        "lastStateUpdateKey": f"{rng.getrandbits(64):x}",
        "duration": "0s",
        "name": f"{service}-{fault}",
        "description": "",
        "isMuted": False,
    }
    room = size - len(json.dumps(row))
    text = _prose(rng, room)
    row["description"] = text[: room // 2]
    labels["alert_group_by_fields"] = text[room // 2 : room]
    return row


def _prose(rng: random.Random, length: int) -> str:
    """Return text like that of alerts: words, numbers and ids."""
    words: list[str] = []
    while length > 0:
        chance = rng.random()
        word = (
            rng.choice(_WORDS)
            if chance < 0.8  # noqa: PLR2004  # four words in five
            else f"{rng.randrange(10_000)}"
            if chance < 0.9  # noqa: PLR2004  # a number in ten
            else f"{rng.getrandbits(32):08x}"
        )
        words.append(word)
        length -= len(word) + 1
    return " ".join(words)


def _stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def pages(rows: Sequence[Mapping[str, object]], size: int = 10_000) -> list[bytes]:
    """Return *rows* as bodies of ListIncidents, *size* to a page."""
    starts = range(0, len(rows), size) or range(1)
    return [
        json.dumps(
            {
                "incidents": rows[start : start + size],
                "pagination": {
                    "totalSize": len(rows),
                    **(
                        {"nextPageToken": str(start + size)}
                        if start + size < len(rows)
                        else {}
                    ),
                },
            }
        ).encode()
        for start in starts
    ]


def moved(
    incidents: Mapping[IncidentId, Incident], share: float, seed: int
) -> dict[IncidentId, Incident]:
    """Change a *share* of *incidents*: acknowledge them, or raise their severity."""
    rng = random.Random(seed)
    chosen = rng.sample(sorted(incidents), round(len(incidents) * share))
    result = dict(incidents)
    for id_ in chosen:
        incident = result[id_]
        result[id_] = (
            replace(incident, status=Status.ACKNOWLEDGED)
            if incident.status == Status.TRIGGERED
            else replace(incident, severity=Severity.CRITICAL)
        )
    return result
