"""The runbook, followed by somebody who has never seen it."""

import os
import re
import shlex
import subprocess

import pytest

from infra.rehearse import Rehearsal
from infra.tools.install import program
from simulator.world.people import TEAM_KEY
from tests.infra.conftest import ROOT, Stack
from tests.infra.resolve import mapping

README = ROOT / "infra" / "README.md"
_FENCE = re.compile(
    r"^ *```sh(?P<kind>[^\n]*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)

_NO_DEFAULT = "\N{EN DASH}"

PRELUDE = """
set -eu
# What a newcomer is asked to change in samconfig.toml, and that it is not AWS.
sam() {
  if [ "$1" = deploy ]; then
    set -- "$@" --parameter-overrides Team=ops CoralogixRegion=eu1 \
      "CoralogixBaseUrl=$CORALOGIX" "Runtime=python$FUNCTION_PYTHON"
  fi
  command sam "$@" < /dev/null
}
# Its queues have an old address that no setting moves.
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@" < /dev/null; }
make() { command make --dry-run "$@" > /dev/null; }
"""


def _blocks(*, by_hand: bool) -> list[str]:
    blocks = [
        (m["kind"].strip(), m["text"]) for m in _FENCE.finditer(README.read_text())
    ]
    assert {kind for kind, _ in blocks} == {"", "by-hand"}
    return [
        "\n".join(line.removeprefix("   ") for line in text.splitlines())
        for kind, text in blocks
        if (kind == "by-hand") is by_hand
    ]


def _commands(program_: str) -> list[list[str]]:
    """Find the commands of *program_* in all blocks, as words."""
    text = "\n".join(_blocks(by_hand=True) + _blocks(by_hand=False))
    text = re.sub(r"\\\n", " ", text)
    lines = re.findall(rf"(?m)^{program_} [^|\n]*", text)
    return [shlex.split(line.split(" || ")[0]) for line in lines]


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(600)  # tools may have to be installed first
def test_a_newcomer_who_pastes_every_block_finds_no_step_missing(
    rehearsal: Rehearsal,
) -> None:
    script = PRELUDE + "\n".join(_blocks(by_hand=False))
    bins = [str(program(tool, tool).parent) for tool in ("sam", "aws")]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    settings = {
        **inherited,
        **rehearsal.settings(),
        "CORALOGIX": rehearsal.base_url,
        "PATH": ":".join([*bins, os.environ["PATH"]]),
        "TMPDIR": str(rehearsal.folder),
    }

    result = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=settings,
        input=f"{TEAM_KEY}\n{TEAM_KEY}\n",
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, f"{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
    output = result.stdout
    assert output.count('"complete": true') == 2
    assert "alice\talice@example.com\tAlice Liddell" in output
    assert "imported 1 people" in output
    assert '"what": "key", "state": "ok"' in output
    assert TEAM_KEY not in output + result.stderr


def test_every_command_of_aws_is_one() -> None:
    text = "\n".join(_blocks(by_hand=True))
    commands = re.findall(r"(?m)(?:^|\$\()aws [^)\n]*", text)
    script = "\n".join(
        f"command {line.removeprefix('$(')} --generate-cli-skeleton > /dev/null"
        for line in commands
        # These have no skeleton: made by the command line itself.
        if not re.search(r"aws (configure|sso|cloudformation deploy) ", line)
    )
    assert script.count("\n") >= 6

    result = subprocess.run(
        ["bash", "-euc", script],
        env={
            "PATH": f"{program('aws', 'aws').parent}:/usr/bin:/bin",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "INSTANCE": "arn:aws:sso:::instance/ssoins-1234567890abcdef",
            "PERMISSION_SET": "arn:aws:sso:::permissionSet/ssoins-1/ps-1234567890",
            "GROUP": "12345678-1234-1234-1234-123456789012",
            "ACCOUNT": "111122223333",
            "TABLE_NAME": "feeds",
            "STACK": "incident-tray-prod",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_option_of_sam_is_one() -> None:
    helps: dict[str, str] = {}
    for command in _commands("sam"):
        verb, options = command[1], [w for w in command[2:] if w.startswith("--")]
        if verb not in helps:
            helps[verb] = subprocess.run(
                [program("sam", "sam"), verb, "--help"],
                env={"PATH": "/usr/bin:/bin", "SAM_CLI_TELEMETRY": "0"},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        for option in options:
            assert option in helps[verb], shlex.join(command)


def test_every_parameter_and_alarm_is_explained_and_no_other(stack: Stack) -> None:
    text = README.read_text()
    rows = re.findall(r"(?m)^\| `(\w+)` \|(.*?)\|", text)
    resolver = stack()
    parameters = mapping(resolver.template["Parameters"])
    alarms = {
        name
        for name, resource in resolver.resources().items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }

    assert {name for name, _ in rows} == set(parameters) | alarms
    for name, default in rows:
        if name in parameters:
            declared = str(mapping(parameters[name]).get("Default", _NO_DEFAULT))
            assert default.strip("` ") == declared, name


def test_what_other_texts_send_one_to_is_there() -> None:
    headings = set(re.findall(r"(?m)^#+ (.*)$", README.read_text()))
    sources = [ROOT / "template.yaml", ROOT / "infra" / "reader-access.yaml"]
    sources += (ROOT / "tray_app" / "operating").glob("*.py")
    named = {
        name
        for path in sources
        for name in re.findall(
            r"\"([A-Z][a-z ]+)\\?\"[^\"\n]{0,12} in infra/README", path.read_text()
        )
    }

    assert named <= headings
    assert {"Drift", "Read an alarm"} <= named
