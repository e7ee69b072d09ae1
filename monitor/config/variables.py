"""Any key by environment: `MONITOR__SMTP__HOST=mail.example.org` stands above `[smtp] host`.

Two underscores part the names. Shells allow only letters, digits and _ in a name, so ids are spelled in capitals with _
for every other character: `[feeds.nato-news]` is `MONITOR__FEEDS__NATO_NEWS__URL`. A value is read as TOML (`587`, `true`,
`["a", "b"]`) and is text where it is no TOML. Lists are set as a whole.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from monitor.config.source import Path
from monitor.errors import Complaint

PREFIX = "MONITOR__"


def lay_over(tables: dict[str, Any], environ: Mapping[str, str]) -> tuple[dict[Path, str], list[Complaint]]:
    """Put the values of the variables into the tables.

    tables: is changed. Returns which variable set which key, and complaints about variables that fit nowhere.
    """
    set_by: dict[Path, str] = {}
    complaints: list[Complaint] = []
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        path = _put(tables, variable.removeprefix(PREFIX).split("__"), _value(environ[variable]))
        if path is None:
            hint = f"write {PREFIX}TABLE__KEY, such as {PREFIX}SMTP__HOST; lists are set as a whole"
            complaints.append(
                Complaint(file=variable, line=None, key=variable.removeprefix(PREFIX).lower().replace("__", "."), message="leads to no key", hint=hint)
            )
        else:
            set_by[path] = variable
    return set_by, complaints


def _put(tables: dict[str, Any], names: list[str], value: object) -> Path | None:
    """Set one value; None where the names lead into something that is no table."""
    table, path = tables, []
    if not all(names):
        return None
    for name in names[:-1]:
        path.append(_key(table, name))
        below = table.setdefault(path[-1], {})
        if not isinstance(below, dict):
            return None
        table = below
    path.append(_key(table, names[-1]))
    table[path[-1]] = value
    return tuple(path)


def _key(table: Mapping[str, Any], name: str) -> str:
    """The table's own spelling of a name, or the name in small letters where the table does not have it yet."""
    return next((key for key in table if _spelled_in_a_shell(key) == name.upper()), name.lower())


def _spelled_in_a_shell(key: str) -> str:
    return re.sub(r"[^A-Z0-9_]", "_", key.upper())


def _value(text: str) -> object:
    try:
        read = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
    return read["value"] if len(read) == 1 else text
