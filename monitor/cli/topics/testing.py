"""`monitor topics test`: how well a topic tells what belongs to it."""

import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Options, command, counted, say, tell, write_json, write_table
from monitor.cli.topics.labelling import read_file
from monitor.cli.topics.listing import topic_of

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.matcher.measure import Case, Figures, Mistake
    from monitor.matcher.query import CompiledTopic
    from monitor.model import Label

_MISTAKES_SHOWN = 10
_NAMES = {"precision": "precision", "recall": "recall", "f1": "F1", "ap": "average precision"}
_FEW = 40  # labels; below, the intervals are so wide that the figures say little


def _floors(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> dict[str, float]:
    """A figure and the least that it may be: "f1=0.85"."""
    floors = {}
    for value in values:
        name, _, least = value.partition("=")
        try:
            floors[name] = float(least)
        except ValueError:
            floors[name] = -1.0
        if name not in _NAMES or not 0 <= floors[name] <= 1:
            raise click.BadParameter(f"{value!r} is no floor – write one of {', '.join(_NAMES)}, then = and a number from 0 to 1, such as f1=0.85")
    return floors


@command("test")
@click.argument("topic_id", metavar="[TOPIC]", required=False)
@click.option(
    "--labels", "labels_from", default=None, metavar="FILE|-", help='JSON Lines: {"id", "lang", "title", "text", "grade": 2|1|0}; else the labels in the store.'
)
@click.option(
    "--gate", "gates", multiple=True, callback=_floors, metavar="NAME=FLOOR", help="End with 1 where precision, recall, f1 or ap is lower; may be given again."
)
@click.option(
    "--mistakes", default=_MISTAKES_SHOWN, type=click.IntRange(0), metavar="N", help=f"How many of each kind are shown ({_MISTAKES_SHOWN}); --json has all."
)
def test(topic_id: str | None, labels_from: str | None, gates: dict[str, float], mistakes: int, options: Options) -> None:
    """How well a topic finds what people said belongs to it: figures with intervals, by language, and each mistake with its reason.

    \b
    monitor topics test nato-ukraine --gate f1=0.85 --gate precision=0.8
    monitor topics test nato-ukraine --labels labels.jsonl
    """
    from monitor.matcher import measure

    config = options.load()
    reports, failed = [], []
    for topic, labels in _tested(config, options, topic_id, labels_from):
        judged = list(measure.cases(topic, labels))
        found = measure.figures(measure.items(judged))
        missing = measure.below(found, gates)
        failed += [f"{topic.id}: {each}" for each in missing]
        reports.append(_Report(topic, judged, found, missing))
    if options.as_json:
        write_json({"topics": [report.as_json() for report in reports]}, schema="topics test/1")
    else:
        for report in reports:
            report.say(mistakes)
    for each in failed:
        click.echo(each, err=True)
    if failed:
        sys.exit(1)
    if gates and not options.as_json:
        tell(options, "All floors are reached.")


class _Report:
    """What one topic is worth, for people and as JSON."""

    def __init__(self, topic: "CompiledTopic", judged: "list[Case]", found: "Figures", missing: list[str]):
        from monitor.matcher import measure

        self.topic, self.judged, self.found, self.missing = topic, judged, found, missing
        self.intervals = measure.intervals(measure.items(judged))
        self.languages = measure.by_language(judged)
        self.missed, self.false_alarms = measure.missed(topic, judged), measure.false_alarms(topic, judged)

    def say(self, mistakes: int) -> None:
        from rich.table import Table

        found = self.found
        say(
            f"{self.topic.title}: {counted(len(self.judged), 'label')} – {found.positives} belong, {found.negatives} do not, {found.partly} partly (left out of the figures)"
        )
        say(
            f"{found.flagged} of those {found.positives + found.negatives} are flagged: their score reaches digest_at {self.topic.digest_at:g}, and the rule holds.\n"
        )
        say(f"  {'':<18}{'':4}   95 % interval")
        for name, title in _NAMES.items():
            say(f"  {title:<18}{figure(getattr(found, name))}   {_interval(self.intervals[name]):<16}{_meaning(name, found)}")
        if found.positives + found.negatives < _FEW:
            say(f"\n  With fewer than {_FEW} labels these figures are no more than a hint: see how wide the intervals are.")
        table = Table(box=None, pad_edge=False, header_style="dim")
        for title in ("language", "belong", "do not", "precision", "recall", "F1", "average precision"):
            table.add_column(title, justify="left" if title == "language" else "right")
        for language, each in self.languages.items():
            table.add_row(language or "?", str(each.positives), str(each.negatives), *(figure(getattr(each, name)) for name in _NAMES))
        say("")
        write_table(table)
        _say_mistakes("Missed: they belong, and are not flagged", self.missed, mistakes)
        _say_mistakes("False alarms: they do not belong, and are flagged", self.false_alarms, mistakes)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.topic.id,
            "labels": len(self.judged),
            **figures_json(self.found),
            "intervals": self.intervals,
            "languages": {language: figures_json(each) for language, each in self.languages.items()},
            "missed": [_mistake_json(each) for each in self.missed],
            "false_alarms": [_mistake_json(each) for each in self.false_alarms],
            "below": self.missing,
        }


