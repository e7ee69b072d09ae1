"""config.toml → Config, or every complaint about it at once."""

import copy
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.config import checks, complaints, variables
from monitor.config.schema import Config
from monitor.config.source import Path, Source
from monitor.errors import Complaint, ConfigError

if TYPE_CHECKING:
    from monitor.matcher.query import CompiledTopic

_DEEPEST = 8  # levels of tables in the schema, with one to spare


def load(path: FilePath, *, environ: Mapping[str, str] = os.environ) -> Config:
    """raises: ConfigError with every complaint, also where the file cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise _unreadable(path, "does not exist", "make one with: monitor init") from error
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}", "name a file that this user may read, with --config FILE") from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, "is not UTF-8", "save it as UTF-8", error.object[: error.start].count(b"\n") + 1) from error
    return parse(text, file=shown(path), folder=path.absolute().parent, environ=environ)


def parse(text: str, *, file: str = "config.toml", folder: FilePath | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """file: its name in complaints. folder: where relative paths in it begin, else the current one. raises: ConfigError."""
    source = Source(file=file, text=text, folder=folder or FilePath.cwd())
    tables = source.tables()
    set_by, complained = variables.lay_over(tables, environ)
    return _read(replace(source, variables=set_by), tables, environ, complained)


def load_topics(path: FilePath) -> "tuple[CompiledTopic, ...]":
    """The topics of a draft: a changed config.toml, of which the rest does not matter, or a file with nothing but [topics.ID].

    raises: ConfigError with every complaint about them; OSError where the file cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, "is not UTF-8", "save it as UTF-8", error.object[: error.start].count(b"\n") + 1) from error
    source = Source(file=shown(path), text=text)
    tables = source.tables()
    if "topics" not in tables:
        raise ConfigError([source.complaint((), "holds no topic", "begin it with [topics.ID], as in config.toml")])
    return _read(source, {"version": 1, "topics": tables["topics"]}, {}, []).found.topics


def _read(source: Source, tables: dict[str, Any], environ: Mapping[str, str], complained: list[Complaint]) -> Config:
    config, errors = _read_what_is_right(tables)
    complained += [complaints.complaint(error, source) for error in errors]
    findings, found = checks.look_around(config, source, tables, environ)
    unknown = {complaints.path_of(error) for error in errors if error["type"] == "extra_forbidden"}
    wrong = {complaints.path_of(error) for error in errors} - unknown
    complained += [source.complaint(*finding.words) for finding in findings if not finding.is_warning and not finding.is_a_guess(wrong, unknown)]
    if complained:
        raise ConfigError(_in_order(complained))
    warnings = [source.complaint(*finding.words) for finding in findings if finding.is_warning]
    config._found = replace(found, warnings=tuple(_in_order(warnings)))
    return config


def _read_what_is_right(tables: Mapping[str, Any]) -> tuple[Config, list[ErrorDetails]]:
    """The configuration without its wrong parts, and the errors about those: so that the rest can be checked too."""
    first: list[ErrorDetails] = []
    right = copy.deepcopy(dict(tables))
    for _ in range(_DEEPEST):
        try:
            return Config.model_validate(right), first
        except ValidationError as error:
            errors = [one for one in error.errors(include_url=False) if not complaints.is_echo(one)]
            first = first or errors
            for table, key in [_wrong_part(right, complaints.path_of(one)) for one in errors]:
                table.pop(key, None)
            right["version"] = 1
    return Config(version=1), first


def _wrong_part(tables: dict[str, Any], path: Path) -> tuple[dict[str, Any], str]:
    """The table and the key in it that hold what a path leads to, or in which it is missing.

    Of a list it is the whole: without one of its parts the others would stand at positions that are not theirs.
    """
    part: Any = tables
    found = (tables, str(path[0]))
    for step in path:
        if isinstance(part, dict) and step in part:
            found = (part, str(step))
            part = part[step]
        elif isinstance(part, list) and isinstance(step, int) and step < len(part):
            part = part[step]
        else:
            break
    return found


def _in_order(complained: list[Complaint]) -> list[Complaint]:
    return sorted(complained, key=lambda complaint: (complaint.line is None, complaint.line or 0, complaint.key))


def shown(path: FilePath) -> str:
    """A path as short as one would type it here."""
    here = FilePath.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _unreadable(path: FilePath, message: str, hint: str, line: int | None = None) -> ConfigError:
    return ConfigError([Complaint(file=shown(path), line=line, key="config", message=message, hint=hint)])
