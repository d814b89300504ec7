"""Incidents and changes as JSON, packed, and back."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from datetime import datetime

from incidents.changes import Change
from incidents.errors import StoreDamagedError
from incidents.models import Incident, IncidentId, UserId
from incidents.stores.fields import Fields

_LONGEST_KEY = 900
"""Bytes of an incident's id in a key; DynamoDB takes 1,024 with its prefix."""
_LARGEST = 1_000_000
"""Bytes that an item may unpack to; ours are below 10,000."""
_SHARED = (
    b'","alert_id","alert_name","alert_type","metric","service","cluster","team"]],'
    b'critical","error","warning","info","low","resolved","acknowledged","triggered'
    b'{"before":null,"after":{"id":"","name":"","severity":"warning","status":'
    b'"triggered","state":"triggered","assignees":["@"],"muted":false,'
    b'"description":"","labels":[["","opened_at":"2026-01-01T00:00:00+00:00",'
    b'"updated_at":"2026-01-01T00:00:00+00:00","closed_at":null,"assigned_by":[["@'
    b'"]],"acknowledged_by":null,"resolved_by":null,"cut":true},"observed_at":"2026'
    b'-01-01T00:00:00+00:00","since":"2026-01-01T00:00:00+00:00","joined":false,'
    b'"left":false}'
)
"""
What every packed value begins from (zlib's preset dictionary), so that the names of
fields cost nothing. Part of the stored form: whoever changes it raises `SCHEMA`.
"""
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def incident_to_json(incident: Incident) -> dict[str, object]:
    """Convert *incident* into plain JSON, keyed by field name, times as ISO 8601."""
    return {
        "id": incident.id,
        "name": incident.name,
        "severity": incident.severity,
        "status": incident.status,
        "state": incident.state,
        "assignees": list(incident.assignees),
        "muted": incident.muted,
        "description": incident.description,
        "labels": [list(label) for label in incident.labels],
        "opened_at": incident.opened_at.isoformat(),
        "updated_at": incident.updated_at.isoformat(),
        "closed_at": _iso(incident.closed_at),
        "assigned_by": [list(pair) for pair in incident.assigned_by],
        "acknowledged_by": incident.acknowledged_by,
        "resolved_by": incident.resolved_by,
        "snoozed_until": _iso(incident.snoozed_until),
        "snoozed_by": incident.snoozed_by,
        "cut": incident.cut,
    }


def incident_from_json(data: Mapping[str, object]) -> Incident:
    """
    Convert JSON back into the incident; fields that we do not know are passed over.

    Raises:
        StoreDamagedError: If a field is missing or of another type.
    """
    return _incident(data)


def _incident(data: object) -> Incident:
    fields = Fields(data, "an incident")
    acknowledged = fields.optional("acknowledged_by")
    resolved = fields.optional("resolved_by")
    snoozed = fields.optional("snoozed_by")
    return Incident(
        id=IncidentId(fields.text("id")),
        name=fields.text("name"),
        severity=fields.text("severity"),
        status=fields.text("status"),
        state=fields.text("state", "triggered"),
        assignees=tuple(map(UserId, fields.texts("assignees"))),
        muted=fields.flag("muted"),
        description=fields.text("description", ""),
        labels=fields.pairs("labels"),
        opened_at=fields.moment("opened_at"),
        updated_at=fields.moment("updated_at"),
        closed_at=fields.optional_moment("closed_at"),
        assigned_by=tuple(
            (UserId(assignee), UserId(by))
            for assignee, by in fields.pairs("assigned_by")
        ),
        acknowledged_by=UserId(acknowledged) if acknowledged is not None else None,
        resolved_by=UserId(resolved) if resolved is not None else None,
        snoozed_until=fields.optional_moment("snoozed_until"),
        snoozed_by=UserId(snoozed) if snoozed is not None else None,
        cut=fields.flag("cut"),
    )


def pack_incident(incident: Incident) -> bytes:
    """Pack *incident* as compressed JSON."""
    return _pack(incident_to_json(incident))


def unpack_incident(packed: bytes) -> Incident:
    """
    Unpack what `pack_incident` packed.

    Raises:
        StoreDamagedError: If it is nothing of ours.
    """
    return _incident(_unpack(packed))


def pack_change(change: Change) -> bytes:
    """Pack *change* as compressed JSON: what both sides share costs almost nothing."""
    return _pack(
        {
            "before": incident_to_json(change.before) if change.before else None,
            "after": incident_to_json(change.after) if change.after else None,
            "observed_at": change.observed_at.isoformat(),
            "since": _iso(change.since),
            "joined": change.joined,
            "left": change.left,
        }
    )


def unpack_change(packed: bytes) -> Change:
    """
    Unpack what `pack_change` packed.

    Raises:
        StoreDamagedError: If it is nothing of ours.
    """
    fields = Fields(_unpack(packed), "a change")
    before, after = fields.part("before"), fields.part("after")
    try:
        return Change(
            before=None if before is None else _incident(before),
            after=None if after is None else _incident(after),
            observed_at=fields.moment("observed_at"),
            since=fields.optional_moment("since"),
            joined=fields.flag("joined"),
            left=fields.flag("left"),
        )
    except ValueError as error:
        raise StoreDamagedError("The store holds a change that is none.") from error


def key(id_: IncidentId) -> str:
    """Convert an incident's id into text that any store takes as a key."""
    # A lone surrogate, which JSON can carry, is no UTF-8.
    raw = id_.encode("utf-8", "backslashreplace")
    if len(raw) <= _LONGEST_KEY:
        return raw.decode()
    return "#" + hashlib.blake2b(raw, digest_size=32).hexdigest()


def _pack(data: Mapping[str, object]) -> bytes:
    packer = zlib.compressobj(zlib.Z_BEST_COMPRESSION, zdict=_SHARED)
    text = _encode(data).encode("utf-8", "surrogatepass")
    return packer.compress(text) + packer.flush()


def _unpack(packed: bytes) -> object:
    try:
        unpacker = zlib.decompressobj(zdict=_SHARED)
        text = unpacker.decompress(packed, _LARGEST)
        if unpacker.eof:
            return json.loads(text)
    except (zlib.error, ValueError, RecursionError) as error:
        raise StoreDamagedError("The store holds an item that is not ours.") from error
    raise StoreDamagedError("The store holds an item that is cut short or too large.")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
