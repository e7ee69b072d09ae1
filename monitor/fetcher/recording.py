"""Whole polls kept in a folder, and repeated from it without any network.

A recording is index.jsonl, one line an answer in the order in which they came, and one file for each body:

    {"recording": 1, "began_at": "2026-11-22T07:00:00Z"}
    {"number": 1, "url": …, "asked_at": …, "seconds": …, "sent": {"etag": …, "last_modified": …, "accept": …},
     "status": 200, "final_url": …, "headers": {…}, "permanent_url": …, "hops": […], "retry_at": …, "fetched_at": …, "file": "00001-example.org-feed.xml"}
    {"number": 2, "url": …, …, "error": {"kind": "Unreachable", "reason": "timeout", "detail": …, "status": null, "retry_at": null}}

Of what is sent only the validators and the wanted type are written, so no credentials; of what is answered no cookies.
"""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from time import perf_counter
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from monitor.errors import BadBody, BadData, BadStatus, FetchError, Refused, Unreachable
from monitor.fetcher.client import Client
from monitor.model import Response

VERSION = 1
INDEX = "index.jsonl"
MAX_ANSWERS = 50_000
MAX_TOTAL_BYTES = 2 * 1024**3
MAX_LINE_BYTES = 1024 * 1024
_NEVER_KEPT = frozenset(("set-cookie", "set-cookie2", "authentication-info", "proxy-authentication-info", "www-authenticate", "proxy-authenticate"))
_SENT = ("etag", "last_modified", "accept")
_KINDS: dict[str, type[FetchError]] = {kind.__name__: kind for kind in (FetchError, Refused, Unreachable, BadStatus, BadBody)}
_ENDINGS = (("html", ".html"), ("json", ".json"), ("xml", ".xml"), ("text/plain", ".txt"))


class RecordingClient(Client):
    """A client that keeps every answer to a GET in a folder. folder: new or empty.

    recorded: how many answers are in it. left_out: those for which there was no room any more.
    """

    def __init__(self, *, folder: Path, **how: Any):
        super().__init__(**how)
        self._folder, self._bytes, self._one_by_one = folder, 0, Lock()
        self.recorded = self.left_out = 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise BadData(f"{folder} is not empty – name a new folder for the recording")
        except NotADirectoryError as error:
            raise BadData(f"{folder} is a file – name a new folder for the recording") from error
        self._write({"recording": VERSION, "began_at": _text(self._clock())})

    async def get(self, url: str, **how: Any) -> Response:
        """As `Client.get`, and its answer or its error is in the folder when it returns."""
        line = {"url": url, "asked_at": _text(self._clock()), "sent": {name: how[name] for name in _SENT if how.get(name)}}
        began = perf_counter()
        try:
            response = await super().get(url, **how)
        except FetchError as error:
            await asyncio.to_thread(self._keep, line | {"seconds": round(perf_counter() - began, 4), "error": _error_json(error)})
            raise
        headers = {name: value for name, value in response.headers.items() if name not in _NEVER_KEPT}
        answer = {
            "seconds": round(perf_counter() - began, 4),
            "status": response.status,
            "final_url": response.url,
            "headers": headers,
            "permanent_url": response.permanent_url,
            "hops": response.hops,
            "retry_at": _text(response.retry_at),
            "fetched_at": _text(response.fetched_at),
        }
        await asyncio.to_thread(self._keep, line | answer, response.body)
        return response

    def _keep(self, line: Mapping[str, Any], body: bytes = b"") -> None:
        with self._one_by_one:
            if self.recorded >= MAX_ANSWERS or self._bytes + len(body) > MAX_TOTAL_BYTES:
                self.left_out += 1
                return
            self.recorded += 1
            self._bytes += len(body)
            numbered = {"number": self.recorded} | dict(line)
            if body:
                numbered["file"] = _file_name(self.recorded, str(line["url"]), line["headers"].get("content-type", ""))
                (self._folder / numbered["file"]).write_bytes(body)
            self._write(numbered)

    def _write(self, line: Mapping[str, Any]) -> None:
        with (self._folder / INDEX).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


