"""A settings file: read whole, and every mistake in it named."""

import os
from argparse import Namespace
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.errors import SettingsError
from incidents.models import Severity
from tray_app.cli import table
from tray_app.model.rules import QuietHours, Rules, Topic
from tray_app.settings import durations
from tray_app.settings import paths as places
from tray_app.settings.settings import (
    LARGEST,
    PROFILE,
    Coralogix,
    Settings,
    changed,
    load,
    parse,
    stamp,
)
from tray_app.settings.template import DOCS, rewritten, template

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "user-guide.md"
NAMES = st.from_regex(r"([a-cX-Z019][a-cX-Z019._@+-]{0,19})?", fullmatch=True)
THRESHOLDS = st.sampled_from(Severity)
SPANS = st.integers(1, 60 * 24 * 30).map(lambda m: timedelta(minutes=m))
RULES = st.builds(
    Rules,
    show_from=THRESHOLDS,
    notify=st.frozensets(st.sampled_from(Topic)),
    notify_others_from=st.none() | THRESHOLDS,
    remind_after=st.sets(SPANS, max_size=4).map(lambda s: tuple(sorted(s))),
    burst=st.integers(1, 100),
    quiet_hours=st.builds(
        QuietHours,
        on=st.booleans(),
        start=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
        bypass=st.none() | THRESHOLDS,
    ),
)


SETTINGS = st.builds(
    Settings,
    mode=st.sampled_from(["team", "solo"]),
    uid=NAMES,
    profile=st.from_regex(PROFILE, fullmatch=True),
    poll_seconds=st.integers(1, 3600),
    rules=RULES,
)


@settings(deadline=None, max_examples=30)
@given(SETTINGS, st.booleans())
def test_what_is_written_is_read_again(wanted: Settings, explained: bool) -> None:  # noqa: FBT001  # drawn
    assert parse(template(wanted, explained=explained)) == wanted


@settings(deadline=None, max_examples=20)
@given(SETTINGS, SETTINGS, st.booleans())
def test_a_rewritten_file_has_the_new_settings_and_every_comment(
    before: Settings,
    after: Settings,
    explained: bool,  # noqa: FBT001  # drawn
) -> None:
    text = template(before, explained=explained)

    new = rewritten(text, after)

    assert parse(new) == after
    assert _comments(new) == _comments(text)


def _comments(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith("#")]


_MINE = """\
# Written by hand.
table   =  'feeds'  # the old one
coralogix = {region = "eu1"}

rules.burst=5 # more than most
[rules.quiet_hours]  # at night
on = true
# start = "21:00"
"""


def test_what_a_person_wrote_stays_where_it_says_what_is_wanted() -> None:
    wanted = parse(_MINE)

    assert rewritten(_MINE, wanted) == _MINE


def test_what_changes_is_all_that_changes() -> None:
    settings = parse(_MINE)
    quiet = replace(settings.rules.quiet_hours, on=False, start=time(21))
    rules = replace(settings.rules, burst=7, sound_from=None, quiet_hours=quiet)
    coralogix = replace(settings.coralogix, region="us1")
    wanted = replace(settings, uid="alice", coralogix=coralogix, rules=rules)

    text = rewritten(_MINE, wanted)

    assert parse(text) == wanted
    for line in (
        "# Written by hand.",
        "table   =  'feeds'  # the old one",
        'coralogix = {region = "us1"}',
        "rules.burst=7 # more than most",
        "[rules.quiet_hours]  # at night",
        "on = false",
        '# start = "21:00"',
    ):
        assert line in text.splitlines()


def test_without_a_file_everything_is_as_by_default(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == Settings()
    assert parse("") == Settings()


def test_every_setting_is_explained_and_nothing_else() -> None:
    def paths(value: object, where: str) -> set[str]:
        assert is_dataclass(value)
        named = set()
        for setting in fields(value):
            content = getattr(value, setting.name)
            path = f"{where}{setting.name}"
            named |= paths(content, f"{path}.") if is_dataclass(content) else {path}
        return named

    assert set(DOCS) == paths(Settings(), "")


def test_the_user_guide_shows_the_settings_as_they_are() -> None:
    shown = f"```toml\n{template(Settings())}```"

    assert shown in GUIDE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("uid = 'a b'", "uid: 'a b' is no name"),
        ("poll = 3", "poll: there is no such setting"),
        ("tabel = 'x'", "tabel: there is no such setting; did you mean table?"),
        ("mode = 'both'", "mode: it should be 'team' or 'solo'"),
        ("poll_seconds = 0", "poll_seconds: must be between 1 and 3600"),
        ("poll_seconds = 'soon'", "poll_seconds: it should be a valid number"),
        ("[rules]\nshow_from = 'critcal'", "rules.show_from: 'critcal' is none of"),
        ("[rules]\nshow_from = 'never'", "rules.show_from: 'never' is none of"),
        ("[rules]\nremind_after = ['5m', 3]", "rules.remind_after.1: '3' is no sp"),
        ("[rules]\nnotify = ['open']", "rules.notify.0: it should be 'opened'"),
        (
            "[rules.quiet_hours]\nstart = '25:00'",
            "rules.quiet_hours.start: '25:00' is no time of day",
        ),
        ("rules = 3", "rules: it should be a table: [rules]"),
        ("[coralogix]\nregion = 'mars'", "coralogix: There is no such Coralogix reg"),
        ("[coralogix]\nlink = 'javascript:{id}'", "coralogix: A link template must"),
        ("[coralogix]\napi_version = '99'", "coralogix: api_version is one of 5, 4"),
        ("uid = ", "is not TOML: "),
    ],
)
def test_a_mistake_is_a_line_with_file_and_key(text: str, line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text, "mine.toml")

    assert str(caught.value).startswith(f"mine.toml: {line}")
    assert "\n" not in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        parse("mode = 'both'\nnope = 1\n[rules]\nburst = 'many'\nsound_from = 'x'")

    assert len(str(caught.value).splitlines()) == 4


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(
        SettingsError, match=r"settings\.toml: cannot be read: it is no"
    ):
        load(path)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot be read: Is a directory$"):
        load(tmp_path)


