"""Everything that can go wrong and that a caller decides about.

MonitorError
├── ConfigError           one or more complaints about config.toml
├── QueryError            a topic's rule or term does not read
├── BadData               what was given to a command cannot be used
├── FetchError            a request gave no usable answer
│   ├── Refused           we did not ask: address, scheme, port, or the host asked us to wait
│   ├── Unreachable       no connection, TLS trouble, deadline
│   ├── BadStatus         an answer, but not the wanted one
│   └── BadBody           an answer whose body cannot be taken: too large, a bomb, wrong encoding
├── SandboxError          a core function was stopped: time, memory, crash
├── StoreError
│   ├── SchemaMismatch    the database is older or newer than this program
│   ├── StateLocked       another daemon holds the state folder
│   └── DigestTaken       a digest began to close while something was added to it
└── DeliveryError         a channel did not take a message

Bad feeds, bad pages and odd dates are not errors: the result lists them as problems.
"""

from dataclasses import dataclass
from datetime import datetime


class MonitorError(Exception):
    """The root of the tree; its text is for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing wrong with the configuration, and what to do about it.

    line: 1-based line in the file, None where no line is to blame (an environment override).
    """

    file: str
    line: int | None
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" + (f" – {self.hint}" if self.hint else "")


class ConfigError(MonitorError):
    """The configuration cannot be used; all complaints at once."""

    def __init__(self, complaints: list[Complaint]):
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = complaints


class QueryError(MonitorError):
    """A rule or a term does not read.

    column: 1-based column in the rule or term.
    """

    def __init__(self, message: str, *, column: int, hint: str = ""):
        super().__init__(f"{message} at column {column}" + (f" – {hint}" if hint else ""))
        self.message, self.column, self.hint = message, column, hint


class BadData(MonitorError):
    """What was given to a command cannot be used: a list that is none, a recording with a hole."""


class FetchError(MonitorError):
    """A request gave no usable answer.

    reason: a short code, the same in log, metric, command and test (`private-address`, `timeout`, `too-large`, …).
    status: the HTTP status where there was one.
    retry_at: when the server asked us to come back.
    """

    def __init__(self, url: str, reason: str, detail: str = "", *, status: int | None = None, retry_at: datetime | None = None):
        super().__init__(f"{url}: {reason}" + (f" ({detail})" if detail else ""))
        self.url, self.reason, self.detail, self.status, self.retry_at = url, reason, detail, status, retry_at


class Refused(FetchError):
    """We did not ask: the address, scheme or port is not allowed, or the host asked us to come back later."""


class Unreachable(FetchError):
    """No connection, TLS trouble, or the deadline passed."""


class BadStatus(FetchError):
    """The server answered, but not with what was asked for."""


class BadBody(FetchError):
    """The server's body cannot be taken: too large, a bomb, or wrongly encoded."""


class SandboxError(MonitorError):
    """A core function was stopped in its worker process.

    reason: `time-limit`, `memory-limit` or `crash`.
    """

    def __init__(self, reason: str, detail: str = ""):
        super().__init__(f"{reason}" + (f" ({detail})" if detail else ""))
        self.reason, self.detail = reason, detail


class StoreError(MonitorError):
    """The database cannot do what is asked."""


class SchemaMismatch(StoreError):
    """The database is older or newer than this program."""


class StateLocked(StoreError):
    """Another daemon holds the state folder."""


class DigestTaken(StoreError):
    """A digest began to close while something was added to it; nothing was saved, decide again with a later time.

    closes_at: of the latest such digest; from then on the next one is open.
    """

    def __init__(self, message: str, *, closes_at: datetime | None = None):
        super().__init__(message)
        self.closes_at = closes_at


class DeliveryError(MonitorError):
    """A channel did not take a message.

    permanent: trying again cannot help.
    retry_at: when the receiver asked us to come back.
    """

    def __init__(self, reason: str, detail: str = "", *, permanent: bool, status: int | None = None, retry_at: datetime | None = None):
        super().__init__(f"{reason}" + (f": {detail}" if detail else ""))
        self.reason, self.detail, self.permanent, self.status, self.retry_at = reason, detail, permanent, status, retry_at
