"""Try the team key without any effect: ask for an incident that does not exist."""

from collections.abc import Mapping

from incidents.coralogix.http.client import Http
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.errors import (
    KeyRejectedError,
    PermissionMissingError,
    SettingsError,
    SourceError,
)
from incidents.models import IncidentId
from tray_app.operating.findings import Finding, bad, good, unsure

_WHAT = "key"
_NOBODY = IncidentId("00000000-0000-4000-8000-000000000000")
_LIMITS = Limits(exchange=15.0)
"""Seconds: a person waits."""


def key(text: str, environment: Mapping[str, str]) -> Finding:
    """Try the key that is the secret's *text*, where the *environment* says."""
    try:
        http = Http(
            Address.configured(
                base_url=environment.get("CORALOGIX_BASE_URL", ""),
                region=environment.get("CORALOGIX_REGION", ""),
            ),
            Key.from_secret(text),
            limits=_LIMITS,
        )
    except SettingsError as error:
        return bad(_WHAT, f"{error}", "put it into the secret again, whole and alone")
    try:
        answer = CoralogixReader(http).look_up([_NOBODY])
    except KeyRejectedError:
        return bad(
            _WHAT,
            "Coralogix does not take it",
            'rotate it as "Rotate the key" in infra/README.md says; check the region',
        )
    except PermissionMissingError:
        return bad(
            _WHAT,
            "it lacks the permission incidents:read",
            "give the key that permission in Coralogix, and no other",
        )
    except SourceError as error:
        return bad(_WHAT, f"{error}", "check CoralogixRegion and CoralogixBaseUrl")
    finally:
        http.close()
    if not (answer.missing or answer.incidents):
        return unsure(_WHAT, "Coralogix does not answer just now", "try again later")
    return good(_WHAT, "Coralogix takes it, and it may read incidents")
