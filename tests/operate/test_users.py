"""`incident-tray admin table` and `admin users`: the registry, by hand and by file."""

import json
from pathlib import Path

import pytest

from tests.operate.conftest import Command

pytestmark = pytest.mark.usefixtures("table")


def test_a_table_is_created_once(command: Command) -> None:
    result = command("admin", "table", "create")

    assert (result.code, result.lines) == (0, ["was there already"])


def test_a_person_is_added_listed_replaced_and_removed(command: Command) -> None:
    add = ("admin", "users", "add", "alice", "--name", "Alice", "--id")
    assert command(*add, "Alice@Example.COM", "--id", "6f1c-uuid").code == 0
    listed = command("admin", "users", "list", "--json")
    assert [json.loads(line) for line in listed.lines] == [
        {"uid": "alice", "ids": ["6f1c-uuid", "alice@example.com"], "name": "Alice"}
    ]

    assert command(*add, "a@b.c").out == "alice is told about a@b.c\n"
    assert command("admin", "users", "list").lines == ["alice\ta@b.c\tAlice"]

    assert command("admin", "users", "remove", "alice").code == 0
    assert command("admin", "users", "list").lines == []


def test_removing_who_is_not_there_says_so(command: Command) -> None:
    result = command("admin", "users", "remove", "bob")

    assert (result.code, result.err) == (1, "incident-tray: There is no user bob.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("a b", "--id", "x"),
        ("a#b", "--id", "x"),
        ("*", "--id", "x"),
        ("", "--id", "x"),
        ("alice", "--id", " "),
        ("alice",),
    ],
)
def test_what_can_be_no_user_is_refused(
    command: Command, arguments: tuple[str, ...]
) -> None:
    result = command("admin", "users", "add", *arguments)

    assert result.code == 2
    assert "Traceback" not in result.err
    assert command("admin", "users", "list").out == ""


def test_a_file_of_people_is_imported(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "\ufeffuid,ids,name\n"
        'alice,alice@example.com 6f1c,"Liddell, Alice"\n'
        "bob,bob@example.com,\n"
    )

    result = command("admin", "users", "import", str(file))

    assert (result.code, result.lines) == (0, ["imported 2 people"])
    assert command("admin", "users", "list").lines == [
        "alice\t6f1c alice@example.com\tLiddell, Alice",
        "bob\tbob@example.com\t",
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"uid,name\nalice,Alice\n", "needs the columns uid, ids and name"),
        (b"uid,ids,name\nalice\n", "needs the columns uid, ids and name"),
        (b"uid,ids,name\nalice,,A\n", "give at least one id"),
        (b"uid,ids,name\nok,a@b.c,\na*,x,\n", "is no name"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_file_with_a_mistake_imports_nobody(
    command: Command, tmp_path: Path, content: bytes, what: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)

    result = command("admin", "users", "import", str(file))

    assert result.code == 2
    assert what in result.err
    assert command("admin", "users", "list").out == ""


def test_a_file_that_is_not_there_is_one_line(command: Command) -> None:
    result = command("admin", "users", "import", "nowhere.csv")

    assert result.code == 2
    assert len(result.err.splitlines()) == 1
