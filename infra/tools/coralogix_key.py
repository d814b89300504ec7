"""What a key of Coralogix looks like, for the scan for secrets in `make check`."""

import re

from detect_secrets.plugins.base import RegexBasedDetector


class CoralogixKeyDetector(RegexBasedDetector):
    """Finds team keys (`cxtp_`) and personal keys (`cxup_`) of the real length."""

    secret_type = "Coralogix API key"  # noqa: S105  # its name, not one
    denylist = (re.compile(r"cx[tu]p_[A-Za-z0-9]{30}"),)
