import tomllib
from pathlib import Path

import pytest

from monitor.config import parse
from monitor.demo.config import shipped_topics, write_config
from monitor.demo.inbox import Inbox
from monitor.demo.outlets import load_outlets
from monitor.demo.world import World
from monitor.matcher.match import match
from monitor.matcher.query import CompiledTopic
from monitor.model import Match

TOPICS = """\
[topics.tides]
title = "Tides"
rule = "water"
digest_at = 0.5
alert_at = 0.8
[topics.tides.groups]
water = { weight = 2.0, terms = ["tide*"] }
"""


def written(world: World, inbox: Inbox, folder) -> dict:
    path = write_config(folder, sites=world.sites.values(), topics=TOPICS, smtp_port=inbox.smtp_port, hook_url=inbox.hook_url, hook_secret=inbox.secret)
    return tomllib.loads(path.read_text("utf-8"))


async def test_every_newspaper_is_a_feed(world, inbox, tmp_path):
    config = written(world, inbox, tmp_path)

    assert {name: feed["url"] for name, feed in config["feeds"].items()} == {name: site.feed_url for name, site in world.sites.items()}
    assert config["feeds"]["stepovyi"]["language"] == "uk"


async def test_the_subscriber_hears_of_the_given_topics_by_mail_and_webhook(world, inbox, tmp_path):
    config = written(world, inbox, tmp_path)

    assert config["topics"]["tides"]["rule"] == "water"
    assert config["subscribers"]["desk"]["topics"] == ["tides"]
    assert config["smtp"]["port"] == inbox.smtp_port
    assert {"webhook": inbox.hook_url, "secret_file": "hook.secret"} in config["subscribers"]["desk"]["channels"]


async def test_the_secret_is_for_its_owner_only(world, inbox, tmp_path):
    written(world, inbox, tmp_path)

    secret = tmp_path / "hook.secret"
    assert secret.read_text().strip() == inbox.secret
    assert secret.stat().st_mode & 0o777 == 0o600


@pytest.fixture(scope="module")
def shipped() -> CompiledTopic:
    (topic,) = parse(f"version = 1\n{shipped_topics()}", file="config.toml", folder=Path(), environ={}).found.topics
    return topic


def judged(topic: CompiledTopic, outlet_id: str, slug: str) -> Match:
    outlet, piece = next((outlet, piece) for outlet in load_outlets() for piece in outlet.pieces if (outlet.id, piece.slug) == (outlet_id, slug))
    return match(topic, title=piece.title, text="\n".join(piece.paragraphs), lang=outlet.language)


@pytest.mark.parametrize(
    ("outlet", "slug"),
    [
        ("harbour", "rutte-assures-zelenskyy"),
        ("lantern", "zelenskyy-and-rutte-at-the-bedside"),
        ("meridian", "rutte-visits-odesa-after-sumy-strike"),
        ("northgate", "kyiv-asks-for-patriots"),
        ("tribune", "rutte-odesa-support-unwavering"),
        ("northgate", "mobile-radars-for-ukraine"),
        ("tribune", "radars-for-ukraine"),
    ],
)
def test_the_shipped_topic_tells_of_the_visit_and_of_the_breaking_news_at_once(shipped, outlet, slug):
    assert judged(shipped, outlet, slug).alert


@pytest.mark.parametrize(
    ("outlet", "slug"), [("stepovyi", "narada-lohistyka-nato"), ("brueckstadt", "nato-bahnkorridor-ukraine"), ("orge", "otan-ukraine-hopitaux-de-campagne")]
)
def test_the_shipped_topic_flags_the_same_subject_in_other_languages(shipped, outlet, slug):
    assert judged(shipped, outlet, slug).matched


@pytest.mark.parametrize(
    ("outlet", "slug"),
    [
        ("meridian", "grain-prices-odesa-port"),
        ("northgate", "ukraine-friendly-match"),
        ("northgate", "eurovision-jury-kyiv"),
        ("tribune", "signato-shares-slide"),
        ("lantern", "lisbon-streets-summit-week"),
        ("lantern", "varenyky-for-a-long-table"),
        ("lantern", "a-gardener-called-rutte"),
        ("harbour", "a-word-a-week-nato"),
        ("paperboat", "alliance-agrees-on-ladder"),
        ("sprockett", "nato-choir-sings-in-sprockett"),
    ],
)
def test_the_shipped_topic_leaves_lookalikes_alone(shipped, outlet, slug):
    assert not judged(shipped, outlet, slug).matched
