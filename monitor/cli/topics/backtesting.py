"""`monitor topics backtest`: what a changed topic would have done."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Options, command, counted, no_such, say, write_json
from monitor.cli.topics.labelling import read_file
from monitor.cli.topics.testing import figure, figures_json, rounded_down

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.config import Config
    from monitor.matcher.backtest import Change, Comparison
    from monitor.matcher.measure import Case, Figures
    from monitor.matcher.query import CompiledTopic
    from monitor.model import Label
    from monitor.store.labels import StoredArticle

_DAYS = 14
_SHOWN = 10
_KEPT = 1000  # of each list in JSON
_BAR = 24  # characters of the longest
_FAILURES = ("gained", "lost", "changed", "worse")


@command("backtest")
@click.argument("topic_id", metavar="[TOPIC]", required=False)
@click.option("--draft", "draft_file", required=True, metavar="FILE", help="A changed config.toml, or a file with the changed [topics.ID] alone.")
@click.option("--days", default=_DAYS, type=click.IntRange(1, 36500), metavar="N", help=f"Over the articles seen in the last N days ({_DAYS}).")
@click.option(
    "--articles", "articles_file", default=None, metavar="FILE|-", help='Over JSON Lines {"id", "title", "text", "lang", "published"} and not the store.'
)
@click.option("--labels", "labels_file", default=None, metavar="FILE|-", help="Labels to measure both by; else those in the store.")
@click.option("--limit", default=None, type=click.IntRange(0), metavar="N", help=f"At most so many of each list ({_SHOWN}; {_KEPT} with --json).")
@click.option(
    "--fail-on", multiple=True, type=click.Choice(_FAILURES), help="End with 1 where stories are gained, lost, either, or F1 falls; may be given again."
)
def backtest(
    topic_id: str | None,
    draft_file: str,
    days: int,
    articles_file: str | None,
    labels_file: str | None,
    limit: int | None,
    fail_on: Sequence[str],
    options: Options,
) -> None:
    """What a changed topic would have done with the stored articles: gained, lost, how many a day, and how well by your labels.

    \b
    cp config.toml draft.toml        and change a word, a weight or the rule there
    monitor topics backtest --draft draft.toml
    """
    from zoneinfo import ZoneInfo

    from monitor.matcher.backtest import compare
    from monitor.store.state import open_store

    config = options.load()
    old, new = _versions(config, topic_id, Path(draft_file))
    show = limit if limit is not None else _KEPT if options.as_json else _SHOWN
    if articles_file:
        found = compare(old, new, articles_of(articles_file), zone=ZoneInfo(config.timezone), show=show)
        labels: list[Label] = []
    else:
        since = datetime.now(UTC) - timedelta(days=days)

        def over_the_store(connection: "Connection") -> "Comparison":
            from monitor.store.labels import stream_articles

            return compare(old, new, stream_articles(connection, since), zone=ZoneInfo(config.timezone), show=show, most_days=days)

        with open_store(config.storage.url, options.state_path) as database:
            from monitor.store.labels import list_labels

            found = database.read_now(over_the_store)
            labels = [] if labels_file else database.read_now(list_labels, new.id)
    if labels_file:
        labels = [each for each in read_file(labels_file, new.id) if each.topic == new.id]
    measured = _Measured(old, new, labels) if labels else None
    if options.as_json:
        write_json(_as_json(new, days if not articles_file else None, found, measured), schema="topics backtest/1")
    else:
        _say(old, new, draft_file, f"of the last {counted(days, 'day')}" if not articles_file else f"in {articles_file}", found, measured)
    reasons = [reason for reason in _FAILURES if reason in fail_on and _happened(reason, found, measured)]
    for reason in reasons:
        click.echo(f"--fail-on {reason}", err=True)
    if reasons:
        sys.exit(1)


def _versions(config: "Config", topic_id: str | None, draft_file: Path) -> "tuple[CompiledTopic | None, CompiledTopic]":
    """The topic as it is (None for one that is new), and as the draft has it. raises: UsageError where it is not clear which, ConfigError."""
    from monitor.config import load_topics

    drafted = {topic.id: topic for topic in load_topics(draft_file)}
    now = {topic.id: topic for topic in config.found.topics}
    if topic_id is None:
        changed = [name for name, topic in drafted.items() if name not in now or now[name].version != topic.version]
        if not changed and len(drafted) > 1:
            raise click.UsageError(f"no topic in {draft_file} differs from those of the configuration")
        if len(changed) > 1:
            raise click.UsageError(f"{draft_file} changes {', '.join(changed)} – name one of them")
        topic_id = changed[0] if changed else next(iter(drafted))
    elif topic_id not in drafted:
        raise no_such("topic", topic_id, drafted, advice=f"{draft_file} holds {', '.join(drafted)}")
    return now.get(topic_id), drafted[topic_id]


def articles_of(file: str) -> "Iterator[StoredArticle]":
    """Articles of a file, one after the other. raises: BadData with the line, OSError."""
    import json

    from monitor.errors import BadData
    from monitor.store.labels import StoredArticle

    now = datetime.now(UTC)
    with sys.stdin.buffer if file == "-" else Path(file).open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                at = datetime.fromisoformat(row["published"]) if row.get("published") else now
                texts = [str(row.get(key) or "") for key in ("url", "outlet", "lang", "title", "text")]
            except (ValueError, AttributeError, TypeError, RecursionError) as error:
                raise BadData(
                    f'{file}:{number}: is no article – write {{"id": "1", "title": "…", "text": "…", "published": "2026-01-31T07:30:00Z"}}'
                ) from error
            url, outlet, language, title, text = texts
            yield StoredArticle(number, url or str(row.get("id") or number), "", outlet, language, title, text, at if at.tzinfo else at.replace(tzinfo=UTC))


class _Measured:
    """Both versions by the same labels. mended, broken: labels that only the new, or only the old, gets right."""

    def __init__(self, old: "CompiledTopic | None", new: "CompiledTopic", labels: "list[Label]"):
        from monitor.matcher.measure import cases, figures, items

        after = list(cases(new, labels))
        before = list(cases(old, labels)) if old else [replace(case, match=replace(case.match, matched=False, score=0.0)) for case in after]
        self.labels = len(labels)
        self.before, self.after = figures(items(before)), figures(items(after))
        both = [(one, other) for one, other in zip(before, after, strict=True) if _is_right(one) is not None]
        self.mended = [other for one, other in both if _is_right(other) and not _is_right(one)]
        self.broken = [other for one, other in both if _is_right(one) and not _is_right(other)]


def _is_right(case: "Case") -> bool | None:
    """None for a text that belongs partly: either is."""
    from monitor.model import Grade

    return None if case.label.grade == Grade.PARTLY else case.match.matched == (case.label.grade == Grade.YES)


def _happened(reason: str, found: "Comparison", measured: _Measured | None) -> bool:
    if reason == "worse":
        if measured is None:
            raise click.UsageError("--fail-on worse needs labels – give some with `monitor topics label STORY yes`, or name a file with --labels")
        return (measured.after.f1 or 0.0) < (measured.before.f1 or 0.0)
    return {"gained": found.gained > 0, "lost": found.lost > 0, "changed": found.gained + found.lost > 0}[reason]


# ------------------------------------------------------------------------------------------ for people
def _say(old: "CompiledTopic | None", new: "CompiledTopic", draft: str, which: str, found: "Comparison", measured: _Measured | None) -> None:
    from monitor.model import Grade

    days = max(len(found.by_day), 1)
    say(f"{new.title}: {draft} against the configuration, over {counted(found.articles, 'article')} {which}")
    if old is None:
        say("The topic is new: the configuration has none of this name.")
    elif old.version == new.version:
        say("The two say the same.")
    if found.without_text:
        say(f"Of {found.without_text} there is only the headline, and that alone is judged.")
    say(f"\n{'':18}{'now':>8}{'draft':>8}")
    say(f"  {'flagged':<16}{found.before.flagged:>8}{found.after.flagged:>8}   {found.gained} gained, {found.lost} lost")
    say(f"  {'told at once':<16}{found.before.alerts:>8}{found.after.alerts:>8}" + _shift(found))
    a_day = [sum(pair[side] for pair in found.by_day.values()) / days for side in (0, 1)]
    say(f"  {'flagged a day':<16}{a_day[0]:>8.1f}{a_day[1]:>8.1f}")
    if measured:
        say(f"\nBy {counted(measured.labels, 'label')}")
        for name, title in (("precision", "precision"), ("recall", "recall"), ("f1", "F1"), ("ap", "average precision")):
            say(f"  {title:<18}{figure(getattr(measured.before, name)):>6}{figure(getattr(measured.after, name)):>8}")
        say(f"  set right by the draft: {len(measured.mended)}, set wrong: {len(measured.broken)}")
        for sign, kinds, some in (("+", ("found", "left"), measured.mended), ("−", ("missed", "false alarm"), measured.broken)):
            for case in some[:_SHOWN]:
                say(f"  {sign} {kinds[case.label.grade == Grade.NO]:<12}{case.label.language:<3} {case.label.title[:90] or case.label.text[:90]}")
    _say_changes(f"Gained: {found.gained} that only the draft flags", found.gained, found.gained_list)
    _say_changes(f"Lost: {found.lost} that the draft does not flag any more", found.lost, found.lost_list)
    _say_changes(f"Told at once by the draft, until now in the digest: {found.louder}", found.louder, found.louder_list)
    _say_changes(f"In the digest by the draft, until now told at once: {found.quieter}", found.quieter, found.quieter_list)
    if len(found.by_day) > 1 and (found.before.flagged or found.after.flagged):
        _say_days(found)


def _shift(found: "Comparison") -> str:
    return f"   {found.louder} of the digest told at once, {found.quieter} the other way" if found.louder or found.quieter else ""


def _say_changes(title: str, count: int, changes: "Sequence[Change]") -> None:
    if not count:
        return
    say(f"\n{title}")
    for change in changes:
        where = ", ".join(filter(None, (change.outlet, f"{change.at:%d %b}")))
        say(f"  {rounded_down(change.before.score)} → {rounded_down(change.after.score)}  {change.language:<3} {change.title[:100]} ({where})")
        say(f"{'':19}{change.why}")
    if count > len(changes):
        say(f"  … and {count - len(changes)} more (--limit {count})")


def _say_days(found: "Comparison") -> None:
    most = max(max(pair) for pair in found.by_day.values())
    say(f"\n{'By day':<18}{'now':>8}{'draft':>8}")
    for day, (before, after) in found.by_day.items():
        kept, more = sorted((round(before / most * _BAR), round(after / most * _BAR)))
        bar = "█" * kept + ("░" if before > after else "▓") * (more - kept)
        say(f"  {datetime.fromisoformat(day):%a %d %b %Y} {before:>8}{after:>8}   {bar}".rstrip())
    if any(found.earlier):
        say(f"  {'came out before':<16}{found.earlier[0]:>8}{found.earlier[1]:>8}")
    say(f"{'':37}█ both, ▓ only the draft, ░ only now")


# ------------------------------------------------------------------------------------------ as JSON
def _as_json(new: "CompiledTopic", days: int | None, found: "Comparison", measured: _Measured | None) -> dict[str, Any]:
    def listed(changes: "Iterable[Change]") -> list[dict[str, Any]]:
        return [
            {"url": each.url, "title": each.title, "outlet": each.outlet, "lang": each.language, "at": each.at}
            | {"before": asdict(each.before), "after": asdict(each.after), "why": each.why}
            for each in changes
        ]

    def by_labels(figures: "Figures") -> dict[str, Any]:
        return figures_json(figures)

    return {
        "topic": new.id,
        "days": days,
        "articles": found.articles,
        "without_text": found.without_text,
        "before": asdict(found.before),
        "after": asdict(found.after),
        "gained": found.gained,
        "lost": found.lost,
        "louder": found.louder,
        "quieter": found.quieter,
        "by_day": {day: {"before": before, "after": after} for day, (before, after) in found.by_day.items()},
        "earlier": {"before": found.earlier[0], "after": found.earlier[1]},
        "changes": {
            "gained": listed(found.gained_list),
            "lost": listed(found.lost_list),
            "louder": listed(found.louder_list),
            "quieter": listed(found.quieter_list),
        },
        "labelled": measured
        and {
            "labels": measured.labels,
            "before": by_labels(measured.before),
            "after": by_labels(measured.after),
            "mended": [case.label.id for case in measured.mended],
            "broken": [case.label.id for case in measured.broken],
        },
    }
