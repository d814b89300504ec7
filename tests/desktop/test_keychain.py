"""The keychain, with gnome-keyring on a private bus where a real one is needed."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringError, KeyringLocked, PasswordSetError

from simulator.desktop.programs import Programs
from simulator.desktop.waiting import until
from tray_app.desktop.keychain import (
    SystemKeychain,
    is_refused,
)
from tray_app.model.ports import (
    KeychainEmptyError,
    KeychainError,
    KeychainLockedError,
    KeychainMissingError,
)

ROOT = Path(__file__).resolve().parents[2]
STATE = """
from tray_app.desktop.keychain import *
from tray_app.model.ports import KeychainError
try:
    SystemKeychain().key()
except KeychainError as error:
    print(type(error).__name__, flush=True)
"""
STORE = (
    "from tray_app.desktop.keychain import *; SystemKeychain().store('cxup_example')"
)
KEY = "from tray_app.desktop.keychain import *; print(SystemKeychain().key())"
LATE = f"{STATE}input(){STATE}"


class Memory(KeyringBackend):
    """A keychain in memory, which can be made to fail."""

    priority = 9

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # left bare there
        self.stored: dict[tuple[str, str], str] = {}
        self.failing: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        if self.failing:
            raise self.failing
        return self.stored.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.failing:
            raise self.failing
        self.stored[service, username] = password


@pytest.fixture
def memory() -> Iterator[Memory]:
    before = keyring.get_keyring()
    memory = Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def test_a_stored_key_is_read_again(memory: Memory) -> None:
    keychain = SystemKeychain()
    with pytest.raises(KeychainEmptyError, match="holds no Coralogix key"):
        keychain.key()

    keychain.store("cxup_example")

    assert keychain.key() == "cxup_example"
    assert list(memory.stored) == [
        ("coralogix-incident-tray", "coralogix-personal-key")
    ]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KeyringLocked("dismissed"), KeychainLockedError),
        (KeyringError("odd"), KeychainError),
        (ConnectionResetError("bus"), KeychainError),
    ],
)
def test_what_is_wrong_with_the_keychain_is_a_class_of_errors(
    memory: Memory, error: Exception, kind: type[KeychainError]
) -> None:
    memory.failing = error

    for ask in (SystemKeychain().key, lambda: SystemKeychain().store("cxup_example")):
        with pytest.raises(KeychainError) as raised:
            ask()
        assert type(raised.value) is kind


def test_an_error_never_quotes_the_key(memory: Memory) -> None:
    memory.failing = PasswordSetError("cannot set cxup_example")

    for ask in (SystemKeychain().key, lambda: SystemKeychain().store("cxup_example")):
        with pytest.raises(KeychainError) as raised:
            ask()
        assert "cxup" not in str(raised.value)
        assert raised.value.__cause__ is None
        assert raised.value.__suppress_context__


def test_of_several_backends_the_first_that_protects_a_key_is_used(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    backends = [null.Keyring(), memory]  # type: ignore[no-untyped-call]  # left bare
    monkeypatch.setattr(ChainerBackend, "backends", backends)
    keyring.set_keyring(ChainerBackend())  # type: ignore[no-untyped-call]  # left bare

    SystemKeychain().store("cxup_example")

    assert list(memory.stored.values()) == ["cxup_example"]


@pytest.mark.usefixtures("memory")  # which restores the backend
@pytest.mark.parametrize("priorities", [(1, 99), (99, 1)])
def test_of_the_backends_that_work_now_the_best_is_used(
    priorities: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def kind(priority: int) -> type:
        def get_password(*_: object) -> str:
            return f"of {priority}"

        return type("Kind", (), {"priority": priority, "get_password": get_password})

    kinds = [kind(priority) for priority in priorities]
    monkeypatch.setattr(KeyringBackend, "get_viable_backends", lambda: kinds)
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]  # left bare

    assert SystemKeychain().key() == "of 99"


@pytest.mark.parametrize("backend", [null.Keyring, fail.Keyring])
def test_a_backend_that_keeps_nothing_is_refused(
    backend: type[KeyringBackend],
) -> None:
    assert is_refused(backend)


def test_a_backend_that_keeps_a_plain_file_is_refused() -> None:
    plain = type("PlaintextKeyring", (), {"__module__": "keyrings.alt.file"})

    derived = type("Own", (plain,), {"__module__": "company.keys"})

    assert is_refused(plain)
    assert is_refused(derived)
    assert not is_refused(Memory)


@pytest.mark.usefixtures("memory")  # which restores the backend
def test_a_chain_is_as_good_as_what_it_chains() -> None:
    def chain(*backends: object) -> KeyringBackend:
        kind = type("Chain", (ChainerBackend,), {"priority": 1, "backends": backends})
        made: KeyringBackend = kind()
        return made

    nothing: list[type] = [null.Keyring, fail.Keyring]
    keyring.set_keyring(chain(chain(*(kind() for kind in nothing))))
    with pytest.raises(KeychainMissingError):
        SystemKeychain().store("cxup_example")

    keyring.set_keyring(chain(nothing[0](), chain(Memory())))
    SystemKeychain().store("cxup_example")

    assert SystemKeychain().key() == "cxup_example"


def _output(programs: Programs, code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=programs.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    ).stdout.strip()


def _start_keyring(programs: Programs, *options: str) -> "subprocess.Popen[bytes]":
    """Start gnome-keyring; with `--unlock` it makes and opens the login keyring."""
    program = programs.start(
        "gnome-keyring-daemon",
        "--foreground",
        "--components=secrets",
        *options,
        stdin=subprocess.PIPE,
    )
    assert program.stdin is not None
    program.stdin.write(b"example")
    program.stdin.close()
    until(lambda: programs.owns("org.freedesktop.secrets"))
    return program


@pytest.mark.usefixtures("bus")
def test_a_real_keychain_keeps_the_key_across_programs(programs: Programs) -> None:
    _start_keyring(programs, "--unlock")
    assert _output(programs, STATE) == "KeychainEmptyError"

    _output(programs, STORE)

    assert _output(programs, KEY) == "cxup_example"


@pytest.mark.usefixtures("bus")
def test_a_real_keychain_that_is_locked_says_so(programs: Programs) -> None:
    programs.end(_start_keyring(programs, "--unlock"))
    _start_keyring(programs)

    assert _output(programs, STATE) == "KeychainLockedError"


@pytest.mark.usefixtures("bus")
def test_a_keychain_that_starts_after_the_tray_is_used(programs: Programs) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LATE],
        env=programs.environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "KeychainMissingError\n"
        _start_keyring(programs, "--unlock")
        assert program.communicate("\n", timeout=20)[0] == "KeychainEmptyError\n"