def test_never_is_no_severity() -> None:
    rules = parse(
        "[rules]\nsound_from = 'never'\n[rules.quiet_hours]\nstart = 21:30:00"
    )

    assert rules.rules.sound_from is None
    assert rules.rules.quiet_hours.start == time(21, 30)


def test_a_written_made_or_removed_file_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    none = stamp(path)
    assert not changed(path, none)

    path.write_text("uid = 'a'")
    assert changed(path, none)
    first = stamp(path)
    assert not changed(path, first)

    path.write_text("uid = 'b'")
    os.utime(path, ns=(1, 1))
    assert changed(path, first)
    path.unlink()
    assert changed(path, first)


def test_the_address_of_coralogix_is_checked_when_settings_are_made() -> None:
    local = Coralogix(base_url="http://127.0.0.1:9/mgmt/openapi/4").address()
    assert local is not None
    assert local.base == "http://127.0.0.1:9/mgmt/openapi/4"
    assert Coralogix().address() is None
    with pytest.raises(ValueError, match="not both"):
        Coralogix(base_url="https://a.example", region="eu1")


def test_two_variables_move_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INCIDENT_TRAY_HOME", str(tmp_path))
    assert places.settings_file() == tmp_path / "settings.toml"
    assert places.data_folder() == places.runtime_folder() == tmp_path
    assert places.log_folder() == tmp_path / "logs"

    monkeypatch.setenv("INCIDENT_TRAY_CONFIG", str(tmp_path / "other.toml"))
    assert places.settings_file() == tmp_path / "other.toml"


def test_without_them_the_systems_own_folders_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("INCIDENT_TRAY_HOME", raising=False)
    monkeypatch.delenv("INCIDENT_TRAY_CONFIG", raising=False)
    locations = (places.settings_file(), places.data_folder(), places.log_folder())

    assert all(places.APP in str(path) for path in locations)
    assert locations[0].name == "settings.toml"


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 30 * 86400).map(lambda s: timedelta(seconds=s)))
def test_a_span_is_read_as_it_is_written(span: timedelta) -> None:
    if span.total_seconds() <= 999999:
        assert durations.parse(durations.text(span)) == span


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "31d", "5 weeks", "1h30m"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"span|longer"):
        durations.parse(text)


def test_a_time_of_day_comes_today_or_tomorrow() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)

    assert durations.until(durations.clock("13:30"), noon) == timedelta(hours=1.5)
    assert durations.until(durations.clock("12:00"), noon) == timedelta(days=1)


@pytest.mark.parametrize(
    "url",
    [
        "http://dynamodb.example:8000",
        "http://127.0.0.1.example",
        "http://0.0.0.0:8000",
        "ftp://127.0.0.1",
        "javascript:alert(1)",
        "https://user:password@127.0.0.1:8000",  # pragma: allowlist secret
        "https://dynamodb.example/?x=1",
        "https://",
        "https://[",
        "dynamodb.example",
    ],
)
def test_an_endpoint_where_the_sign_in_could_be_read_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="endpoint"):
        parse(f'endpoint = "{url}"')
    with pytest.raises(SettingsError, match="endpoint-url"):
        table.endpoint(Namespace(endpoint_url=url))


@pytest.mark.parametrize(
    "url",
    ["https://dynamodb.example", "http://127.0.0.1:8000", "http://[::1]:8000", ""],
)
def test_an_endpoint_by_https_or_on_this_machine_is_taken(url: str) -> None:
    assert parse(f'endpoint = "{url}"').endpoint == url
    assert table.endpoint(Namespace(endpoint_url=url)) == (url or None)


@pytest.mark.parametrize("profile", ["--debug", "-x", " a", "a\nb", "[default]"])
def test_a_profile_that_a_program_could_take_for_an_option_is_refused(
    profile: str,
) -> None:
    with pytest.raises(ValueError, match="profile"):
        Settings(profile=profile)


def test_settings_without_an_end_are_not_read_to_the_end(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"larger than {LARGEST}"):
        load(Path("/dev/zero"))
    assert load(Path(os.devnull)) == Settings()
    pipe = tmp_path / "settings.toml"
    os.mkfifo(pipe)

    with pytest.raises(SettingsError, match="it is no file"):
        load(pipe)
