"""Logs and metrics: how they are set up, and the only place where a metric's name is spelled.

One event per line on stderr: words on a terminal, JSON otherwise. Addresses are masked, control characters escaped.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

# structlog takes rich along, for tracebacks that we do not draw: 5 MB and 50 ms of every start. For this import there is none.
_is_alone = sys.modules.setdefault("rich", None) is None  # type: ignore[arg-type]
import structlog  # noqa: E402

if _is_alone:
    del sys.modules["rich"]

REGISTRY = CollectorRegistry()

FEED_POLLS = Counter("newsmonitor_feed_polls", "Polls of feeds by what came of them", ["outcome"], registry=REGISTRY)
ENTRIES = Counter("newsmonitor_entries", "New entries that feeds brought", registry=REGISTRY)
ARTICLES = Counter("newsmonitor_articles", "Articles read by how much of them we have", ["status"], registry=REGISTRY)
MATCHES = Counter("newsmonitor_matches", "Articles that matched a topic", ["topic"], registry=REGISTRY)
DELIVERIES = Counter("newsmonitor_deliveries", "Tries to deliver by channel and what came of them", ["channel", "outcome"], registry=REGISTRY)
FEEDS = Gauge("newsmonitor_feeds", "Feeds by state", ["state"], registry=REGISTRY)
DUE = Gauge("newsmonitor_due", "Rows that wait for a step", ["step"], registry=REGISTRY)
OUTBOX_OLDEST_SECONDS = Gauge("newsmonitor_outbox_oldest_seconds", "How long the oldest unsent delivery has waited", registry=REGISTRY)
ALERT_LATENCY_SECONDS = Histogram(
    "newsmonitor_alert_latency_seconds",
    "From published, or first seen, to accepted by the channel",
    buckets=(1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21600, 86400),
    registry=REGISTRY,
)
NETWORK_DOWN = Gauge("newsmonitor_network_down", "1 while nobody answers us, so that no feed is blamed", registry=REGISTRY)
STEP_ERRORS = Counter("newsmonitor_step_errors", "Steps that ended in an error nobody expected", ["step"], registry=REGISTRY)
CONFIG_LAST_RELOAD_SUCCESSFUL = Gauge("newsmonitor_config_last_reload_successful", "1 when the last reload of the configuration was taken", registry=REGISTRY)

_MAIL = re.compile(r"([\w.+-])[\w.+-]*@([\w-]+(?:\.[\w-]+)+)")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

log: structlog.stdlib.BoundLogger = structlog.get_logger("monitor")


def exposition() -> bytes:
    """All metrics in the text format that Prometheus reads."""
    return generate_latest(REGISTRY)


def configure(*, verbosity: int = 0, as_json: bool | None = None) -> None:
    """Set up logging once per process.

    verbosity: -1 warnings only, 0 the usual events, 1 everything. as_json: None decides by whether stderr is a terminal.
    """
    as_json = not sys.stderr.isatty() if as_json is None else as_json
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            structlog.processors.StackInfoRenderer(),
            *([structlog.processors.format_exc_info] if as_json else []),
            _make_safe,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger({-1: logging.WARNING, 0: logging.INFO}.get(verbosity, logging.DEBUG)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,  # an event that nobody sees costs a tenth so
    )
    vars(log).pop("bind", None)  # what it was bound to before
    for noisy in ("apscheduler", "aiosmtplib", "uvicorn", "alembic", "trafilatura", "htmldate", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


def mask(text: str) -> str:
    """Mail addresses with their local part hidden: a***@example.org."""
    return _MAIL.sub(r"\1***@\2", text)


def _make_safe(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What feeds and servers said must not fake a line or move the cursor."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), mask(value))
        elif isinstance(value, datetime):  # written out here, so that an event that nobody sees costs no more than its call
            event[key] = str(value)
    return event
