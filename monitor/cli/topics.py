"""`monitor topics`: list them, score texts, explain a score."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Options, command, group, in_batch, no_such, read_text, say, text_of, write_json

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


@command("score")
@click.option("--topic", "topic_id", required=True, metavar="ID", help="The topic to score for.")
@click.option("--title", default="", help="The headline; the text comes from stdin.")
@click.option("--batch", is_flag=True, help='JSON Lines in and out: {"id", "title", "text", "lang"?}.')
def score(topic_id: str, title: str, batch: bool, options: Options) -> None:
    """How much a text is about a topic, between 0 and 1, with the evidence.

    \b
    echo "Ukraine asks NATO for air defence" | monitor topics score --topic nato-ukraine
    """
    from monitor.matcher.match import match, score_json

    topic = _topic(options.load(), topic_id)

    def one(given: Mapping[str, Any]) -> dict[str, Any]:
        found = match(topic, title=text_of(given, "title"), text=text_of(given, "text"), lang=text_of(given, "lang"))
        return score_json(found, given.get("id", ""))

    if batch:
        in_batch(one)
        return
    result = one({"title": title, "text": read_text()})
    if options.as_json:
        write_json(result, schema="topics score/1")
        return
    say(f"score {result['score']:.3f}  matched {'yes' if result['matched'] else 'no'}  alert {'yes' if result['alert'] else 'no'}")
    for evidence in result["evidence"]:
        say(f"  {evidence['points']:+.2f}  {evidence['group']}: {evidence['term']}  ({evidence['field']} {evidence['start']}–{evidence['stop']})")


@command("explain")
@click.argument("wanted", metavar="URL|ID|-")
@click.option("--topic", "topic_id", default=None, metavar="ID", help="Only this topic; all, unless given.")
@click.option("--title", default="", help="With -: the headline; the text comes from stdin.")
def explain(wanted: str, topic_id: str | None, title: str, options: Options) -> None:
    """Why an article matches, or why not, in words; the article by its address or number, or a text from stdin."""
    from monitor.matcher.explain import explain as in_words
    from monitor.matcher.match import match, score_json

    config = options.load()
    topics = [_topic(config, topic_id)] if topic_id else list(config.found.topics)
    article = {"title": title, "text": read_text(), "language": "", "url": ""} if wanted == "-" else _stored(config, options, wanted)
    found = [(topic, match(topic, title=article["title"], text=article["text"], lang=article["language"])) for topic in topics]
    if options.as_json:
        results = [
            score_json(each, topic.id) | {"reason": each.reason, "words": list(in_words(topic, each, article["title"], article["text"]))}
            for topic, each in found
        ]
        write_json({"url": article["url"], "title": article["title"], "topics": results}, schema="topics explain/1")
        return
    say(article["title"])
    for topic, each in found:
        say(f"\n{topic.title}")
        for line in in_words(topic, each, article["title"], article["text"]):
            say(f"  {line}")


def _stored(config: "Config", options: Options, wanted: str) -> dict[str, Any]:
    from monitor.store import reports
    from monitor.store.state import open_store
    from monitor.urls import url_key

    with open_store(config.storage.url, options.state_path) as database:
        article = database.read_now(reports.find_article, wanted) or database.read_now(reports.find_article, url_key(wanted))
    if article is None:
        raise click.UsageError(f"no article {wanted!r} in the store – see `monitor stories list --json`, or give a text with -")
    return article


def _topic(config: "Config", topic_id: str) -> "CompiledTopic":
    for topic in config.found.topics:
        if topic.id == topic_id:
            return topic
    raise no_such("topic", topic_id, config.topics, advice="see `monitor topics list`")


topics = group("topics", "The topics: list, score texts, explain a score.", [list_, score, explain])
