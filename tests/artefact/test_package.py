"""What is in the package: all that it needs, and nothing else."""

import json
import marshal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from benchmarks import packaged
from infra.package import build

EXPECTED = {
    "incidents",
    "lambda_fn",
    "anyio",
    "aws_lambda_powertools",
    "certifi",
    "h11",
    "httpcore",
    "httpx",
    "idna",
    "jmespath",
    "typing_extensions.py",
}
IMPORTED = """
import json, sys
inside = sys.argv[1:]
sys.path[:] = [*inside, *(p for p in sys.path if "site-packages" not in p)]
before = set(sys.modules)
import lambda_fn.handler
new = [sys.modules[name] for name in set(sys.modules) - before]
print(json.dumps(sorted({getattr(one, "__file__", None) or "" for one in new})))
"""


def test_the_package_holds_what_it_needs_and_nothing_else(package: Path) -> None:
    tops = {
        path.name
        for path in package.iterdir()
        if path.suffix != ".dist-info" and path.name != "__pycache__"
    }

    assert tops == EXPECTED


def test_nothing_in_it_depends_on_the_processor(package: Path) -> None:
    machine = {".so", ".dylib", ".pyd", ".dll"}

    assert not [p for p in package.rglob("*") if machine & set(p.suffixes)]


def test_it_is_built_twice_to_the_same_bytes(tmp_path: Path) -> None:
    process, two = tmp_path / "one.zip", tmp_path / "two.zip"
    for file in (process, two):
        assert build.main([f"--zip={file}"]) == 0

    with zipfile.ZipFile(process) as first, zipfile.ZipFile(two) as second:
        assert first.namelist() == second.namelist()
        moved = [n for n in first.namelist() if first.read(n) != second.read(n)]
    assert moved == []
    assert process.read_bytes() == two.read_bytes()


def test_everything_in_it_is_compiled(package: Path) -> None:
    version, _ = packaged.python()
    tag = f"cpython-{version.replace('.', '')}"

    missing = [
        path
        for path in package.rglob("*.py")
        if not (path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc").exists()
    ]

    assert missing == []


def test_it_imports_in_a_bare_interpreter_from_itself_and_the_runtime(
    package: Path,
) -> None:
    _, interpreter = packaged.python()
    runtime = packaged.runtime()

    result = subprocess.run(
        [interpreter, "-I", "-S", "-B", "-c", IMPORTED, package, runtime],
        cwd=package,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stderr == ""
    outside = [
        file
        for file in json.loads(result.stdout)
        if "site-packages" in file
        or str(packaged.ROOT) in file.replace(str(runtime), "")
    ]
    assert outside == []


def test_a_folder_that_holds_something_is_refused_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    assert build.main([f"--folder={tmp_path}"]) == 1

    (line,) = capfd.readouterr().err.splitlines()
    assert "is not empty" in line


def test_a_python_that_is_not_here_is_not_found() -> None:
    assert build.interpreter("2.0") is None


def test_what_an_installer_notes_of_its_own_work_is_left_behind(package: Path) -> None:
    noted = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", ".lock"}

    assert not [path for path in package.rglob("*") if path.name in noted]


def test_of_our_own_there_are_sources_alone(package: Path) -> None:
    kinds = {
        path.suffix
        for ours in build.OURS
        for path in (package / ours).rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }

    assert kinds == {".py"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    emulator = tmp_path / "folder"
    emulator.mkdir()
    (emulator / "one.py").write_text("def one() -> int:\n    return 1\n")
    (emulator / "one.py").chmod(0o600)
    return emulator


def test_everything_in_the_zip_may_be_read_by_lambda_and_is_of_no_time(
    folder: Path, tmp_path: Path
) -> None:
    build.pack(folder, tmp_path / "made.zip")

    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        (entry,) = archive.infolist()
    assert (entry.filename, entry.external_attr >> 16) == ("one.py", 0o644)
    assert entry.date_time == (1980, 1, 1, 0, 0, 0)


def test_a_digest_is_of_names_and_of_bytes(folder: Path) -> None:
    first = build.digest(folder)
    (folder / "one.py").rename(folder / "two.py")
    second = build.digest(folder)
    (folder / "two.py").write_text("")

    assert len({first, second, build.digest(folder)}) == 3


def test_what_is_compiled_names_lambdas_folder_and_is_never_checked(
    folder: Path,
) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"

    assert build.compile_in(folder, version)

    (compiled,) = folder.rglob("*.pyc")
    head, code = compiled.read_bytes()[:16], compiled.read_bytes()[16:]
    # PEP 552: of a hash, and not to be checked against the source.
    assert int.from_bytes(head[4:8], "little") == 0b01
    named = marshal.loads(code).co_filename  # noqa: S302  # we have just made it
    assert named == "/var/task/one.py"


def test_the_makefile_target_of_sam_fills_its_folder(tmp_path: Path) -> None:
    made_by = subprocess.run(
        ["make", "--silent", "build-SyncFunction", f"ARTIFACTS_DIR={tmp_path}"],
        cwd=packaged.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert made_by.returncode == 0, made_by.stderr
    assert (tmp_path / "lambda_fn" / "handler.py").exists()