class ReplayClient(Client):
    """A client that answers from a recording, in the order in which the answers came; it opens no connection at all.

    The last answer of an address is given again when more is asked than was recorded.
    began_at: of the recording. missing: addresses that were asked and are not in it, or only as "not modified since".
    raises: BadData when the folder holds no recording.
    """

    def __init__(self, *, folder: Path, **how: Any):
        super().__init__(**how)
        self._folder, self.missing = folder, list[str]()
        self.began_at, self._answers = _read(folder)
        self._since_then, self._latest = self._clock() - self.began_at, self.began_at

    def clock(self) -> datetime:
        """The time of the recording, so what was news then is news again.

        It goes on from when that began, and is never before an answer that was given already: a repeated poll is the faster one.
        """
        return max(self._clock() - self._since_then, self._latest)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    async def get(self, url: str, **how: Any) -> Response:
        """What was answered when this was recorded. raises: the FetchError that was recorded; Unreachable `not-recorded`."""
        answers = self._answers.get(url, [])
        fitting = next((answer for answer in answers if _fits(answer, how)), None)
        if fitting is None:
            if url not in self.missing:
                self.missing.append(url)
            raise Unreachable(url, "not-recorded", "this address" + (" was only asked whether it changed" if answers else " is not in the recording"))
        if any(_fits(answer, how) for answer in answers if answer is not fitting):
            answers.remove(fitting)
        self._latest = max(self._latest, _time(fitting.get("fetched_at")) or self._latest)
        return await asyncio.to_thread(self._answer, url, fitting)

    async def post(self, url: str, **_how: Any) -> Response:
        """Nothing is sent while a recording is repeated."""
        raise Unreachable(url, "not-recorded", "a repeated poll sends nothing")

    def _answer(self, url: str, line: Mapping[str, Any]) -> Response:
        if error := line.get("error"):
            kind = _KINDS.get(error["kind"], FetchError)
            raise kind(url, error["reason"], error["detail"], status=error["status"], retry_at=_time(error["retry_at"]))
        name = line.get("file", "")
        if Path(name).name != name:
            raise BadData(f"{self._folder / INDEX}: {name!r} is not the name of a file in this folder – record it again")
        try:
            body = (self._folder / name).read_bytes() if name else b""
        except OSError as error:
            raise BadData(f"{self._folder / name}: {error.strerror} – record it again") from error
        return Response(
            url=line["final_url"],
            status=line["status"],
            headers=line["headers"],
            body=body,
            fetched_at=_time(line["fetched_at"]) or self.began_at,
            permanent_url=line["permanent_url"],
            retry_at=_time(line["retry_at"]),
            hops=tuple((hop[0], hop[1]) for hop in line.get("hops", ())),
        )


def _fits(line: Mapping[str, Any], how: Mapping[str, Any]) -> bool:
    """Whether a recorded answer is one to this question: "not modified" only where the same validators are sent."""
    if line.get("status") != 304:
        return True
    return how.get("conditional", True) and all(line["sent"].get(name, "") == how.get(name, "") for name in ("etag", "last_modified"))


def _read(folder: Path) -> tuple[datetime, dict[str, list[dict[str, Any]]]]:
    answers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    try:
        with (folder / INDEX).open(encoding="utf-8") as file:
            head = json.loads(file.readline(MAX_LINE_BYTES))
            if head.get("recording") != VERSION:
                raise BadData(f"{folder / INDEX}: a recording of another version – record it again")
            for number, text in zip(range(MAX_ANSWERS), iter(lambda: file.readline(MAX_LINE_BYTES), ""), strict=False):
                line = json.loads(text)
                if not {"url", "sent"} <= set(line) or not ("error" in line or "status" in line):
                    raise BadData(f"{folder / INDEX}:{number + 2}: no answer of a recording – record it again")
                answers[line["url"]].append(line)
    except FileNotFoundError as error:
        raise BadData(f"{folder} holds no recording – make one with: monitor poll --record {folder}") from error
    except (ValueError, TypeError, AttributeError, OSError) as error:
        raise BadData(f"{folder / INDEX} is no recording: {error} – record it again") from error
    began_at = _time(head.get("began_at"))
    if began_at is None:
        raise BadData(f"{folder / INDEX} does not say when it began – record it again")
    return began_at, answers


def _error_json(error: FetchError) -> dict[str, Any]:
    return {"kind": type(error).__name__, "reason": error.reason, "detail": error.detail, "status": error.status, "retry_at": _text(error.retry_at)}


def _file_name(number: int, url: str, content_type: str) -> str:
    parts = urlsplit(url)
    words = re.sub(r"[^A-Za-z0-9.]+", "-", f"{parts.hostname or ''}{parts.path}").strip("-.")[:60]
    ending = next((ending for word, ending in _ENDINGS if word in content_type.lower()), "")
    return f"{number:05d}-{words}" + ("" if words.endswith(ending) else ending)


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
