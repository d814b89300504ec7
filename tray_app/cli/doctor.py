"""`incident-tray doctor`: everything the tray needs, tried one by one."""

import argparse
import contextlib
import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from incidents import VERSION
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.errors import (
    AccessDeniedError,
    CredentialsError,
    IncidentsError,
    SettingsError,
)
from incidents.feeds import team_feed, user_feed
from incidents.ports import FeedReader
from tray_app.app import connect, last_known, logs
from tray_app.cli import autostart, probes
from tray_app.desktop import instance
from tray_app.desktop.keychain import SystemKeychain
from tray_app.model.freshness import Freshness
from tray_app.model.ports import DesktopError
from tray_app.present import badge, upgrade
from tray_app.present.phrases import counted, lasted
from tray_app.present.safe_text import lines
from tray_app.settings import paths
from tray_app.settings.settings import Settings, load
from tray_app.settings.template import template

GOOD, BAD, UNSURE = "ok", "wrong", "unknown"
_SIGNS = {GOOD: "✓", BAD: "✗", UNSURE: "?"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was tried."""

    what: str
    state: str
    text: str


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    doctor = commands.add_parser(
        "doctor",
        help="try everything the tray needs and say what is wrong",
        epilog="The exit code is 1 if anything is wrong.",
    )
    doctor.add_argument("--json", action="store_true", help="a JSON object a line")
    doctor.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE",
        help="also write a zip file to send to somebody: findings, settings, logs, "
        "without any secret",
    )
    doctor.set_defaults(run=_doctor)


def _doctor(args: argparse.Namespace) -> int:
    found = list(findings())
    for one in found:
        if args.json:
            print(json.dumps(asdict(one)))
        else:
            text = lines(one.text).replace("\n", "\n  ")
            print(f"{_SIGNS[one.state]} {one.what}: {text}")
    if args.bundle:
        _bundle(args.bundle, found)
        print(f"Written: {args.bundle}", file=sys.stderr)
    return 1 if any(one.state == BAD for one in found) else 0


def findings() -> Iterator[Finding]:
    """Try one thing after the other; what cannot be tried is unknown, not wrong."""
    try:
        settings = load(paths.settings_file())
    except SettingsError as error:
        yield Finding(what="settings", state=BAD, text=f"{error}")
        settings = Settings()
    else:
        settings = followed(settings)
        yield _tried("settings", lambda: _complete(settings))
    yield _tried("tray", _tray)
    yield _tried("known", _known)
    yield _tried("keychain", _keychain)
    if settings.mode == "team":
        table = _tried("table", lambda: _table(settings))
        yield table
        # A table that cannot be read has been waited for once, which is enough.
        store = reader(settings) if table.state == GOOD else None
    else:
        yield _tried("coralogix", lambda: _coralogix(settings))
        store = None
    yield _tried("version", lambda: _version(store))
    yield _tried("notifications", lambda: (GOOD, probes.notifications()))
    yield _tried("panel", lambda: (GOOD, probes.panel()))
    yield _tried("autostart", _autostart)


def followed(settings: Settings) -> Settings:
    """Return what the tray that runs was started with; else *settings*, the file's."""
    if instance.is_running(paths.runtime_folder()):
        with contextlib.suppress(IncidentsError), last_known.ledger() as held:
            return last_known.started_with(held) or settings
    return settings


def _tried(what: str, trial: Callable[[], tuple[str, str]]) -> Finding:
    try:
        state, text = trial()
    except (IncidentsError, DesktopError) as error:
        state, text = BAD, f"{error}"
    return Finding(what=what, state=state, text=logs.redacted(text))


def _complete(settings: Settings) -> tuple[str, str]:
    """Say whether *settings* are enough for `run` without any argument."""
    from tray_app.app.compose import checked

    path = paths.settings_file()
    if not path.exists():
        return UNSURE, f"there is no {path} yet: `incident-tray setup` writes it"
    checked(settings)
    return GOOD, f"{path}"


def _tray() -> tuple[str, str]:
    if instance.is_running(paths.runtime_folder()):
        return GOOD, "it runs"
    return BAD, "it does not run: start it with `incident-tray run`"


def _known() -> tuple[str, str]:
    now = datetime.now().astimezone()  # noqa: TID251  # the edge, in local time
    with last_known.ledger() as ledger:
        state = last_known.state(ledger, now)
    stale = state.freshness.stale(now)
    return (BAD if stale else GOOD), badge.icon(state, now).tooltip


def _keychain() -> tuple[str, str]:
    if os.environ.get(connect.KEY):  # noqa: TID251  # the edge
        return GOOD, f"the key is in {connect.KEY}"
    SystemKeychain().key()
    return GOOD, "it holds a Coralogix key"


def reader(settings: Settings) -> FeedReader:
    """Return the table that *settings* name as the tray reads it."""
    from tray_app.app.compose import TableSource

    return TableSource(settings).reader(anew=True)


def _table(settings: Settings) -> tuple[str, str]:
    store = reader(settings)
    feeds = [user_feed(settings.uid)] if settings.uid else []
    feeds += [team_feed(settings.team)] if settings.team else []
    try:
        status = store.status()
        missing = [feed for feed in feeds if store.head(feed) is None]
    except (CredentialsError, AccessDeniedError) as error:
        return BAD, f"{error} Try `aws sso login`."
    if missing:
        return (
            BAD,
            f"there is no feed {missing[0]} yet: see `incident-tray admin users`",
        )
    if status.watermark is None:
        return BAD, "no sync has completed yet"
    now = datetime.now(UTC)  # noqa: TID251  # the edge
    fresh = Freshness(
        watermark=status.watermark,
        interval=timedelta(seconds=status.interval_seconds),
        poll=timedelta(seconds=settings.poll_seconds),
    )
    age = lasted(now - status.watermark)
    text = f"{settings.table} reflects Coralogix of {age} ago"
    return (BAD if fresh.feed_is_old(now) else GOOD), text


def _version(store: FeedReader | None) -> tuple[str, str]:
    """Compare this program with the sync that writes to *store*."""
    theirs = store.status().version if store is not None else ""
    return (UNSURE, upgrade.how(theirs)) if upgrade.newer(theirs) else (GOOD, VERSION)


def _coralogix(settings: Settings) -> tuple[str, str]:
    """Read what is open with the person's own key, as solo mode does."""
    http = connect.connected(settings)
    try:
        listing = CoralogixReader(http).list_open(None)
    finally:
        http.close()
    if not listing.complete:
        return BAD, f"not all of it can be read: {listing.problem}"
    return GOOD, f"it has {counted(len(listing.incidents), 'open incident')}"


def _autostart() -> tuple[str, str]:
    if autostart.own_autostart().is_enabled():
        return GOOD, "the tray starts with the session"
    return UNSURE, "off: `incident-tray autostart on`"


def _bundle(path: Path, found: list[Finding]) -> None:
    """Write what somebody else needs to help, and no secret."""
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
            told = "\n".join(json.dumps(asdict(one)) for one in found)
            bundle.writestr("findings.jsonl", logs.redacted(told) + "\n")
            bundle.writestr("settings.toml", logs.redacted(_settings()))
            for file in sorted(paths.log_folder().glob(f"{logs.NAME}*")):
                text = file.read_text(encoding="utf-8", errors="replace")
                bundle.writestr(file.name, logs.redacted(text))
    except OSError as exc:
        raise DesktopError(f"{path} cannot be written: {exc.strerror}") from exc


def _settings() -> str:
    try:
        return template(load(paths.settings_file()), explained=False)
    except SettingsError as error:
        return f"# {error}\n"
