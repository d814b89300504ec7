"""What nobody waits for on the session bus: a lost bus is none's fault."""

import asyncio

import pytest

from tray_app.desktop.session_bus import ignore_lost


@pytest.mark.parametrize(
    ("error", "told"), [(ConnectionResetError("bus"), 0), (ValueError("ours"), 1)]
)
def test_a_lost_bus_is_passed_over_and_a_mistake_is_not(
    error: Exception, told: int, caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.new_event_loop()

    ignore_lost(loop, {"message": "nobody waited", "exception": error})

    loop.close()
    assert len(caplog.records) == told
