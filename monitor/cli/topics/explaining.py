"""`monitor topics explain`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Options, command, read_text, say, text_of, write_json
from monitor.cli.topics.listing import topic_of

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.matcher.explain import Explanation
    from monitor.matcher.query import CompiledTopic


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is to be explained. judged: what each topic said of it when it was stored, by the topic's id."""

    title: str
    text: str
    language: str = ""
    url: str = ""
    outlet: str = ""
    judged: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@command("explain")
@click.argument("wanted", metavar="URL|STORY|FILE|-")
@click.option("--topic", "topic_id", default=None, metavar="ID", help="Only this topic; all, unless given.")
@click.option("--title", default="", help="The headline, with - and FILE; else the first line of a FILE is.")
def explain(wanted: str, topic_id: str | None, title: str, options: Options) -> None:
    """Why an article is flagged, or why not: the rule, the sum of points, the text with what was found, and what would have flipped it.

    \b
    monitor topics explain https://example.org/news/1     a stored article, by its address
    monitor topics explain 17                             a story, by its number in `stories list`
    monitor topics explain draft.txt                      a text in a file, its headline first
    """
    from monitor.matcher.explain import explain as explain_article

    config = options.load()
    topics = [topic_of(config, topic_id)] if topic_id else list(config.found.topics)
    if not topics:
        raise click.UsageError(f"there is no topic to explain by – add a [topics.…] table to {options.config_path}")
    articles = _articles(config, options, wanted, title)
    explained = [(given, [(topic, explain_article(topic, title=given.title, text=given.text)) for topic in topics]) for given in articles]
    # The strongest article of a story speaks for it.
    explained.sort(key=lambda each: -max(explanation.match.score for _, explanation in each[1]))
    if options.as_json:
        (given, results), *others = explained
        document = _article_json(given, results) | {"others": [_article_json(*other) for other in others]}
        write_json(document, schema="topics explain/1")
        return
    given, results = explained[0]
    _say_article(given, results)
    if len(explained) > 1:
        say("\nThe story's other articles")
        for other, verdicts in explained[1:]:
            for topic, explanation in verdicts:
                said = "flagged    " if explanation.match.matched else "not flagged"
                say(f"  {explanation.match.score:.2f}  {said}  {_quoted(other.title)}  ({topic.id}, {other.outlet})")


def _say_article(given: Given, results: Sequence[tuple["CompiledTopic", "Explanation"]]) -> None:
    from monitor.articles.language import language_of
    from monitor.matcher.explain import in_words
    from monitor.text import language_name

    say(_quoted(given.title))
    language = language_of(given.title, given.text, declared=given.language)
    about = [given.outlet, language_name(language), given.url]
    if any(about):
        say(" · ".join(filter(None, about)))
    if not given.text:
        say("Its text is not stored any more, or never was: the headline alone is explained.")
    for topic, explanation in results:
        say(f"\n{topic.title} ({topic.id})")
        for line in in_words(explanation, title=given.title, text=given.text):
            say(f"  {line}" if line else "")
        if (judged := given.judged.get(topic.id)) and (judged["topic_version"], round(judged["score"], 4)) != (topic.version, explanation.match.score):
            verdict = "flagged" if judged["matched"] else "not flagged"
            say(
                f"\n  When it was judged, {judged['matched_at']:%d %b %Y %H:%M} UTC, it was {verdict} with score {judged['score']:.2f}: the topic or the text was another."
            )


def _article_json(given: Given, results: Sequence[tuple["CompiledTopic", "Explanation"]]) -> dict[str, Any]:
    from monitor.articles.language import language_of
    from monitor.matcher.explain import explanation_json, in_words
    from monitor.matcher.match import score_json

    return {
        "url": given.url,
        "title": given.title,
        "outlet": given.outlet,
        "lang": language_of(given.title, given.text, declared=given.language),
        "topics": [
            score_json(explanation.match, topic.id)
            | explanation_json(explanation)
            | {"words": in_words(explanation, title=given.title, text=given.text), "judged": given.judged.get(topic.id)}
            for topic, explanation in results
        ],
    }


def _quoted(title: str) -> str:
    return title or "(no headline)"


# ------------------------------------------------------------------------------------------- what is to be explained
def _articles(config: "Config", options: Options, wanted: str, title: str) -> list[Given]:
    if wanted == "-":
        return [Given(title=title, text=read_text())]
    if wanted.isdecimal():
        return _story(config, options, int(wanted))
    if "://" not in wanted and Path(wanted).is_file():
        return [_in_file(Path(wanted), title)]
    return [_stored(config, options, wanted)]


def _in_file(file: Path, title: str) -> Given:
    text = file.read_bytes().decode("utf-8-sig", "replace")
    if text.lstrip().startswith("<"):
        raise click.UsageError(f"{file} is a page – take its text first: monitor articles extract {file} --json > article.json, then explain that")
    if text.lstrip().startswith("{"):
        try:
            article = json.loads(text)
            return Given(
                title=title or text_of(article, "title"), text=text_of(article, "text"), language=text_of(article, "language") or text_of(article, "lang")
            )
        except ValueError as error:
            raise click.UsageError(f"{file}: {error} – give JSON with title and text, or plain text with the headline in the first line") from error
    if title:
        return Given(title=title, text=text)
    headline, _, rest = text.lstrip().partition("\n")
    return Given(title=headline.strip(), text=rest.strip())


def _story(config: "Config", options: Options, story_id: int) -> list[Given]:
    from monitor.store import reports
    from monitor.store.state import open_store

    with open_store(config.storage.url, options.state_path) as database:
        rows = database.read_now(reports.articles_of_story, story_id)
        articles = [_given(row, database.read_now(reports.list_matches, row["id"])) for row in rows]
    if not articles:
        raise click.UsageError(f"no story {story_id} in the store – see `monitor stories list`; an article is named by its address")
    return articles


def _stored(config: "Config", options: Options, wanted: str) -> Given:
    from monitor.store import reports
    from monitor.store.state import open_store
    from monitor.urls import url_key

    with open_store(config.storage.url, options.state_path) as database:
        row = database.read_now(reports.find_article, wanted) or database.read_now(reports.find_article, url_key(wanted))
        if row is None:
            raise click.UsageError(f"no article {wanted!r} in the store, and no such file – see `monitor stories list --json`, or give a text with -")
        return _given(row, database.read_now(reports.list_matches, row["id"]))


def _given(row: Mapping[str, Any], judged: Mapping[str, Mapping[str, Any]]) -> Given:
    return Given(title=row["title"], text=row["text"], language=row["language"], url=row["url"], outlet=row["outlet"], judged=judged)
