"""`incident-tray doctor`: check everything that the tray needs, one by one."""

import argparse
import contextlib
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import tee
from pathlib import Path

from incidents import VERSION
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.errors import (
    AccessDeniedError,
    CredentialsError,
    IncidentsError,
    SettingsError,
    SourceError,
)
from incidents.feeds import team_feed, user_feed
from incidents.ports import FeedReader
from tray_app.app import connect, logs, restore, running
from tray_app.app.clock import local_now
from tray_app.cli import autostart, findings, probes
from tray_app.desktop import instance
from tray_app.desktop.keychain import SystemKeychain
from tray_app.model.freshness import Freshness
from tray_app.model.ports import DesktopError, KeychainError
from tray_app.model.state import ProblemKind
from tray_app.operating.findings import CheckState, Finding, bad, good, unsure
from tray_app.present import badge, upgrade
from tray_app.present.phrases import counted, lasted
from tray_app.present.problem_texts import CLOSED
from tray_app.settings import environment, paths, private
from tray_app.settings.settings import Settings, load
from tray_app.settings.template import template


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
    printed, recorded = tee(check_all())
    code = findings.report(printed, as_json=args.json)
    checked = list(recorded)
    if args.bundle:
        write_bundle(args.bundle, checked)
        print(f"Written: {args.bundle}", file=sys.stderr)
    return code


def check_all() -> Iterator[Finding]:
    """Check one thing after the other; what cannot be checked is unknown, not wrong."""
    try:
        settings = load(paths.settings_file())
    except SettingsError as error:
        yield bad("settings", f"{error}")
        settings = Settings()
    else:
        settings = effective(settings)
        yield _checked("settings", lambda: _settings_of_file(settings))
    yield _checked("tray", running_tray)
    yield _checked("known", _known)
    yield _checked("keychain", _keychain)
    store = None
    if settings.mode == "team":
        table = _checked("table", lambda: _table(settings))
        yield table
        # A table that cannot be read has been waited for once, which is enough.
        store = reader(settings) if table.state is CheckState.GOOD else None
    else:
        yield _checked("coralogix", lambda: _coralogix(settings))
    yield _checked("version", lambda: _version(store))
    yield _checked(
        "notifications", lambda: good("notifications", probes.notifications())
    )
    yield _checked("panel", lambda: good("panel", probes.panel()))
    yield _checked("autostart", _autostart)
    yield from _links(settings)
    yield _checked("files", own_files)


def effective(settings: Settings) -> Settings:
    """Return the settings of the running tray; without one, *settings* of the file."""
    if running.is_running():
        with contextlib.suppress(IncidentsError), restore.open_ledger() as ledger:
            return restore.started_with(ledger) or settings
    return settings


def _checked(what: str, check: Callable[[], Finding]) -> Finding:
    try:
        finding = check()
    except (IncidentsError, DesktopError) as error:
        finding = bad(what, f"{error}")
    return replace(finding, text=logs.redacted(finding.text))


def _settings_of_file(settings: Settings) -> Finding:
    """Check that *settings* are enough for `run` without any argument."""
    from tray_app.app.compose import checked

    path = paths.settings_file()
    if not path.exists():
        return unsure(
            "settings", f"there is no {path} yet: `incident-tray setup` writes it"
        )
    checked(settings)
    return good("settings", f"{path}")


def running_tray() -> Finding:
    if running.is_running():
        other = running.holder()
        if running.send(instance.HERE) or (other is not None and not other.is_here):
            return good("tray", f"it runs: {other}" if other else "it runs")
        return bad("tray", f"it runs, but {instance.SILENT}")
    return bad("tray", "it does not run: start it with `incident-tray run`")


def _known() -> Finding:
    now = local_now()
    with restore.open_ledger() as ledger:
        state = restore.known_state(ledger, now)
    old = state.freshness.stale(now) or state.problem(ProblemKind.FEED_CLOSED)
    judge = bad if old else good
    return judge("known", badge.icon(state, now).tooltip)


