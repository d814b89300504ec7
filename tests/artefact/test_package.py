"""What is in the package: all that it needs, and nothing else."""

import json
import subprocess
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
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    for file in (one, two):
        assert build.main([f"--zip={file}"]) == 0

    with zipfile.ZipFile(one) as first, zipfile.ZipFile(two) as second:
        assert first.namelist() == second.namelist()
        moved = [n for n in first.namelist() if first.read(n) != second.read(n)]
    assert moved == []
    assert one.read_bytes() == two.read_bytes()


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


@pytest.mark.parametrize("what", ["full", "no such interpreter"])
def test_what_cannot_be_built_is_one_line(
    what: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if what == "full":
        (tmp_path / "file").touch()
        assert build.main([f"--folder={tmp_path}"]) == 1
        (line,) = capfd.readouterr().err.splitlines()
        assert "is not empty" in line
    else:
        assert build.interpreter("2.0") is None


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
