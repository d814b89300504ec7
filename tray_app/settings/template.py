"""Write settings files: what each setting is for, and its value as TOML."""

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import fields, is_dataclass
from datetime import time, timedelta
from enum import StrEnum

from incidents.coralogix.http.routes import NEWEST, Version
from tray_app.model.rules import NEVER
from tray_app.settings import durations
from tray_app.settings.settings import Settings, parse

DOCS: Mapping[str, str] = {
    "mode": '"team": follow the feeds of a table; "solo": read Coralogix with your '
    "own key, no AWS.",
    "uid": "Who you are in the table: the tag that your AWS sign-in carries.",
    "team": "The team to follow as well; empty follows your own incidents alone.",
    "table": "The DynamoDB table.",
    "region": "Its AWS region; empty leaves it to the AWS profile.",
    "profile": "The AWS profile to sign in with; empty is the default profile.",
    "endpoint": "Another address of DynamoDB, for a table on this machine.",
    "poll_seconds": "How often the feeds are read, in seconds.",
    "coralogix.base_url": "The address of the API, for example a proxy's; "
    "or else give the region.",
    "coralogix.region": "eu1, eu2, us1, us2, us3, ap1, ap2, ap3, gov1, "
    "or a private domain.",
    "coralogix.api_version": f"{', '.join(Version)}; empty is {NEWEST}.",
    "coralogix.link": "An incident's page: https, with {id} once. "
    "Empty asks Coralogix for the team's address.",
    "rules.show_from": "The lowest severity in the menu and on the icon.",
    "rules.notify": "What notifies. Being assigned an incident always does.",
    "rules.notify_from": "The lowest severity that notifies.",
    "rules.notify_others_from": "The same for incidents of somebody else; "
    '"never" notifies of none.',
    "rules.sound": "What may sound, where it notifies.",
    "rules.sound_from": 'The lowest severity that sounds; "never" is silence.',
    "rules.snooze_bypass": "The lowest severity that a snooze does not silence.",
    "rules.remind_after": "When to remind of a critical incident, yours or "
    "nobody's, that is not acknowledged.",
    "rules.forgotten_after": "When an incident that you acknowledged counts as "
    'forgotten; notifies if "forgotten" is in `notify`.',
    "rules.burst": "More notifications than this in 10 seconds become one digest.",
    "rules.burst_a_minute": "And more than this in a minute.",
    "rules.own_in_burst": "So many that are critical, or assigned to you, notify "
    "in addition to a digest.",
    "rules.flapping": "So many openings of one incident within `flapping_span` "
    "become one notification.",
    "rules.flapping_span": "See `flapping`.",
    "rules.away_after": "After so long without reading the feeds, one summary says "
    "what happened meanwhile.",
    "rules.count": "Whether the icon has digits.",
    "rules.updates": "Whether a newer version notifies, once a week; the menu has it "
    "in any case.",
    "rules.quiet_hours.on": "Whether every day has quiet hours.",
    "rules.quiet_hours.start": "When they begin, in local time.",
    "rules.quiet_hours.end": "When they end; this may be the next morning.",
    "rules.quiet_hours.bypass": "The lowest severity that notifies all the same.",
}


def template(settings: Settings, *, explained: bool = True) -> str:
    """Return a settings file that holds *settings*, each with a line on what it is."""
    import tomlkit

    text, table = [], ""
    for path, value in _values(settings):
        *tables, name = path.split(".")
        if (heading := ".".join(tables)) != table:
            table = heading
            text.append(f"\n[{table}]")
        if explained:
            text.append(f"# {DOCS[path]}")
        text.append(f"{name} = {tomlkit.item(_toml(value)).as_string()}")
    return "\n".join(text) + "\n"


def rewritten(text: str, settings: Settings) -> str:
    """
    Return the settings file *text* with *settings* in it.

    What says the same already stays as it is: comments, order, format.

    Raises:
        SettingsError: If *text* holds mistakes.
    """
    import tomlkit

    document = tomlkit.parse(text)
    stored = dict(_values(parse(text)))
    for path, value in _values(settings):
        if value == stored[path]:
            continue
        table: MutableMapping[str, object] = document
        *tables, name = path.split(".")
        for part in tables:
            below = table.setdefault(part, tomlkit.table())
            if not isinstance(below, MutableMapping):
                raise TypeError(f"{part} is no table")
            table = below
        table[name] = tomlkit.item(_toml(value))
    return tomlkit.dumps(document)


def _values(settings: object, where: str = "") -> Iterator[tuple[str, object]]:
    """Yield each setting by its path, for example `rules.burst`; tables come last."""
    if not is_dataclass(settings):
        raise TypeError(f"{where} holds no settings")
    tables = []
    for field in fields(settings):
        path, value = f"{where}{field.name}", getattr(settings, field.name)
        if is_dataclass(value):
            tables.append((value, f"{path}."))
        else:
            yield path, value
    for table, below in tables:
        yield from _values(table, below)


def _toml(value: object) -> object:  # noqa: PLR0911  # a line for each type
    """Convert the *value* of a setting into what TOML has."""
    match value:
        case None:
            return NEVER
        case timedelta():
            return durations.text(value)
        case time():
            return f"{value:%H:%M}"
        case float() if value.is_integer():
            return int(value)
        case frozenset():
            return _toml(tuple(sorted(value)))
        case tuple():
            return [_toml(item) for item in value]
        case StrEnum():
            return f"{value}"
        case _:
            return value
