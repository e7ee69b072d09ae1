"""`monitor stories`: what was found, grouped by event."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Options, ago, command, counted, group, no_such, say, tell, write_json

if TYPE_CHECKING:
    from monitor.store.deliveries import MemberRow
    from monitor.store.reports import StoryRow


LARGEST_ID = 2**63 - 1  # of a row


@command("list")
@click.option("--topic", default=None, help="Only stories of this topic.")
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many; all, unless given (20 for people).")
def list_(topic: str | None, limit: int | None, options: Options) -> None:
    """Every story with at least one match, newest first."""
    from monitor.store import reports
    from monitor.store.state import open_store

    config = options.load()
    if topic is not None and topic not in config.topics:
        raise no_such("topic", topic, config.topics, advice="see `monitor topics list`")
    with open_store(config.storage.url, options.state_path) as database:
        rows = database.read_now(reports.list_stories, topic_id=topic, limit=limit if options.as_json else limit or 20)
    if options.as_json:
        write_json({"stories": [story_json(row) for row in rows]}, schema="stories list/1")
        return
    now = datetime.now(UTC)
    for row in rows:
        story = row.story
        say(f"{story.id:>5}  {row.score:.2f}  {counted(story.source_count, 'source'):>10}  {ago(story.last_seen_at, now):>10}  {story.title[:100]}")
    tell(options, f"{counted(len(rows), 'story', 'stories')}. Next: monitor stories show {rows[0].story.id}" if rows else "No stories yet. Next: monitor poll")


@command("show")
@click.argument("story_id", metavar="ID", type=click.IntRange(1, LARGEST_ID))
def show(story_id: int, options: Options) -> None:
    """One story: its articles in time order, what matched in each, and who was told or not, with the reason."""
    from monitor.store import reports
    from monitor.store.state import open_store

    with open_store(options.load().storage.url, options.state_path) as database:
        rows = database.read_now(reports.list_stories, story_id=story_id)
        alerts = database.read_now(reports.list_alerts, story_id)
    if not rows:
        raise click.UsageError(f"no story {story_id} with a match – see `monitor stories list`")
    if options.as_json:
        write_json(story_json(rows[0]) | {"alerts": alerts, "evidence": [_evidence(member) for member in rows[0].members]}, schema="stories show/1")
        return
    story = rows[0].story
    say(
        f"{story.title}\n{counted(story.source_count, 'source')} ({story.independent_count} independent), score {rows[0].score:.2f}, topics {', '.join(rows[0].topics)}\n"
    )
    for member in rows[0].members:
        found = member.article
        at = found.published_at or found.seen_at
        had = ", ".join(filter(None, (found.status, found.problem)))
        say(f"{at:%d %b %H:%M}  {found.outlet:<24}  {member.score:.2f}  {found.title}\n{'':14}{found.url}  [{had}]")
        if member.evidence:
            terms = dict.fromkeys(f"{each.group}: {_found(member, each)}" for each in member.evidence)
            say(f"{'':14}{' · '.join(list(terms)[:8])}")
    say("")
    for alert in alerts:
        say(f"{alert['raised_at']:%d %b %H:%M}  {alert['subscriber_id']:<12} {alert['action']:<7} {alert['reason']}")


def story_json(row: "StoryRow") -> dict[str, Any]:
    """A story as CONTRACT has it."""
    story = row.story
    return {
        "id": story.id,
        "title": story.title,
        "topics": list(row.topics),
        "score": round(row.score, 4),
        "sources": story.source_count,
        "first_seen_at": story.first_seen_at,
        "last_seen_at": story.last_seen_at,
        "articles": [_article_json(member) for member in row.members],
    }


def _article_json(member: "MemberRow") -> dict[str, Any]:
    found = member.article
    return {
        "url": found.url,
        "title": found.title,
        "outlet": found.outlet,
        "lang": found.language,
        "published_at": found.published_at,
        "status": str(found.status),
        "score": round(member.score, 4),
        "matched": member.matched,
    }


def _found(member: "MemberRow", each: Any) -> str:
    field = member.article.title if each.field == "title" else member.article.text
    return field[each.start : each.stop]


def _evidence(member: "MemberRow") -> dict[str, Any]:
    return {
        "url": member.article.url,
        "problem": member.article.problem,
        "branch": member.branch,
        "found": [asdict(each) | {"text": _found(member, each)} for each in member.evidence],
    }


stories = group("stories", "What was found, grouped by event.", [list_, show])
