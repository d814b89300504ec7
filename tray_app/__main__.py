"""`python -m tray_app`: the command line, for where no program was installed."""

from tray_app.cli.main import main

raise SystemExit(main())
