"""config.toml is the operator's document: a command changes the lines it must, and keeps all others byte for byte.

What a change gives is read again before it replaces the file: the values must be the old ones and the wanted change, nothing else,
and `monitor check` must take them. So a layout that is not understood here is refused and never mangled.
"""

import copy
import fcntl
import os
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path as FilePath
from typing import Any

from monitor.config.load import load, parse, shown
from monitor.config.source import Path, Source, dotted
from monitor.errors import Complaint, ConfigError

BOM = b"\xef\xbb\xbf"
_BY_HAND = "it is written in a way that is not edited here; change it by hand"

Change = Callable[[str], str]
"""The text of a config.toml → its text with one change. raises: ConfigError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The text before and after; they are the same where nothing had to be done."""

    before: str
    after: str


# ------------------------------------------------------------------------------------------------- changes
def with_feeds(text: str, feeds: Mapping[str, Mapping[str, Any]]) -> str:
    """The text with these feeds in it, behind the last one and written as that one is.

    feeds: id → its keys; tables in them (`interval`) become inline tables. raises: ConfigError where an id is taken.
    """
    tables = tomllib.loads(text)
    for feed_id in feeds:
        if feed_id in tables.get("feeds", {}):
            raise _complaint(text, ("feeds", feed_id), "this feed is there already", "choose another id with --id")
    lines, last = _lines(text), _last_feed(text)
    style = _style(lines, last)
    added = ("\n\n" if style == "table" else "\n").join(_written(feed_id, keys, style) for feed_id, keys in feeds.items())
    at = last[1] if last else len(lines)
    before, after = "".join(lines[:at]), "".join(lines[at:])
    gap = ("" if not before or before.endswith("\n") else "\n") + ("\n" if style == "table" and before.strip() else "")
    if style == "table" and after and after.partition("\n")[0].strip():
        added += "\n"
    wanted = copy.deepcopy(tables)
    wanted.setdefault("feeds", {}).update({feed_id: dict(keys) for feed_id, keys in feeds.items()})
    return _checked(text, before + _ends(text, f"{gap}{added}\n") + after, wanted, ("feeds",))


def without_feeds(text: str, ids: Iterable[str]) -> str:
    """The text without these feeds: their lines, and the comments between and behind them. Comments above and below stay.

    raises: ConfigError where one is not there, or stands on a line with something else.
    """
    wanted = tomllib.loads(text)
    lines = _lines(text)
    for feed_id in ids:
        if feed_id not in wanted.get("feeds", {}):
            raise _complaint(text, ("feeds", feed_id), "there is no such feed in this file", "see monitor feeds list")
        del wanted["feeds"][feed_id]
        for start, stop in _spans(text, feed_id):
            lines[start:stop] = [""] * (stop - start)
            above = next((line for line in reversed(lines[:start]) if line), "\n")
            below = next((number for number in range(stop, len(lines)) if lines[number]), None)
            if not above.strip() and below is not None and not lines[below].strip():
                lines[below] = ""  # of the two blank lines around it, one is enough
    if not wanted.get("feeds", True):
        after = tomllib.loads("".join(lines))
        wanted = wanted if "feeds" in after else {key: value for key, value in wanted.items() if key != "feeds"}
    return _checked(text, "".join(lines), wanted, ("feeds",))