def _keychain() -> Finding:
    if os.environ.get(environment.KEY):  # noqa: TID251  # the edge
        return good("keychain", f"the key is in {environment.KEY}")
    SystemKeychain().key()
    return good("keychain", "it holds a Coralogix key")


def reader(settings: Settings) -> FeedReader:
    """Return the table that *settings* name as the tray reads it."""
    from tray_app.feed.table import TableSource

    return TableSource(settings).reader(reconnect=True)


def _table(settings: Settings) -> Finding:
    store = reader(settings)
    feeds = [user_feed(settings.uid)] if settings.uid else []
    feeds += [team_feed(settings.team)] if settings.team else []
    try:
        status = store.status()
        heads = {feed: store.head(feed) for feed in feeds}
    except (CredentialsError, AccessDeniedError) as error:
        return bad("table", f"{error} Try `aws sso login`.")
    missing = [feed for feed, head in heads.items() if head is None]
    if missing:
        return bad(
            "table",
            f"there is no feed {missing[0]} yet: see `incident-tray admin users`",
        )
    for feed, head in heads.items():
        if head is not None and head.closed:
            why = CLOSED[head.closed.reason].replace("{feed}", feed)
            return bad("table", f"nobody keeps your feed any more. {why}")
    if status.watermark is None:
        return bad("table", "no sync has completed yet")
    now = datetime.now(UTC)  # noqa: TID251  # the edge
    fresh = Freshness(
        watermark=status.watermark,
        interval=timedelta(seconds=status.interval_seconds),
        poll=timedelta(seconds=settings.poll_seconds),
    )
    age = lasted(now - status.watermark)
    judge = bad if fresh.feed_is_old(now) else good
    return judge("table", f"{settings.table} reflects Coralogix of {age} ago")


def _version(store: FeedReader | None) -> Finding:
    """Compare the version of this program with that of the sync behind *store*."""
    version = store.status().version if store is not None else ""
    if upgrade.newer(version):
        return unsure("version", upgrade.how(version))
    return good("version", VERSION)


def _coralogix(settings: Settings) -> Finding:
    """Read what is open with the person's own key, as solo mode does."""
    http = connect.connected(settings.coralogix.address())
    try:
        listing = CoralogixReader(http).list_open(None)
    finally:
        http.close()
    if not listing.complete:
        return bad("coralogix", f"not all of it can be read: {listing.problem}")
    return good(
        "coralogix", f"it has {counted(len(listing.incidents), 'open incident')}"
    )


def _autostart() -> Finding:
    if autostart.own_autostart().is_enabled():
        return good("autostart", "the tray starts with the session")
    return unsure("autostart", "off: `incident-tray autostart on`")


def _links(settings: Settings) -> Iterator[Finding]:
    """Check where a click leads, if Coralogix is asked for it."""
    address = settings.coralogix.address()
    if address is not None and not settings.coralogix.link:
        with contextlib.suppress(KeychainError):  # the key's own check says so
            yield _checked("links", lambda: _team_links(address))


def _team_links(address: Address) -> Finding:
    try:
        with connect.acting(address) as actor:
            return good("links", actor.team_links().to("ID"))
    except SourceError as error:
        return unsure("links", f"{error}")


def own_files() -> Finding:
    """Check that nobody else may use our folders and files."""
    for path in paths.private_paths():
        if private.is_open_to_others(path):
            return bad(
                "files", f"{path} is open to others", f"Run `chmod go= '{path}'`."
            )
    return good("files", "they are closed to others")


def write_bundle(path: Path, checked: list[Finding]) -> None:
    """Write a zip file with findings, settings and logs, without any secret."""
    try:
        private.make_file(path)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
            text = "\n".join(map(findings.to_json, checked))
            bundle.writestr("findings.jsonl", logs.redacted(text) + "\n")
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
