"""What each setting is for, and a settings file that says so."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import time, timedelta

from incidents.coralogix.http.routes import NEWEST, Version
from tray_app.settings import durations
from tray_app.settings.parsing import NEVER
from tray_app.settings.settings import Settings

DOCS: Mapping[str, str] = {
    "mode": '"team": follow the feeds of a table; "solo": read Coralogix with your '
    "own key, no AWS.",
    "uid": "Who you are in the table: the tag that your AWS sign-in carries.",
    "team": "The team to follow besides; empty follows your own incidents alone.",
    "table": "The DynamoDB table.",
    "region": "Its AWS region; empty leaves it to the AWS profile.",
    "profile": "The AWS profile to sign in with; empty is the default one.",
    "endpoint": "Another address of DynamoDB, for a table on this machine.",
    "poll_seconds": "How often the feeds are looked at.",
    "coralogix.base_url": "The address of the API, for example a proxy's; "
    "or else give the region.",
    "coralogix.region": "eu1, eu2, us1, us2, us3, ap1, ap2, ap3, gov1, "
    "or a private domain.",
    "coralogix.api_version": f"{', '.join(Version)}; empty is {NEWEST}.",
    "coralogix.link": "An incident's page: https, with {id} once. "
    "Empty asks Coralogix for the team's address.",
    "rules.show_from": "Severities from here on are in the menu and colour the icon.",
    "rules.notify": "What notifies. Being assigned one always does.",
    "rules.notify_from": "Severities from here on notify.",
    "rules.notify_others_from": "The same for what is somebody else's; "
    '"never" tells none.',
    "rules.sound": "What may sound, where it notifies.",
    "rules.sound_from": 'Severities from here on sound; "never" is silence.',
    "rules.snooze_bypass": "From here on a snooze is broken through.",
    "rules.remind_after": "When to say again that a critical one, yours or "
    "nobody's, is not acknowledged.",
    "rules.forgotten_after": "When an acknowledgement of yours counts as forgotten; "
    'told if "forgotten" is in `notify`.',
    "rules.burst": "More notifications than this in 10 seconds become one digest.",
    "rules.burst_a_minute": "And more than this in a minute.",
    "rules.own_in_burst": "So many critical ones, or ones assigned to you, are told "
    "beside a digest.",
    "rules.flapping": "So many openings of one incident within `flapping_span` are "
    "told as one.",
    "rules.flapping_span": "See `flapping`.",
    "rules.away_after": "After so long without a look, one summary tells what "
    "happened meanwhile.",
    "rules.count": "Whether the icon has digits.",
    "rules.updates": "Whether a newer version is told, once a week; the menu has it "
    "in any case.",
    "rules.quiet_hours.on": "Whether every day has quiet hours.",
    "rules.quiet_hours.start": "When they begin, in local time.",
    "rules.quiet_hours.end": "When they end; this may be the next morning.",
    "rules.quiet_hours.bypass": "From this severity on it is told all the same.",
}


def template(settings: Settings, *, explained: bool = True) -> str:
    """Return a settings file that holds *settings*, each with a line on what it is."""
    return "\n".join(_lines(settings, "", explained=explained)).strip() + "\n"


def _lines(value: object, where: str, *, explained: bool) -> Iterator[str]:
    if not is_dataclass(value):
        raise TypeError(f"{where} holds no settings")
    nested = []
    for setting in fields(value):
        path, held = f"{where}{setting.name}", getattr(value, setting.name)
        if is_dataclass(held):
            nested.append((path, held))
            continue
        if explained:
            yield f"# {DOCS[path]}"
        yield f"{setting.name} = {toml(held)}"
    for path, held in nested:
        yield f"\n[{path}]"
        yield from _lines(held, f"{path}.", explained=explained)


def toml(value: object) -> str:  # noqa: PLR0911  # a line for each type
    """Write one value of a setting in TOML."""
    match value:
        case None:
            return f'"{NEVER}"'
        case bool():
            return f"{value}".lower()
        case int() | float():
            return f"{value:g}"
        case timedelta():
            return f'"{durations.text(value)}"'
        case time():
            return f'"{value:%H:%M}"'
        case frozenset():
            return toml(tuple(sorted(value)))
        case tuple():
            return f"[{', '.join(toml(item) for item in value)}]"
        case _:
            return _quoted(f"{value}")


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text) + '"'
    )