def _tested(config: "Config", options: Options, topic_id: str | None, labels_from: str | None) -> "list[tuple[CompiledTopic, list[Label]]]":
    """Each topic that has labels, with them. raises: UsageError where there are none."""
    from monitor.store import labels as rows
    from monitor.store.state import open_store

    topics = [topic_of(config, topic_id)] if topic_id else list(config.found.topics)
    if labels_from:
        if len(topics) != 1:
            raise click.UsageError(f"which topic are these labels about? – name one of {', '.join(config.topics)}")
        given = read_file(labels_from, topics[0].id)
        found = [(topics[0], [each for each in given if each.topic == topics[0].id])]
    else:
        with open_store(config.storage.url, options.state_path) as database:
            found = [(topic, database.read_now(rows.list_labels, topic.id)) for topic in topics]
    found = [(topic, labels) for topic, labels in found if labels]
    if not found:
        raise click.UsageError("there are no labels to test with – give some with `monitor topics label STORY yes`, or name a file with --labels")
    return found


def figures_json(found: "Figures") -> dict[str, Any]:
    return {
        "positives": found.positives,
        "negatives": found.negatives,
        "partly": found.partly,
        "flagged": found.flagged,
        "partly_flagged": found.partly_flagged,
        **{name: None if (value := getattr(found, name)) is None else round(value, 4) for name in _NAMES},
    }


def _mistake_json(mistake: "Mistake") -> dict[str, Any]:
    label = mistake.case.label
    return {
        "id": label.id,
        "url": label.url,
        "lang": label.language,
        "title": label.title,
        "score": mistake.case.match.score,
        "reason": mistake.case.match.reason,
        "why": mistake.why,
        "way": mistake.way,
    }


def figure(value: float | None) -> str:
    return "   –" if value is None else f"{value:.2f}"


def rounded_down(score: float) -> str:
    """A score in two digits that never seems to reach a threshold which it does not reach."""
    return f"{math.floor(score * 100 + 1e-9) / 100:.2f}"


def _interval(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}"


def _meaning(name: str, found: "Figures") -> str:
    """What a figure says, in the words of somebody who reads the digest."""
    hits = round((found.recall or 0) * found.positives)
    return {
        "precision": f"of {found.flagged} flagged, {hits} belong" if found.flagged else "nothing is flagged",
        "recall": f"of {found.positives} that belong, {hits} are flagged" if found.positives else "nothing belongs",
        "f1": "both together",
        "ap": "do those that belong stand first, sorted by score",
    }[name]


def _say_mistakes(title: str, mistakes: "Sequence[Mistake]", shown: int) -> None:
    if not mistakes or not shown:
        return
    say(f"\n{title} ({len(mistakes)})")
    for mistake in mistakes[:shown]:
        label = mistake.case.label
        say(f"  {rounded_down(mistake.case.match.score)}  {label.language:<3} {label.title[:100] or label.text[:100]}")
        say(f"            {mistake.why}" + (f"\n            would do: {mistake.way}" if mistake.way and not mistake.case.match.matched else ""))
    if len(mistakes) > shown:
        say(f"  … and {len(mistakes) - shown} more (--mistakes {len(mistakes)})")
