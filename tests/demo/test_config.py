import tomllib

from monitor.demo.config import shipped_topics, write_config
from monitor.demo.inbox import Inbox
from monitor.demo.world import World

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


def test_the_topic_is_the_shipped_one():
    topics = tomllib.loads(shipped_topics())["topics"]

    assert topics["nato-ukraine"]["groups"]
