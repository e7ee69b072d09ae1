"""`monitor topics list`, and the topic that a command names."""

from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Options, command, no_such, say, write_json

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.matcher.query import CompiledTopic


@command("list")
def list_(options: Options) -> None:
    """Every topic with its rule, thresholds and groups."""
    config = options.load()
    topics: list[dict[str, Any]] = [
        {
            "id": name,
            "title": topic.title,
            "rule": topic.rule,
            "digest_at": topic.digest_at,
            "alert_at": topic.alert_at,
            "groups": {group_name: {"weight": found.weight, "terms": len(found.terms)} for group_name, found in topic.groups.items()},
        }
        for name, topic in config.topics.items()
    ]
    if options.as_json:
        write_json({"topics": topics}, schema="topics list/1")
        return
    for topic in topics:
        say(f"{topic['id']}: {topic['title']}\n  rule       {topic['rule']}\n  digest at  {topic['digest_at']}, alert at {topic['alert_at']}")
        for name, found in topic["groups"].items():
            say(f"  {name:<12} weight {found['weight']:+.1f}, {found['terms']} terms")


def topic_of(config: "Config", topic_id: str) -> "CompiledTopic":
    """The topic with this id. raises: UsageError with the nearest one."""
    for topic in config.found.topics:
        if topic.id == topic_id:
            return topic
    raise no_such("topic", topic_id, config.topics, advice="see `monitor topics list`")


def one_topic(config: "Config", topic_id: str | None) -> "CompiledTopic":
    """The topic that is named, or the only one there is. raises: UsageError where it is not clear which."""
    if topic_id is not None:
        return topic_of(config, topic_id)
    if len(config.found.topics) == 1:
        return config.found.topics[0]
    raise click.UsageError(f"which topic? – name one of {', '.join(config.topics)}")
