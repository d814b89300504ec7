"""What simulated incidents say: as from a real shop, or as from an enemy."""

import random
from dataclasses import dataclass

ESC, RLO, PDI, ZWSP = "\x1b", "\u202e", "\u2069", "\u200b"

_SERVICES = {
    "checkout": ("cart", "payment", "pricing", "vouchers"),
    "catalog": ("search", "recommendations", "images"),
    "identity": ("login", "sessions", "mfa"),
    "orders": ("fulfilment", "returns", "invoices"),
    "platform": ("ingress", "kafka", "postgres", "redis", "dns"),
    "mobile": ("push", "feature-flags", "crash-reports"),
}
_SYMPTOMS = (
    ("latency", "p99 latency of {s} is {n} ms, above 800 ms for 5 minutes"),
    ("error-rate", "{p} % of the requests to {s} fail with 5xx, above 2 %"),
    ("saturation", "{s} uses {n} of 1000 connections"),
    ("queue-lag", "the consumer of {s} lags {n} messages behind"),
    ("pod-restarts", "{n} restarts of {s} within 10 minutes"),
    ("disk-full", "the volume of {s} is {p} % full"),
    ("certificate-expiry", "the certificate of {s} expires in {p} days"),
    ("no-data", "no logs from {s} for {p} minutes"),
    ("anomaly", "the traffic of {s} is {p} % below what is usual for this hour"),
    ("timeouts", "{n} time-outs calling {s} within a minute"),
)
_REGIONS = ("eu-west-1", "eu-north-1", "us-east-2", "ap-southeast-1")
_TYPES = ("logs_threshold", "metric_threshold", "tracing_threshold", "flow", "anomaly")
HOSTILE = (
    "<b>bold</b> & <script>alert(1)</script> <img src=x onerror=alert(1)>",
    f"{ESC}[31mred{ESC}[0m {ESC}]8;;https://evil.example/{ESC}\\click{ESC}]8;;{ESC}\\",
    f"safe{RLO}gnp.exe{PDI} turned around",
    "line one\nline two\r\nline three\ttab\x00nul\x07bell",
    f"zero{ZWSP}width and combining Z̸̡̛a̷l̶g̴o̸",
    "🔥🚨👩‍👩‍👧‍👦 emoji, 日本語, العربية and עברית together",
    "%s %n {0} ${HOME} $(reboot) `id` ; rm -rf / | ' \" \\",
    "=HYPERLINK(A1) _underscored_ *starred* [link](javascript:alert(1))",
    "&amp;lt; already escaped, or was it?",
    "long " * 99 + "short",
)
"""Each at most 500 characters, as long as a name may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What one incident is about."""

    name: str | None
    description: str | None
    application: str
    subsystem: str
    contextual: dict[str, str]
    display: dict[str, str]
    meta: tuple[tuple[str, str], ...]


def _place(name: str) -> tuple[str, str] | None:
    """Find in a *name* such as `payment-latency · checkout` what it is about."""
    thing, _, application = name.partition(" · ")
    known = _SERVICES.get(application, ())
    return next(((application, one) for one in known if thing.startswith(one)), None)


def tell(
    chance: random.Random, severity: str, *, name: str | None, hostile: bool
) -> Story:
    """Invent a story; with *hostile*, one whose texts attack whoever shows them."""
    application = chance.choice(tuple(_SERVICES))
    subsystem = chance.choice(_SERVICES[application])
    if name is not None:
        application, subsystem = _place(name) or (application, subsystem)
    symptom, sentence = chance.choice(_SYMPTOMS)
    region = chance.choice(_REGIONS)
    alert = name or f"{subsystem}-{symptom} · {application}"
    detail = sentence.format(
        s=f"{application}/{subsystem}",
        n=chance.randrange(801, 9999),
        p=chance.randrange(3, 97),
    )
    description: str | None = (
        f"{detail[0].upper()}{detail[1:]} in {region}."
        f" Runbook: https://runbooks.example.com/{application}/{symptom}."
        " Who is on call looks first at the last deployment, then at the"
        " dependencies below."
    )
    display = {
        "service": f"{application}-{subsystem}",
        "region": region,
        "pod": f"{subsystem}-{chance.getrandbits(60):015x}",
    }
    if hostile:
        alert = chance.choice(HOSTILE)
        description = " ".join(chance.sample(HOSTILE, 3))[:2000]
        display["service"] = chance.choice(HOSTILE)
    elif name is None and chance.random() < 0.05:  # noqa: PLR2004  # now and then
        # The vendor leaves them out where the alert has none (coralogix.md §3).
        description = None
    unnamed = name is None and chance.random() < 0.05  # noqa: PLR2004
    return Story(
        name=None if unnamed else alert,
        description=description,
        application=application,
        subsystem=subsystem,
        contextual={
            "alert_id": f"{chance.getrandbits(128):032x}",
            "alert_name": alert,
            "alert_type": chance.choice(_TYPES),
            "alert_severity": severity.lower(),
            "alert_group_by_fields": "service,region,pod",
            "alert_notification_group_id": f"{chance.getrandbits(64):016x}",
            "application_name": application,
            "subsystem_name": subsystem,
        },
        display=display,
        meta=(("team", application), ("tier", str(chance.randrange(1, 4)))),
    )
