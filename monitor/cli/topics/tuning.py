"""`monitor topics tune`: what labels say a topic should be."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import Options, command, counted, say, tell, write_json
from monitor.cli.topics.backtesting import articles_of
from monitor.cli.topics.labelling import read_file
from monitor.cli.topics.listing import one_topic
from monitor.cli.topics.testing import figure, figures_json

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.config.edit import TopicChange
    from monitor.matcher.query import CompiledTopic
    from monitor.matcher.tune import TermChange, Tuning
    from monitor.model import Label

_DAYS = 14
_MOST_ARTICLES = 5000  # by which a word is known to be common
_SHOWN = 8


@command("tune")
@click.argument("topic_id", metavar="[TOPIC]", required=False)
@click.option("--labels", "labels_file", default=None, metavar="FILE|-", help="Learn from these labels and not from those in the store.")
@click.option("--articles", "articles_file", default=None, metavar="FILE|-", help="With --labels: articles by which a word is known to be common.")
@click.option(
    "--days",
    default=_DAYS,
    type=click.IntRange(1, 36500),
    metavar="N",
    help=f"Words that are common in the articles of the last N days are no new terms ({_DAYS}).",
)
@click.option("--write", "write_to", default=None, metavar="FILE", help="Write the changed configuration there; never to the configuration itself.")
def tune(topic_id: str | None, labels_file: str | None, articles_file: str | None, days: int, write_to: str | None, options: Options) -> None:
    """Propose weights, thresholds and words from your labels, as a patch of config.toml, with what each does for labels it was not learned from.

    Nothing is changed. Weights stay near the present ones, so twenty labels of each kind already help.

    \b
    monitor topics tune --write draft.toml
    monitor topics backtest --draft draft.toml
    """
    from difflib import unified_diff

    from monitor.config.edit import preview, with_topic
    from monitor.matcher.tune import tune as learn

    config = options.load()
    topic = one_topic(config, topic_id if topic_id or labels_file else _only_labelled(options, config))
    if write_to and Path(write_to).resolve() == options.config_path.resolve():
        raise click.UsageError("--write names the configuration itself – write to another file, look at it with `topics backtest --draft`, then copy it")
    labels, background = _material(options, config.storage.url, topic, labels_file, articles_file, days)
    found = learn(topic, labels, background)
    change = _change(topic, found)
    edited = preview(options.config_path, lambda text: with_topic(text, topic.id, change))
    name = str(options.config_path.name)
    patch = "".join(unified_diff(edited.before.splitlines(keepends=True), edited.after.splitlines(keepends=True), name, f"{name}, tuned", n=1))
    if write_to:
        Path(write_to).write_text(edited.after, encoding="utf-8")
    if options.as_json:
        write_json(_as_json(topic, found, patch), schema="topics tune/1")
        return
    _say(topic, found, len(background))
    if patch:
        say(f"\nThe patch\n{patch.rstrip()}")
    if write_to:
        tell(options, f"Written to {write_to}. Next: monitor topics backtest {topic.id} --draft {write_to}")
    elif patch:
        tell(
            options, f"Nothing is changed. Next: monitor topics tune {topic.id} --write draft.toml, then monitor topics backtest {topic.id} --draft draft.toml"
        )


def _only_labelled(options: Options, config: "Config") -> str | None:
    """The topic that has labels, if it is one."""
    from monitor.store import labels as rows
    from monitor.store.state import open_store

    with open_store(config.storage.url, options.state_path) as database:
        labelled = {of for of, _ in database.read_now(rows.count_labels)} & set(config.topics)
    return labelled.pop() if len(labelled) == 1 else None


def _material(
    options: Options, storage_url: str, topic: "CompiledTopic", labels_file: str | None, articles_file: str | None, days: int
) -> "tuple[list[Label], list[tuple[str, str]]]":
    """The labels, and articles by which a word is known to be common. raises: UsageError where there are no labels."""
    from monitor.store import labels as rows
    from monitor.store.state import open_store

    if labels_file:
        labels = [each for each in read_file(labels_file, topic.id) if each.topic == topic.id]
        background = [(each.title, each.text) for each in articles_of(articles_file)] if articles_file else []
    else:
        since = datetime.now(UTC) - timedelta(days=days)
        with open_store(storage_url, options.state_path) as database:
            labels = database.read_now(rows.list_labels, topic.id)
            background = database.read_now(
                lambda connection: [(each.title, each.text) for each in rows.stream_articles(connection, since, newest=_MOST_ARTICLES)]
            )
    if not labels:
        raise click.UsageError("there are no labels to learn from – give some with `monitor topics label STORY yes`, or name a file with --labels")
    return labels, background


def _change(topic: "CompiledTopic", found: "Tuning") -> "TopicChange":
    from monitor.config.edit import TopicChange

    keys = {"bias": found.bias} if found.bias != found.bias_before else {}
    pairs = {str(pair): position for position, pair in enumerate(topic.near)}
    added: dict[str, list[str]] = {}
    removed: dict[str, list[str]] = {}
    for term in found.terms:
        (added if term.is_new else removed).setdefault(term.group, []).append(term.term)
    return TopicChange(
        keys=keys | ({"alert_at": found.alert.at} if found.alert else {}),
        weights={each.name: each.after for each in found.weights if each.name not in pairs},
        pairs={pairs[each.name]: each.after for each in found.weights if each.name in pairs},
        added=added,
        removed=removed,
    )


# ------------------------------------------------------------------------------------------ for people
def _say(topic: "CompiledTopic", found: "Tuning", background: int) -> None:
    say(f"{topic.title}: what {counted(found.positives + found.negatives, 'label')} say ({found.positives} belong, {found.negatives} do not)")
    if found.trouble:
        say(f"{found.trouble[0].upper()}{found.trouble[1:]}.")
    is_moved = bool(found.weights) or found.bias != found.bias_before
    columns = [("now", found.before), ("weights", found.after), ("and words" if is_moved else "words", found.with_terms)]
    shown = [(title, each) for title, each in columns if each]
    if len(shown) > 1:
        say(f"\n{'':20}" + "".join(f"{title:>12}" for title, _ in shown))
        for name, title in (("precision", "precision"), ("recall", "recall"), ("f1", "F1"), ("ap", "average precision")):
            say(f"  {title:<18}" + "".join(f"{figure(getattr(each, name)):>12}" for _, each in shown))
        what = (
            "new weights"
            if not found.with_terms
            else "new weights, and changed words with them"
            if is_moved
            else "new weights, which are not proposed, and changed words"
        )
        say(f"  After now: {what}, learned from four fifths of the labels and judged on the last fifth, five times over.")
    if found.weights:
        say(f"\nWeights {'':24}{'now':>6}{'tuned':>8}{'belong':>9}{'do not':>8}{'effect':>8}")
        for each in sorted(found.weights, key=lambda each: -each.gain):
            say(f"  {each.name:<30}{each.before:>6.1f}{each.after:>8.1f}{each.yes:>9}{each.no:>8}{each.gain:>+8.1f}".replace("-", "−"))
    if found.bias != found.bias_before:
        say(
            f"\nbias {found.bias_before:.2f} → {found.bias:.2f}: so digest_at {topic.digest_at:g} cuts where misses and false alarms weigh the same".replace(
                "-", "−", 2
            )
        )
    if found.alert and found.alert_before:
        say(f"\nalert_at {found.alert_before.at:g} → {found.alert.at:g}, with the {'new' if is_moved else 'present'} weights")
        for alert in (found.alert_before, found.alert):
            say(f"  at {alert.at:<5g}{figure(alert.precision).strip()} of what is told at once belongs, and {alert.share:.0%} of what belongs is told at once")
    _say_terms("New words, each put where it does most; move it to the group that it means", [each for each in found.terms if each.is_new])
    _say_terms("Words that speak mostly where they should not", [each for each in found.terms if not each.is_new and not each.covered_by])
    if found.ideas:
        say("\nWords to think about: these labels share them, and do not prove them; they are not in the patch")
        say(f"  {'':<30}{'group':<16}{'belong':>8}{'do not':>8}")
        for idea in found.ideas:
            say(f"  {idea.term:<30}{idea.group:<16}{idea.yes:>8}{idea.no:>8}")
    covered = [each for each in found.terms if each.covered_by]
    if covered:
        say(f"\n{counted(len(covered), 'term')} that another one of the group finds anyway; without them nothing changes")
        say("  " + ", ".join(f"{each.term} ({each.covered_by})" for each in covered[:_SHOWN]) + (" …" if len(covered) > _SHOWN else ""))
    if found.weights or any(each.gain for each in found.terms):
        say("\n  effect: how much log-loss it saves on labels that it was not learned from; a verdict turned from a coin's toss to sure is 0.7")
    if found.silent and found.heard_terms:
        say(
            f"\nHeard nowhere in the labels and {counted(background, 'stored article')}: {found.silent} of {found.silent + found.heard_terms} terms. They cost nothing."
        )
    if found.is_empty:
        say("\nNothing to change.")


def _say_terms(title: str, terms: "Sequence[TermChange]") -> None:
    if not terms:
        return
    say(f"\n{title:<38}")
    say(f"  {'':<30}{'group':<16}{'belong':>8}{'do not':>8}{'effect':>8}{'set right':>11}{'wrong':>7}")
    for each in sorted(terms, key=lambda each: -each.gain):
        say(f"  {each.term:<30}{each.group:<16}{each.yes:>8}{each.no:>8}{each.gain:>+8.1f}{each.right:>11}{each.wrong:>7}")


# ------------------------------------------------------------------------------------------ as JSON
def _as_json(topic: "CompiledTopic", found: "Tuning", patch: str) -> dict[str, Any]:
    return {
        "topic": topic.id,
        "labels": {"positives": found.positives, "negatives": found.negatives},
        "before": figures_json(found.before),
        "after": found.after and figures_json(found.after),
        "with_terms": found.with_terms and figures_json(found.with_terms),
        "bias": {"before": found.bias_before, "after": found.bias},
        "alert_at": found.alert and found.alert_before and {"before": asdict(found.alert_before), "after": asdict(found.alert)},
        "weights": [asdict(each) | {"gain": round(each.gain, 3)} for each in found.weights],
        "terms": [asdict(each) | {"gain": round(each.gain, 3)} for each in found.terms],
        "ideas": [{"group": each.group, "term": each.term, "yes": each.yes, "no": each.no} for each in found.ideas],
        "heard_terms": found.heard_terms,
        "silent_terms": found.silent,
        "trouble": found.trouble,
        "patch": patch,
    }
