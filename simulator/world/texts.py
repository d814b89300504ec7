"""Texts of simulated incidents: those of a web shop, or hostile ones."""

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
    ("anomaly", "the traffic of {s} is {p} % below normal for this hour"),
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
    """The texts and labels of one incident."""

    name: str | None
    description: str | None
    application: str
    subsystem: str
    contextual: dict[str, str]
    display: dict[str, str]
    meta: tuple[tuple[str, str], ...]


def _service_of(name: str) -> tuple[str, str] | None:
    """Return application and subsystem of a name like `payment-latency · checkout`."""
    subject, _, application = name.partition(" · ")
    subsystems = _SERVICES.get(application, ())
    return next(
        (
            (application, subsystem)
            for subsystem in subsystems
            if subject.startswith(subsystem)
        ),
        None,
    )


def write_story(
    rng: random.Random, severity: str, *, name: str | None, hostile: bool
) -> Story:
    """Create texts and labels; *hostile* texts attack the program that shows them."""
    application = rng.choice(tuple(_SERVICES))
    subsystem = rng.choice(_SERVICES[application])
    if name is not None:
        application, subsystem = _service_of(name) or (application, subsystem)
    symptom, sentence = rng.choice(_SYMPTOMS)
    region = rng.choice(_REGIONS)
    alert_name = name or f"{subsystem}-{symptom} · {application}"
    detail = sentence.format(
        s=f"{application}/{subsystem}",
        n=rng.randrange(801, 9999),
        p=rng.randrange(3, 97),
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
        "pod": f"{subsystem}-{rng.getrandbits(60):015x}",
    }
    if hostile:
        alert_name = rng.choice(HOSTILE)
        description = " ".join(rng.sample(HOSTILE, 3))[:2000]
        display["service"] = rng.choice(HOSTILE)
    elif name is None and rng.random() < 0.05:  # noqa: PLR2004  # now and then
        # The vendor leaves them out where the alert has none (coralogix.md §3).
        description = None
    has_no_name = name is None and rng.random() < 0.05  # noqa: PLR2004
    return Story(
        name=None if has_no_name else alert_name,
        description=description,
        application=application,
        subsystem=subsystem,
        contextual={
            "alert_id": f"{rng.getrandbits(128):032x}",
            "alert_name": alert_name,
            "alert_type": rng.choice(_TYPES),
            "alert_severity": severity.lower(),
            "alert_group_by_fields": "service,region,pod",
            "alert_notification_group_id": f"{rng.getrandbits(64):016x}",
            "application_name": application,
            "subsystem_name": subsystem,
        },
        display=display,
        meta=(("team", application), ("tier", str(rng.randrange(1, 4)))),
    )
