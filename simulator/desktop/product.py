"""The whole product on this machine: every part a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.request import Request, urlopen

from simulator.demo.dynamodb import emulator, environment
from simulator.desktop.programs import Programs, first_line

ROOT = Path(__file__).resolve().parents[2]
TABLE, TEAM = "incidents", "payments"
AS_VERSION = """
import runpy, sys, incidents
incidents.VERSION = sys.argv[1]
sys.argv[:2] = []
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@dataclass(slots=True)
class Product:
    """Simulator, table, sync and tray; the tray runs on the desktop of *programs*."""

    programs: Programs
    users: int = 2
    seed: int = 7
    open: int = 0
    base_url: str = ""
    tray: "subprocess.Popen[bytes] | None" = None
    me: Mapping[str, str] = field(default_factory=dict)
    others: Sequence[Mapping[str, str]] = ()
    _stack: ExitStack = field(default_factory=ExitStack)
    _team_key: str = ""

    def __enter__(self) -> Self:
        port = self._stack.enter_context(emulator())
        self.programs.environment |= {
            **environment(port),
            "INCIDENT_TRAY_HOME": str(self.home),
            "TABLE_NAME": TABLE,
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        self._simulate()
        self.run("tray_app", "admin", "table", "create")
        state = self.ask("state")
        self._team_key = state["team_key"]
        self.me, *self.others = state["users"]
        self.home.mkdir(parents=True, exist_ok=True)
        people = self.home / "people.csv"
        people.write_text(
            "uid,ids,name\n"
            + "".join(f"{u['uid']},{u['email']} {u['uuid']},\n" for u in state["users"])
        )
        self.run("tray_app", "admin", "users", "import", str(people))
        (self.home / "settings.toml").write_text(
            f'[coralogix]\nbase_url = "{self.base_url}"\n'
            'link = "https://payments.coralogix.com/#/insights?id={id}"\n'
        )
        self.programs.environment["INCIDENT_TRAY_API_KEY"] = self.me["key"]
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stack.close()

    @property
    def command(self) -> list[str]:
        """Return the first words of each of the product's commands."""
        return [sys.executable, "-m", "tray_app"]

    @property
    def home(self) -> Path:
        """Return the folder of the tray's settings and data."""
        return self.programs.home / "tray"

    def _simulate(self) -> None:
        simulator = self.programs.start(
            sys.executable,
            *("-m", "simulator", "--port", "0", "--open", f"{self.open}"),
            *("--seed", f"{self.seed}", "--users", f"{self.users}"),
            stdout=subprocess.PIPE,
        )
        self.base_url = json.loads(first_line(simulator, seconds=30))["base_url"]

    def run(self, module: str, *words: str, code: int = 0, version: str = "") -> str:
        """Run *module* of this project to its end; return its output."""
        started = ("-c", AS_VERSION, version) if version else ("-m",)
        ran = subprocess.run(
            [sys.executable, *started, module, *words],
            env=self.programs.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout

    def sync(self, version: str = "") -> Mapping[str, Any]:
        """
        Run a sync, as the Lambda function does; return its report.

        With *version* the function reports that release as its own.
        """
        self.programs.environment |= {
            "CORALOGIX_BASE_URL": self.base_url,
            "CORALOGIX_API_KEY": self._team_key,
            "TEAM": TEAM,
        }
        report: Mapping[str, Any] = json.loads(
            self.run("lambda_fn", version=version).strip().splitlines()[-1]
        )
        return report

    def start_tray(self, *words: str) -> "subprocess.Popen[bytes]":
        """Start the tray; it polls every second."""
        self.tray = self.programs.start(
            *(sys.executable, "-m", "tray_app", "run", "--poll", "1"),
            *("--uid", self.me["uid"], "--team", TEAM, *words),
        )
        return self.tray

    def act(self, do: str, **fields: object) -> dict[str, Any]:
        """Make *do* happen in the simulated world; return its answer."""
        answer: dict[str, Any] = self.ask("act", {"do": do, **fields})
        return answer

    def incident(self, id_: str) -> dict[str, Any]:
        """Return the truth about an incident, as the simulator has it."""
        incidents = self.ask("state")["incidents"]
        return next(dict(row) for row in incidents if row["id"] == id_)

    def ask(self, door: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401  # JSON
        """Call the simulator's control API at *door*."""
        origin = self.base_url.split("/mgmt")[0]
        data = json.dumps(body).encode() if body is not None else None
        with urlopen(Request(f"{origin}/_sim/{door}", data), timeout=10) as answer:  # noqa: S310  # nosec B310  # loopback
            return json.load(answer)
