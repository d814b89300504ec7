"""Exceptions of the session bus that nothing awaits."""

import asyncio

import pytest

from tray_app.desktop.session_bus import ignore_lost


@pytest.mark.parametrize(
    ("error", "logged"), [(ConnectionResetError("bus"), 0), (ValueError("ours"), 1)]
)
def test_a_lost_bus_is_not_logged_and_a_mistake_is(
    error: Exception, logged: int, caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.new_event_loop()

    ignore_lost(loop, {"message": "nobody waited", "exception": error})

    loop.close()
    assert len(caplog.records) == logged
