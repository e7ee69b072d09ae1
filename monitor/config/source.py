"""Where a key stands: its line in the file, or the variable that set it.

`tomllib` gives values without lines, so a second, small reader notes the lines. It runs only when somebody asks,
that is when there is a complaint or `monitor check --show-effective`.
"""

import contextlib
import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from monitor.errors import Complaint, ConfigError

Path = tuple[str | int, ...]
"""The way to a value: table keys, and positions in lists."""

_WHOLE = "config"  # the key of complaints that no key is to blame for
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:\\.|[^"\\\n])*"|' r"'[^'\n]*'", re.DOTALL)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

# What tomllib says (by its beginning), in words for people who do not read grammars.
_SYNTAX = (
    ("Cannot overwrite a value", "this key is given twice", "keep one of the two"),
    ("Duplicate inline table key", "this key is given twice", "keep one of the two"),
    ("Cannot declare", "this table is opened twice", "move its keys together under one [header]"),
    ("Expected '=' after a key", 'there is no "=" after the key', "write key = value, or [key] for a table"),
    ("Expected ']", "the header is not closed", "end it with ]"),
    ("Expected newline", "something follows the value", 'text, times and durations need quotes, such as "15m"'),
    ("Invalid value", "this is not a value", "text needs quotes; true, false and numbers do not"),
    ("Illegal character '\\n'", "the quote is not closed on its line", 'end it with "'),
    ("Unterminated string", "the quote is not closed", "end it with the same quotes it began with"),
    ("Unclosed array", "the list is not closed, or a comma is missing in it", "write a comma between its parts and ] at its end"),
    ("Unclosed inline table", "the { is not closed, or a comma is missing in it", "write a comma between its keys and } at its end"),
    ("Unescaped '\\'", "a backslash in double quotes", "use 'single quotes', or double the backslash"),
)


def dotted(path: Path) -> str:
    """The key as one would write it: `sites."example.com".keep`, list positions as `channels[0]`."""
    words: list[str] = []
    for part in path:
        if isinstance(part, int):
            words[-1:] = [f"{words[-1]}[{part}]"] if words else [f"[{part}]"]
        else:
            words.append(part if _PLAIN.fullmatch(part) else f'"{part}"')
    return ".".join(words)


@dataclass(frozen=True, kw_only=True)
class Source:
    """The text of one config.toml, and the variables laid over it (path → name of the variable).

    file: its name for people. folder: where relative paths in it begin.
    """

    file: str
    text: str = field(repr=False)
    folder: FilePath = FilePath()
    variables: Mapping[Path, str] = field(default_factory=dict)

    @cached_property
    def lines(self) -> dict[Path, int]:
        return _Lines(self.text).read()

    def place(self, path: Path) -> tuple[str, int | None]:
        """The file and line to blame for a key; a variable has no line. A key that is missing is blamed on its table."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.variables:
                return self.variables[path[:length]], None
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.file, self.lines[path[:length]]
            if variable := next((name for below, name in self.variables.items() if below[:length] == path[:length]), None):
                return variable, None
        return self.file, 1

    def origin(self, path: Path) -> str:
        """For people: "config.toml:12", "MONITOR__SMTP__HOST", or "default"."""
        file, line = self.place(path)
        if line is None:
            return file
        return f"{file}:{line}" if path in self.lines else "default"

    def complaint(self, path: Path, message: str, hint: str = "") -> Complaint:
        file, line = self.place(path)
        return Complaint(file=file, line=line, key=dotted(path), message=message, hint=hint)

    def tables(self) -> dict[str, Any]:
        """The values of the file. raises: ConfigError with the one place where TOML stopped making sense."""
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError([self._syntax_complaint(str(error))]) from error
        except RecursionError as error:
            complaint = Complaint(file=self.file, line=1, key=_WHOLE, message="is nested too deeply", hint="lists and tables need a few levels only")
            raise ConfigError([complaint]) from error

    def _syntax_complaint(self, said: str) -> Complaint:
        at = _AT.search(said)
        what = said[: at.start()] if at else said
        message, hint = next(
            ((message, hint) for start, message, hint in _SYNTAX if what.startswith(start)), (what, "see https://toml.io for how it is written")
        )
        reader = _Lines(self.text)
        lines = reader.read()
        # An unclosed list or quote is noticed at the end of the file; it is wrong where it began.
        line = int(at[1]) if at and at[1] else reader.stopped_in
        before = [path for path, there in lines.items() if there <= line]
        return Complaint(file=self.file, line=line, key=dotted(before[-1]) if before else _WHOLE, message=message, hint=hint)


class _StoppedMakingSense(Exception):
    """The text is not TOML from here on."""


class _Lines:
    """Notes the line of every key and list element, as far as the text is TOML.

    Source: TOML 1.0.0, the grammar of keys, headers and values; what values mean is left to tomllib.
    """

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, int] = {}
        self.stopped_in = 1
        self._starts = [match.end() for match in re.finditer(r"^|\n", text)]
        self._list_tables: dict[Path, int] = {}

    def read(self) -> dict[Path, int]:
        with contextlib.suppress(_StoppedMakingSense, RecursionError):
            self._document()
        return self.found

    def _document(self) -> None:
        table: Path = ()
        self._skip(_SPACE)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SPACE)

    def _header(self) -> Path:
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        names = self._key()
        table: Path = ()
        for name in names:
            table = (*table, name)
            if table in self._list_tables and (brackets == 1 or len(table) < len(names)):
                table = (*table, self._list_tables[table])
        if brackets == 2:
            self._list_tables[table] = self._list_tables.get(table, -1) + 1
            table = (*table, self._list_tables[table])
        self._note(table)
        self._expect("]" * brackets)
        return table

    def _pair(self, table: Path) -> None:
        path = (*table, *self._key())
        self._note(path)
        self._expect("=")
        self._skip(_BLANK)
        self._value(path)

    def _key(self) -> list[str]:
        names: list[str] = []
        while True:
            self._skip(_BLANK)
            if bare := _BARE_KEY.match(self.text, self.at):
                names.append(bare[0])
                self.at = bare.end()
            else:
                names.append(self._quoted())
            self._skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return names
            self.at += 1

    def _quoted(self) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self._stop(self.at)
        self.at = match.end()
        try:
            return str(tomllib.loads(f"key = {match[0]}")["key"])
        except tomllib.TOMLDecodeError:
            raise self._stop(match.start()) from None

    def _value(self, path: Path) -> None:
        start = self.at
        opening = self.text[start : start + 1]
        if opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            match = (_STRING if opening in ('"', "'") else _SCALAR).match(self.text, start)
            if match is None:
                raise self._stop(start)
            self.at = match.end()

    def _list(self, path: Path) -> None:
        start, position = self.at, 0
        self.at += 1
        self._skip(_SPACE)
        while not self.text.startswith("]", self.at):
            self._not_the_end(start)
            self._note((*path, position))
            self._value((*path, position))
            position += 1
            self._comma_or("]", start)
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        start = self.at
        self.at += 1
        self._skip(_SPACE)
        while not self.text.startswith("}", self.at):
            self._not_the_end(start)
            self._pair(path)
            self._comma_or("}", start)
        self.at += 1

    def _not_the_end(self, start: int) -> None:
        if self.at >= len(self.text):
            raise self._stop(start)

    def _comma_or(self, end: str, start: int) -> None:
        self._skip(_SPACE)
        if self.text.startswith(",", self.at):
            self.at += 1
            self._skip(_SPACE)
        elif not self.text.startswith(end, self.at):
            raise self._stop(start)

    def _note(self, path: Path) -> None:
        line = self._line(self.at)
        for length in range(1, len(path) + 1):
            self.found.setdefault(path[:length], line)

    def _expect(self, text: str) -> None:
        self._skip(_BLANK)
        if not self.text.startswith(text, self.at):
            raise self._stop(self.at)
        self.at += len(text)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        assert match is not None, "these patterns match nothing too"
        self.at = match.end()

    def _line(self, at: int) -> int:
        return bisect_right(self._starts, at)

    def _stop(self, at: int) -> Exception:
        self.stopped_in = self._line(at)
        return _StoppedMakingSense()
