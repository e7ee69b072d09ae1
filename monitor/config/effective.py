"""What `monitor check --show-effective` shows: every key, its value, and who set it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from monitor.config.checks import secret_holders
from monitor.config.complaints import keys
from monitor.config.schema import Config
from monitor.config.source import Path, dotted
from monitor.config.units import hide_password


class Effective(NamedTuple):
    """value: as one would write it in the file; of a secret only "set" or "missing". origin: file:line, a variable, or "default"."""

    key: str
    value: object
    origin: str


def effective(config: Config) -> list[Effective]:
    """Every key that holds, in the order of the file's reference; keys that are off and have no default are left out."""
    rows = [Effective(dotted(path), value, config.found.source.origin(path)) for path, value in _values(config, config.found.tables, ())]
    for _, here, stem in secret_holders(config):
        path: Path = (*here, stem)
        rows.append(Effective(dotted(path), "set" if path in config.found.secrets else "missing", config.found.source.origin(here)))
    return rows


def _values(table: BaseModel, written: Mapping[str, Any], here: Path) -> Iterator[tuple[Path, object]]:
    """written: the same table as in the file, so that values show in the operator's own spelling."""
    for key, info in keys(type(table)).items():
        value = getattr(table, "from_" if key == "from" else key)
        path: Path = (*here, key)
        if isinstance(value, BaseModel):
            yield from _values(value, written.get(key, {}), path)
        elif isinstance(value, dict):
            for name, below in value.items():
                if isinstance(below, BaseModel):
                    yield from _values(below, written[key][name], (*path, name))
                else:
                    yield (*path, name), below
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            for position, below in enumerate(value):
                yield from _values(below, written[key][position], (*path, position))
        elif value is not None:
            shown = written.get(key, value if info.default_factory else info.default)
            yield path, hide_password(shown) if key in ("url", "proxy") else shown
