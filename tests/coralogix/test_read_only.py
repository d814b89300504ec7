"""Law L7: nothing that the sync can reach is able to change an incident."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import httpx
import pytest

from incidents.coralogix.http.acting_client import WRITES
from incidents.coralogix.http.routes import READS, Json, Operation, Version, request
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.errors import SourceRejectedError
from incidents.ports import Actions
from tests.coralogix.fakes import answer, http, ids

ROOT = Path(__file__).resolve().parents[2]
ACTING = {
    f"incidents.coralogix.{name}"
    for name in ("http.acting_client", "incidents.actor", "incidents.actions")
}
ACTIONS = {name for name in vars(Actions) if not name.startswith("_")}
LOOKING_POSTS = {Operation.LIST, Operation.FILTER_VALUES}
CLIENTS = {
    "httpx",
    "requests",
    "urllib.request",
    "urllib3",
    "http.client",
    "socket",
    "aiohttp",
}
FIELDS: Mapping[str, Json] = {
    "incidentIds": ids(1),
    "assignedTo": {"userId": "alice@example.com"},
}


def file_of(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    package = path / "__init__.py"
    plain = path.with_suffix(".py")
    return package if package.exists() else plain if plain.exists() else None


@cache
def tree(module: str) -> ast.Module:
    file = file_of(module)
    assert file is not None
    return ast.parse(file.read_text())


@cache
def imports(module: str) -> frozenset[str]:
    """Everything *module* imports, at its top or anywhere else."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def ours(module: str) -> Iterator[str]:
    """The module, and the packages above it, which are imported with it."""
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        name = ".".join(parts[:end])
        if file_of(name) is not None:
            yield name


@cache
def reachable() -> frozenset[str]:
    """Every module of ours that any of `lambda_fn` can bring in."""
    new = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in (ROOT / "lambda_fn").rglob("*.py")
    }
    seen: set[str] = set()
    while new:
        module = new.pop()
        seen.add(module)
        new |= {name for found in imports(module) for name in ours(found)} - seen
    return frozenset(seen)


def test_the_search_itself_finds_what_the_sync_uses() -> None:
    assert {
        "incidents.sync.run",
        "incidents.coralogix.incidents.reader",
        "incidents.coralogix.http.client",
        "incidents.coralogix.http.routes",
    } <= reachable()


def test_nothing_that_acts_can_be_reached() -> None:
    assert all(file_of(module) for module in ACTING)
    assert not reachable() & ACTING
    assert not {name for name in reachable() if name.startswith(("tray_app", "simul"))}


def test_nothing_reachable_imports_by_a_name_made_up_at_run_time() -> None:
    for module in reachable():
        assert not {"importlib", "runpy", "pkgutil"} & imports(module), module
        names = {n.id for n in ast.walk(tree(module)) if isinstance(n, ast.Name)}
        assert not names & {"__import__", "exec", "eval"}, module


def test_only_the_transport_speaks_http() -> None:
    speaking = {module for module in reachable() if imports(module) & CLIENTS}

    http = "incidents.coralogix.http"
    assert speaking == {f"{http}.client", f"{http}.network"}


def test_nothing_reachable_knows_a_path_that_acts() -> None:
    paths = {
        route.path.removeprefix("/incidents/incidents/v1")
        for routes in WRITES.values()
        for route in routes.values()
    }
    assert "/all/by-user" in paths
    for module in reachable():
        texts = {
            node.value
            for node in ast.walk(tree(module))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        } - docstrings(module)
        for text in texts:
            assert text not in ("DELETE", "PUT", "PATCH"), module
            assert "by-user" not in text, module
            assert not any(path in text for path in paths), module


def docstrings(module: str) -> set[str]:
    """Texts that stand alone, as documentation does."""
    return {
        node.value.value
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def test_nothing_that_acts_is_loaded_when_all_of_the_writer_is() -> None:
    modules = sorted(name for name in reachable() if name.startswith("lambda_fn."))
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print('\\n'.join(sys.modules))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()

    assert "incidents.coralogix.incidents.reader" in loaded
    assert not ACTING & set(loaded)


def test_the_reader_has_no_method_of_an_actor() -> None:
    public = {name for name in vars(CoralogixReader) if not name.startswith("_")}

    assert public == {"list_open", "list_ended", "look_up", "fetch_once", "close"}
    # Closing is of the connection: it takes no ids.
    assert CoralogixReader.close.__code__.co_argcount == 1
    assert public & ACTIONS == {"close"}
    assert vars(CoralogixActor).keys() >= ACTIONS


@pytest.mark.parametrize("version", list(Version))
def test_what_looks_changes_nothing_by_its_route(version: Version) -> None:
    for operation, route in READS[version].items():
        assert not route.mutates
        assert route.method == ("POST" if operation in LOOKING_POSTS else "GET")
    assert all(route.mutates for route in WRITES[version].values())
    assert not READS[version].keys() & WRITES[version].keys()


@pytest.mark.parametrize("version", list(Version))
def test_the_syncs_transport_refuses_to_send_what_acts(version: Version) -> None:
    asked: list[httpx.Request] = []

    def handler(seen: httpx.Request) -> httpx.Response:
        asked.append(seen)
        return answer(json_={})

    transport = http(handler, version=version)
    for other in Version:
        for route in WRITES[other].values():
            with pytest.raises(SourceRejectedError, match="only looks"):
                transport.send(request(route, FIELDS))

    assert asked == []
