"""`monitor topics explain`."""

from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Options, command, read_text, say, write_json
from monitor.cli.topics.listing import topic_of

if TYPE_CHECKING:
    from monitor.config import Config


@command("explain")
@click.argument("wanted", metavar="URL|ID|-")
@click.option("--topic", "topic_id", default=None, metavar="ID", help="Only this topic; all, unless given.")
@click.option("--title", default="", help="With -: the headline; the text comes from stdin.")
def explain(wanted: str, topic_id: str | None, title: str, options: Options) -> None:
    """Why an article matches, or why not, in words; the article by its address or number, or a text from stdin."""
    from monitor.matcher.explain import explain as in_words
    from monitor.matcher.match import match, score_json

    config = options.load()
    topics = [topic_of(config, topic_id)] if topic_id else list(config.found.topics)
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
