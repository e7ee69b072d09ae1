"""The shipped configuration, those of the benchmarks, and the page that describes every key."""

import importlib.util
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from monitor.config import Config, feeds, load, subscribers
from monitor.config.complaints import keys
from monitor.config.schema import ChannelTable, FeedTable, Group, NearTable, Site, SubscriberTable, Table, TopicTable
from monitor.model import ChannelKind

ROOT = Path(__file__).resolve().parents[2]
NAMES = {FeedTable: "ID.", Site: "HOST.", TopicTable: "ID.", SubscriberTable: "ID.", Group: "NAME.", ChannelTable: "", NearTable: ""}


def documented() -> dict[str, str]:
    """key → default, from the tables of the page."""
    page = (ROOT / "docs/reference/configuration.md").read_text(encoding="utf-8")
    rows = (re.split(r" \| ", line.strip("| ")) for line in page.splitlines() if line.startswith("| `"))
    return {row[0].strip("`"): row[3].strip() for row in rows if len(row) == 4}


def every_key(table: type[Table], here: str = "") -> Iterator[tuple[str, str]]:
    """Each key of the schema that holds a value, with its default as it is written in the file; "–" where it is off."""
    for key, info in keys(table).items():
        below = next((part for part in _parts(info.annotation) if isinstance(part, type) and issubclass(part, Table)), None)
        if below in (None, ChannelTable, NearTable):
            default = (
                "required"
                if info.is_required()
                else "–"
                if info.default is None
                else f"`{_written(info.get_default(call_default_factory=True, validated_data={}))}`"
            )
            yield here + key, default
        if below is not None:
            yield from every_key(below, f"{here}{key}.{NAMES.get(below, '')}")


def _parts(annotation: object) -> Iterator[object]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _written(default: object) -> str:
    return json.dumps(list(default) if isinstance(default, tuple) else default)


def test_every_key_is_documented_with_its_default():
    assert documented() == dict(every_key(Config))


@pytest.fixture(scope="module")
def shipped() -> Config:
    return load(ROOT / "config.toml", environ={})


def test_the_shipped_configuration_holds_together(shipped: Config):
    assert [warning.key for warning in shipped.warnings] == ["network.contact"]
    assert list(shipped.topics) == ["nato-ukraine", "floods"]
    assert shipped.subscribers["desk"].topics == ("nato-ukraine",)


def test_the_shipped_watch_hears_many_outlets_in_many_languages(shipped: Config):
    listed = feeds(shipped)

    assert len(listed) >= 30
    assert len({feed.language for feed in listed}) >= 8
    assert all(feed.title and feed.site_url and feed.language for feed in listed)


def test_the_shipped_desk_needs_no_mail_server(shipped: Config):
    (desk,) = subscribers(shipped)

    assert [(channel.kind, channel.address) for channel in desk.channels] == [(ChannelKind.FILE, "")]


def test_every_shipped_key_has_a_comment():
    """Beside it or below it. Feeds and topics are lists of things, not settings: the line above them says what they hold."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8").split("[feeds]")[0]
    lines = re.sub(r"(?ms)^\[topics\..*?(?=^# ───)", "", text).splitlines()

    bare = [line for line, below in pairwise(lines) if re.match(r"(# )?[a-z_]+ = ", line) and " #" not in line + below]

    assert bare == []


def test_the_shipped_defaults_are_the_defaults(shipped: Config):
    plain = Config(version=1)

    for section in ("polling", "articles", "storage", "web"):
        assert getattr(shipped, section) == getattr(plain, section)
    assert shipped.network == plain.network


# ------------------------------------------------------------------------------- the benchmarks beside the repository
def bench(shared: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, shared / "bench" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("inline", [pytest.param(False, id="opml"), pytest.param(True, id="inline")])
def test_the_farm_configuration_loads(shared: Path, tmp_path: Path, inline: bool):
    farm = bench(shared, "make_config")

    farm.write(tmp_path, farm.urls(200, 8900), smtp="127.0.0.1:8902", interval=10, inline=inline)

    config = load(tmp_path / "config.toml", environ={})
    listed = feeds(config)
    assert len({feed.id for feed in listed}) == len({feed.url for feed in listed}) == 200
    assert {(feed.interval_min_s, feed.interval_max_s) for feed in listed} == {(10, 10)}
    assert [channel.kind for channel in subscribers(config)[0].channels] == [ChannelKind.WEBHOOK, ChannelKind.EMAIL]


def test_the_replay_configuration_loads(shared: Path, tmp_path: Path):
    replay = bench(shared, "replay")
    (tmp_path / "hook.secret").write_text("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n")
    (tmp_path / "hook.secret").chmod(0o600)
    text = replay.CONFIG.format(feeds='[feeds.f0]\nurl = "http://127.2.0.1:8700/rss.xml"', topic=replay.topic(ROOT / "config.toml"), out=tmp_path)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")

    config = load(tmp_path / "config.toml", environ={})

    assert "nato-ukraine" in config.topics
    assert subscribers(config)[0].timezone == "Europe/Kyiv"
