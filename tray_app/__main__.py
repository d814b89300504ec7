"""The program `incident-tray`; also `python -m tray_app`."""

import sys

OURS = {"incidents", "tray_app"}
_INSTALL = (
    "incident-tray: {} is missing: install 'coralogix-incident-tray[tray]',"
    " together with what is in the brackets."
)


def main() -> int:
    """Run one command; answer its exit code. Without the extra `tray`: one line."""
    # httpx imports a command line of its own, with rich and pygments, where click
    # happens to be installed: 6 MB that no tray needs.
    click = sys.modules.setdefault("click", None)  # type: ignore[arg-type]  # hidden
    try:
        from tray_app.cli.main import main as run
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in OURS:
            raise
        raise SystemExit(_INSTALL.format(missing)) from None
    finally:
        if click is None:
            del sys.modules["click"]
    return run()


if __name__ == "__main__":
    raise SystemExit(main())
