"""The log holds what happened, and no secret."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tray_app.app import logs

SECRET = "hunter2Hunter2Hunter2"


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield logging.getLogger("tray_app.test")
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.raiseExceptions = raising


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer {}",
        "headers {{'authorization': 'Bearer {}'}}",
        "bearer {}",
        "api_key={}",
        "INCIDENT_TRAY_API_KEY={}",
        "CORALOGIX_API_KEY: '{}'",
        "aws_secret_access_key = {}",
        "aws_session_token={} and more",
        "https://x.example/?X-Amz-Security-Token={}&y=1",
        '"accessToken": "{}"',
        "password={}",
        "cxup_{}",
        "AKIA" + "ABCDEFGH12345678 {}"[:16],
    ],
)
def test_what_looks_like_a_secret_is_blotted_out(line: str) -> None:
    redacted = logs.redacted(line.format(SECRET))

    assert SECRET not in redacted
    assert "ABCDEFGH12345678" not in redacted
    assert logs.MASK in redacted


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=40), st.text(min_size=4, max_size=40), st.text(max_size=40))
def test_a_known_secret_never_comes_through(before: str, key: str, after: str) -> None:
    if key not in logs.MASK:
        assert key not in logs.redacted(f"{before}{key}{after}", [key]).replace(
            logs.MASK, "\0"
        )


def test_what_is_no_secret_is_logged_as_it_is() -> None:
    line = "incident 7c0e is critical: payment-latency, keychain locked, 3 open"

    assert logs.redacted(line) == line


def test_arguments_and_tracebacks_are_redacted_too(
    tmp_path: Path, log: logging.Logger
) -> None:
    logs.start(tmp_path, known=[SECRET])
    try:
        raise ValueError(f"no good: {SECRET}")  # noqa: TRY301  # what is to be logged
    except ValueError:
        log.exception("sent %s", {"key": SECRET})

    text = (tmp_path / logs.NAME).read_text()
    assert "ValueError" in text
    assert SECRET not in text


def test_the_log_is_the_persons_own_and_bounded(
    tmp_path: Path, log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LARGEST", 1000)
    logs.start(tmp_path)
    for _ in range(60):
        log.info("%s", "x" * 100)

    files = sorted(tmp_path.iterdir())
    assert len(files) == logs.OLDER_FILES + 1
    assert all(file.stat().st_size <= logs.LARGEST for file in files)
    assert not any(file.stat().st_mode & 0o077 for file in files)


def test_a_folder_that_cannot_be_written_ends_nothing(
    tmp_path: Path, log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    logs.start(tmp_path / "file")
    log.warning("all the same")

    assert "all the same" in capsys.readouterr().err
