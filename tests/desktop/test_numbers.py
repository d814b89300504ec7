"""The server's numbers, kept from one run to the next."""

from pathlib import Path

import pytest

from tray_app.desktop.notifications.notification_ids import KEPT, Numbers


def test_they_come_back_on_the_same_server_alone(tmp_path: Path) -> None:
    file = tmp_path / "run" / "numbers.json"
    Numbers(file).keep("guid :1.7", {"incident:a": 4, "digest": 9})

    assert Numbers(file).of("guid :1.7") == {"incident:a": 4, "digest": 9}
    assert Numbers(file).of("guid :1.8") == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "null", '{"server": "s"}', '{"server": "s", "numbers": 1}']
)
def test_what_cannot_be_read_is_not_known(tmp_path: Path, text: str) -> None:
    file = tmp_path / "numbers.json"
    file.write_text(text)

    assert Numbers(file).of("s") == {}


def test_what_cannot_be_kept_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    numbers = Numbers(tmp_path / "file" / "numbers.json")

    numbers.keep("s", {"a": 1})

    assert numbers.of("s") == {}


def test_the_newest_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "numbers.json"

    Numbers(file).keep("s", {f"{n}": n for n in range(KEPT + 5)})

    found = Numbers(file).of("s")
    assert len(found) == KEPT
    assert f"{KEPT + 4}" in found
