"""Write the settings into the user guide as the program explains them: `make fmt`."""

import re

from tests.house.documents import ROOT
from tray_app.settings.settings import Settings
from tray_app.settings.template import template

GUIDE = ROOT / "docs" / "user-guide.md"
_BLOCK = re.compile(r"(<!-- settings: [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)


def written(text: str) -> str:
    """Return the guide *text* with the settings as they are now."""
    block = f"```toml\n{template(Settings())}```\n"
    return _BLOCK.sub(lambda match: f"{match[1]}{block}{match[2]}", text)


if __name__ == "__main__":
    GUIDE.write_text(written(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
