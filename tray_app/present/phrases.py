"""The pieces that every sentence is made of: ages, names, places, clamped text."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from incidents.models import Incident, Severity, UserId
from tray_app.present.safe_text import cut, one_line

DASH = "\u2013"
"""Between a program and what it says."""
LONGEST_LABEL = 60
"""Characters of a menu's line."""
LONGEST_TITLE = 60
LONGEST_LINE = 120
_PLACES = (
    "service",
    "application",
    "applicationname",
    "cx.application.name",
    "subsystem",
    "subsystemname",
    "cx.subsystem.name",
    "environment",
    "region",
    "host",
)
"""Labels that say where, by what they are often called; the first two are shown."""
_WORDS: Mapping[str, str] = {
    Severity.CRITICAL: "CRIT",
    Severity.ERROR: "ERR",
    Severity.WARNING: "WARN",
    Severity.INFO: "INFO",
    Severity.LOW: "LOW",
}
_SIGNS: Mapping[str, str] = {Severity.CRITICAL: "■", Severity.ERROR: "▲"}
_STEPS = (
    (timedelta(hours=12), "12 h"),
    (timedelta(hours=4), "4 h"),
    (timedelta(hours=1), "1 h"),
    (timedelta(minutes=20), "20 m"),
    (timedelta(minutes=5), "5 m"),
)
_DAY = timedelta(days=1)
_UNITS = ((86400, "d", 2), (3600, "h", 1), (60, "min", 1), (1, "s", 0))
"""Seconds of a unit, its sign, and from how many of it on it is used."""


def coarse_age(span: timedelta) -> str:
    """Say how long *span* is in steps so coarse that a menu rarely changes."""
    if span >= _DAY:
        return f"{min(span // _DAY, 99)} d"
    return next((text for step, text in _STEPS if span >= step), "now")


def lasted(span: timedelta) -> str:
    """Say how long something took: `40 s`, `4 min`, `3 h`, `2 d`."""
    seconds = max(int(span.total_seconds()), 0)
    size, unit = next((u for u in _UNITS if seconds >= u[0] * u[2]), _UNITS[-1])[:2]
    return f"{seconds // size} {unit}"


def clock(moment: datetime, now: datetime) -> str:
    """Say when, in the time zone of *now*: `14:02`, or `Tue 14:02` on another day."""
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%a %H:%M}"


def word(severity: str) -> str:
    """Spell *severity* out: `Critical`; one we do not know as it came."""
    text = clean(severity)
    return text.capitalize() if severity in set(Severity) else text


def sign(severity: str) -> str:
    """Return a shape and a short word: `■ CRIT`."""
    short = _WORDS.get(severity) or clean(severity, 12)
    return f"{_SIGNS.get(severity, '●')} {short}"


def clean(text: str, longest: int = LONGEST_LINE) -> str:
    """Make text from elsewhere one line of what can be seen, cut at its end."""
    return cut(_line(text), longest)


def _line(text: str) -> str:
    # Most text is plain, and every label of a menu comes by here.
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return one_line(text)


def clamp(text: str, longest: int) -> str:
    """Make *text* one line of at most *longest* characters, cut in its middle."""
    text = _line(text)
    if len(text) <= longest:
        return text
    tail = (longest - 1) // 2
    return f"{text[: longest - 1 - tail]}…{text[len(text) - tail :]}"


def name_of(incident: Incident, longest: int = 44) -> str:
    """Return what *incident* is called, or its id if that draws nothing."""
    return clamp(incident.name, longest) or clamp(incident.id, longest)


def place(incident: Incident) -> str:
    """Say where: `checkout · eu-west-1`; nothing if no label tells."""
    if not incident.labels:
        return ""
    known = {key.lower(): value for key, value in incident.labels}
    places = [
        text for key in _PLACES if key in known and (text := clean(known[key], 32))
    ]
    return joined(dict.fromkeys(places[:2]))


def joined(parts: Iterable[str]) -> str:
    """Put what is not empty on one line."""
    return " · ".join(part for part in parts if part)


def person(user: UserId | None) -> str:
    """Return what to call *user*: what an address begins with, or nothing at all."""
    name, at, _ = clean(user or "", 80).partition("@")
    return clamp(name, 24) if at else ""


def somebody(user: UserId | None) -> str:
    """Return what to call *user* where a sentence begins: `Amir Haddad`."""
    parts = person(user).replace("_", ".").split(".")
    return " ".join(part[:1].upper() + part[1:] for part in parts if part) or "Someone"


def people(users: Iterable[UserId]) -> str:
    """Name *users*, the first two of them: `dana and 2 more`."""
    first, *others = [person(user) or "someone" for user in users] or [""]
    match others:
        case []:
            return first
        case [second]:
            return f"{first} and {second}"
        case _:
            return f"{first} and {len(others)} more"


def counted(number: int, singular: str, plural: str = "") -> str:
    """Say `1 incident`, `2 incidents`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def tooltip(text: str) -> str:
    """Cut *text* to what Windows takes: 127 UTF-16 units."""
    return cut(one_line(text), 127)