def with_feed_url(text: str, feed_id: str, url: str) -> str:
    """The text with another address for a feed; a comment behind it stays. raises: ConfigError where there is no such feed."""
    import tomlkit

    wanted = tomllib.loads(text)
    if feed_id not in wanted.get("feeds", {}):
        raise _complaint(text, ("feeds", feed_id), "there is no such feed in this file", "see monitor feeds list")
    wanted["feeds"][feed_id]["url"] = url
    document: Any = tomlkit.parse(text)
    document["feeds"][feed_id]["url"] = url
    return _checked(text, tomlkit.dumps(document), wanted, ("feeds", feed_id, "url"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChange:
    """What is to be another in a topic. keys: `bias`, `alert_at`. weights: by group. pairs: weights by position in `near`. added, removed: terms by group."""

    keys: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    pairs: Mapping[int, float] = field(default_factory=dict)
    added: Mapping[str, Sequence[str]] = field(default_factory=dict)
    removed: Mapping[str, Sequence[str]] = field(default_factory=dict)


def with_topic(text: str, topic_id: str, change: TopicChange) -> str:
    """The text with another topic; comments and layout stay. raises: ConfigError where there is no such topic, or it is written in another way."""
    import tomlkit

    wanted = tomllib.loads(text)
    if topic_id not in wanted.get("topics", {}):
        raise _complaint(text, ("topics", topic_id), "there is no such topic in this file", "see monitor topics list")
    document: Any = tomlkit.parse(text)
    for topic in (wanted["topics"][topic_id], document["topics"][topic_id]):
        topic.update(change.keys)
        for name, weight in change.weights.items():
            topic["groups"][name]["weight"] = weight
        for position, weight in change.pairs.items():
            topic["near"][position]["weight"] = weight
        for name, terms in change.removed.items():
            written = topic["groups"][name]["terms"]
            for term in terms:
                while term in written:
                    written.pop(list(written).index(term))
        for name, terms in change.added.items():
            for term in terms:
                topic["groups"][name]["terms"].append(term)
    return _checked(text, tomlkit.dumps(document), wanted, ("topics", topic_id))


# ------------------------------------------------------------------------------------------------- the file
def preview(path: FilePath, change: Change, *, environ: Mapping[str, str] = os.environ) -> Edited:
    """What `save` would write. raises: ConfigError."""
    path = path.resolve()
    return _edited(path, _read(path), change, environ)


def save(path: FilePath, change: Change, *, environ: Mapping[str, str] = os.environ) -> Edited:
    """Change the file, whole or not at all: a power cut leaves the old one or the new one.

    Commands wait for each other; an editor that saved in the meantime is noticed, and its work stays. Mode and owner are kept.
    raises: ConfigError; OSError where the folder cannot be written.
    """
    path = path.resolve()  # through a symbolic link the file behind it is changed, and the link stays
    with _alone(path.parent):
        data = _read(path)
        edited = _edited(path, data, change, environ)
        if edited.after != edited.before:
            _replace(path, data, (BOM if data.startswith(BOM) else b"") + edited.after.encode())
    return edited


def _edited(path: FilePath, data: bytes, change: Change, environ: Mapping[str, str]) -> Edited:
    try:
        before = data.removeprefix(BOM).decode()
        after = change(before)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        load(path, environ=environ)  # says what is wrong with it, and where
        raise
    except ConfigError as error:
        raise ConfigError([replace(complaint, file=shown(path)) for complaint in error.complaints]) from error
    parse(after, file=shown(path), folder=path.parent, environ=environ)
    return Edited(before=before, after=after)


def _read(path: FilePath) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        load(path)
        raise


def _replace(path: FilePath, before: bytes, after: bytes) -> None:
    is_at = path.stat()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(after)
            os.fchmod(file.fileno(), is_at.st_mode & 0o7777)
            with suppress(PermissionError):  # only root may give a file away
                os.fchown(file.fileno(), is_at.st_uid, is_at.st_gid)
            file.flush()
            os.fsync(file.fileno())
        _must_still_be(path, before)
        FilePath(name).replace(path)
    except BaseException:
        FilePath(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or the new name may be lost with the power
    finally:
        os.close(folder)


def _must_still_be(path: FilePath, before: bytes) -> None:
    if path.read_bytes() != before:
        message, hint = "somebody changed it while this command worked; their version stays", "run the command again"
        raise ConfigError([Complaint(file=shown(path), line=None, key="config", message=message, hint=hint)])


@contextmanager
def _alone(folder: FilePath) -> Iterator[None]:
    """One command at a time; the folder holds the lock, because the file itself is replaced."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


# ----------------------------------------------------------------------------------------- lines of a feed
def _lines(text: str) -> list[str]:
    """Lines with their ends, as TOML counts them."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _spans(text: str, feed_id: str) -> list[tuple[int, int]]:
    """Where the lines of a feed are, as half-open ranges of line indexes; a feed may stand in several places."""
    here: Path = ("feeds", feed_id)
    lines = _lines(text)
    at: dict[int, bool] = {}  # index of a line on which keys begin → all of them are this feed's
    for path, line in Source(file="", text=text).lines.items():
        if path != here[: len(path)] or path == here:
            at[line - 1] = at.get(line - 1, True) and path[:2] == here
    starts = sorted(at)
    spans = []
    for is_ours, group in groupby(starts, key=lambda start: at[start]):
        own = list(group)
        if is_ours:
            following = next((start for start in starts if start > own[-1]), len(lines))
            spans.append((own[0], _without_trailing_comments(lines, own[0], following)))
    return spans


def _without_trailing_comments(lines: list[str], start: int, stop: int) -> int:
    while stop > start + 1 and (not lines[stop - 1].strip() or lines[stop - 1].lstrip().startswith("#")):
        stop -= 1
    return stop


def _last_feed(text: str) -> tuple[int, int] | None:
    """The lines of the feed that stands last."""
    feeds = tomllib.loads(text).get("feeds", {})
    begins = {path[1]: line for path, line in Source(file="", text=text).lines.items() if len(path) == 2 and path[0] == "feeds"}
    last = max((str(feed_id) for feed_id in begins if feed_id in feeds), key=lambda feed_id: begins[feed_id], default=None)
    return max(_spans(text, last), default=None) if last else None


def _style(lines: list[str], last: tuple[int, int] | None) -> str:
    """How the last feed is written: "table" for `[feeds.ID]`, "line" for `ID = {…}` below `[feeds]`, "dotted" for `feeds.ID = {…}`."""
    begin = lines[last[0]].lstrip() if last else "["
    if begin.startswith("["):
        return "table"
    return "dotted" if begin.startswith("feeds") and begin.removeprefix("feeds").lstrip().startswith(".") else "line"


def _written(feed_id: str, keys: Mapping[str, Any], style: str) -> str:
    import tomlkit

    name = tomlkit.key(feed_id).as_string().strip()
    pairs = [f"{key} = {_value(value)}" for key, value in keys.items()]
    if style == "table":
        return "\n".join((f"[feeds.{name}]", *pairs))
    return f"{'feeds.' if style == 'dotted' else ''}{name} = {{ {', '.join(pairs)} }}"


def _value(value: Any) -> str:
    import tomlkit

    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_value(below)}' for key, below in value.items())} }}"
    return str(tomlkit.item(value).as_string())


def _ends(text: str, added: str) -> str:
    """The added lines with the line ends of the file."""
    return added.replace("\n", "\r\n") if "\r\n" in text else added


def _checked(before: str, after: str, wanted: Mapping[str, Any], path: Path) -> str:
    """The text, if it says what was wanted and nothing else."""
    try:
        found: Mapping[str, Any] | None = tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        found = None
    if found != wanted:
        raise _complaint(before, path, "this cannot be changed by a command", _BY_HAND)
    return after


def _complaint(text: str, path: Path, message: str, hint: str) -> ConfigError:
    source = Source(file="config.toml", text=text)
    line = source.lines.get(path)
    return ConfigError([Complaint(file="config.toml", line=line, key=dotted(path), message=message, hint=hint)])
