"""pydantic's errors in words that tell an operator what to do."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from monitor.config.schema import ChannelTable, Config, Table
from monitor.config.source import Path, Source, dotted
from monitor.config.units import nearest
from monitor.errors import Complaint

NOT_BUILT_YET = frozenset({"ntfy", "slack", "discord", "teams", "apprise"})


def path_of(error: ErrorDetails) -> Path:
    """The key an error is about; pydantic marks errors in a table's own name with "[key]"."""
    return tuple(part for part in error["loc"] if part != "[key]")


def is_echo(error: ErrorDetails) -> bool:
    """pydantic says of a list that is wrong in all its parts that it is empty too, and of a default that it could not be worked out."""
    return error["type"] == "default_factory_not_called" or (error["type"] == "too_short" and bool(error["input"]))


def complaint(error: ErrorDetails, source: Source) -> Complaint:
    path = path_of(error)
    message, hint = _words(error, path)
    return source.complaint(path, message, hint)


def _words(error: ErrorDetails, path: Path) -> tuple[str, str]:
    limits: Mapping[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "monitor":
            return limits["message"], limits["hint"]
        case "extra_forbidden":
            return _unknown_key(path)
        case "missing":
            examples = _field(path).examples or []
            return "is missing", f"add {path[-1]} = {examples[0]}" if examples else f"add {path[-1]}"
        case "literal_error":
            return _not_a_choice(error["input"], path)
        case "string_type":
            return "must be text", "put it in quotes"
        case "int_type" | "int_from_float":
            return "must be a whole number", "write digits without quotes"
        case "float_type" | "finite_number":
            return "must be a number", "write digits without quotes, such as 0.5"
        case "bool_type":
            return "must be true or false", "write true or false without quotes"
        case "tuple_type":
            return "must be a list", 'write it in brackets, such as ["…", "…"]'
        case "model_type" | "dict_type":
            return "must be a table", f"open it with [{dotted(path)}] on a line of its own, or write {{ key = value }}"
        case "string_too_short" | "too_short":
            return "may not be empty", f"write {path[-1]} = {(_field(path).examples or ['…'])[0]}"
        case "greater_than_equal":
            return f"must be at least {limits['ge']:g}", _range_hint(path)
        case "less_than_equal":
            return f"must be at most {limits['le']:g}", _range_hint(path)
    return error["msg"], "see docs/reference/configuration.md"


def _unknown_key(path: Path) -> tuple[str, str]:
    table, word = _table(path[:-1]), str(path[-1])
    if table is ChannelTable and word in NOT_BUILT_YET:
        return f"channels of the kind {word} are not built yet in this version", "use email, webhook or file"
    known = list(keys(table)) if table else []
    if meant := nearest(word, known):
        return "unknown key", f'did you mean "{meant}"?'
    homes = [
        name + (".…" if _holds_many(info.annotation) else "")
        for name, info in keys(Config).items()
        if any(word in keys(one) for one in _tables_in(info.annotation))
    ]
    if homes:
        return "unknown key", f"it belongs in {' or '.join(f'[{home}]' for home in homes)}"
    return "unknown key", f"known here: {', '.join(known)}"


def _not_a_choice(value: object, path: Path) -> tuple[str, str]:
    if path == ("version",):
        return f"{value!r} is not a version this program reads", "write version = 1; a newer file needs a newer monitor"
    choices = [str(choice) for choice in get_args(_field(path).annotation) if choice]
    meant = nearest(value, choices) if isinstance(value, str) else ""
    quoted = ", ".join(f'"{choice}"' for choice in choices)
    return f"{value!r} is not a choice here", f'did you mean "{meant}"?' if meant else f"write one of {quoted}"


def _range_hint(path: Path) -> str:
    if path[-1] in ("digest_at", "alert_at", "min_score", "break_through"):
        return "scores lie between 0 and 1"
    limits = {name: getattr(limit, name) for limit in _field(path).metadata for name in ("ge", "le") if hasattr(limit, name)}
    return f"write a number from {limits['ge']} to {limits['le']}" if "le" in limits else f"write {limits['ge']} or more"


# ---------------------------------------------------------------------------------- walking the schema
def keys(table: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys of a table as they are written in the file."""
    return {info.alias or name: info for name, info in table.model_fields.items()}


def _tables_in(annotation: Any) -> Iterator[type[Table]]:
    """The tables a value may hold: in `X | None`, `dict[str, X]`, `tuple[X, ...]`, or X itself."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        yield annotation
    for part in get_args(annotation):
        yield from _tables_in(part)


def _table(path: Path) -> type[Table] | None:
    """The table that stands at a path; ids and list positions are skipped, as they are no keys of ours."""
    table: type[Table] | None = Config
    skip = False
    for part in path:
        if skip:
            skip = False
            continue
        if table is None or str(part) not in keys(table):
            return None
        annotation = keys(table)[str(part)].annotation
        skip = _holds_many(annotation)
        table = next(_tables_in(annotation), None)
    return table


def _holds_many(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return any(_holds_many(part) for part in get_args(annotation))
    return origin in (dict, tuple)


def _field(path: Path) -> FieldInfo:
    table = _table(path[:-1])
    empty: FieldInfo = FieldInfo()
    return keys(table).get(str(path[-1]), empty) if table else empty
