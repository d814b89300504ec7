"""The server's ids, stored from one run to the next."""

from pathlib import Path

import pytest

from tray_app.desktop.notifications.notification_ids import NotificationIds


def test_they_come_back_on_the_same_server_alone(tmp_path: Path) -> None:
    file = tmp_path / "run" / "notifications.json"
    NotificationIds(file).write("guid :1.7", {"incident:a": 4, "digest": 9})

    assert NotificationIds(file).read("guid :1.7") == {"incident:a": 4, "digest": 9}
    assert NotificationIds(file).read("guid :1.8") == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "null", '{"server": "s"}', '{"server": "s", "numbers": 1}']
)
def test_a_damaged_file_reads_as_empty(tmp_path: Path, text: str) -> None:
    file = tmp_path / "notifications.json"
    file.write_text(text)

    assert NotificationIds(file).read("s") == {}


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ids = NotificationIds(tmp_path / "file" / "notifications.json")

    ids.write("s", {"a": 1})

    assert ids.read("s") == {}
