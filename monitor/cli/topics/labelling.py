"""`monitor topics label` and `monitor topics labels`: what people say of stories."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.options import Options, command, counted, say, tell, write_json, write_lines
from monitor.cli.topics.listing import one_topic, topic_of

if TYPE_CHECKING:
    from monitor.model import Grade, Label

_SAID = ("no", "partly", "yes")  # by grade


@command("label")
@click.argument("wanted", metavar="STORY|URL")
@click.argument("said", metavar="yes|partly|no|forget", type=click.Choice(["yes", "partly", "no", "forget"]))
@click.option("--topic", "topic_id", default=None, metavar="ID", help="The topic it is said of; may be left out where only one flags the story.")
@click.option("--note", default="", help="Why, for those who read it later.")
def label(wanted: str, said: str, topic_id: str | None, note: str, options: Options) -> None:
    """Say whether a story belongs to a topic; `topics test` measures by it, and `topics tune` learns from it.

    The text is kept with what you said, also when the article itself is forgotten.
    Of a story, by its number, it is said of the article by which the topic found it.
    """
    from monitor.model import Grade
    from monitor.store import labels as rows
    from monitor.store.state import open_store

    config = options.load()
    with open_store(config.storage.url, options.state_path) as database:
        if topic_id is None and len(config.topics) > 1:
            flagging = database.read_now(rows.topics_of, wanted)
            topic_id = flagging[0] if len(flagging) == 1 else None
        topic = one_topic(config, topic_id)
        if said == "forget":
            given = database.write_now(rows.forget_label, topic.id, wanted)
        else:
            one = database.write_now(rows.give_label, topic.id, wanted, Grade[said.upper()], datetime.now(UTC), source="command", note=note)
            given = [one] if one else []
        counts = {grade: number for (of, grade), number in database.read_now(rows.count_labels).items() if of == topic.id}
    if not given:
        where = "no label of" if said == "forget" else "no story or article"
        raise click.UsageError(
            f"{where} {wanted!r} – see `monitor topics labels`" if said == "forget" else f"{where} {wanted!r} in the store – see `monitor stories list`"
        )
    if options.as_json:
        write_json({"topic": topic.id, "said": said, "labels": [_row(each) for each in given], "counts": _counts(counts)}, schema="topics label/1")
        return
    what = {"yes": "belongs to", "partly": "belongs partly to", "no": "does not belong to", "forget": "is no example any more for"}[said]
    for each in given:
        say(f"“{each.title}” {what} {topic.title}.")
    tell(options, f"{_summary(counts)}. Next: monitor topics test {topic.id}")


@command("labels")
@click.option("--topic", "topic_id", default=None, metavar="ID", help="Only those of this topic; with --import: of lines that name none.")
@click.option("--import", "import_from", default=None, metavar="FILE|-", help="Take in a file of JSON Lines; a label with the same id is replaced.")
@click.option("--export", "export_to", default=None, metavar="FILE|-", help="Write them as JSON Lines.")
def labels(topic_id: str | None, import_from: str | None, export_to: str | None, options: Options) -> None:
    """What people said of stories: list it, take it in from a file, write it to one.

    \b
    monitor topics labels --export labels.jsonl
    monitor topics labels --topic nato-ukraine --import labels.jsonl
    """
    from monitor.store import labels as rows
    from monitor.store.state import open_store

    if import_from and export_to:
        raise click.UsageError("--import and --export are two errands – give one of them")
    config = options.load()
    if topic_id:
        topic_of(config, topic_id)
    with open_store(config.storage.url, options.state_path) as database:
        if import_from:
            taken = read_file(import_from, one_topic(config, topic_id).id if topic_id or len(config.topics) == 1 else "")
            for each in taken:
                topic_of(config, each.topic)
            database.write_now(rows.save_labels, taken, datetime.now(UTC))
        found = database.read_now(rows.list_labels, topic_id)
    if export_to:
        _export(found, export_to)
        tell(options, f"{counted(len(found), 'label')} written.")
    elif options.as_json:
        write_json({"labels": [_row(each) for each in found]}, schema="topics labels/1")
    elif import_from:
        say(f"{counted(len(taken), 'label')} taken in.")
    else:
        for each in found:
            say(
                f"{each.topic:<16} {_SAID[each.grade]:<7} {each.language:<3} {each.title[:90] or each.text[:90]}\n{'':25}{each.url or each.id}"
                + (f"  ({each.note})" if each.note else "")
            )
    if not found:
        tell(options, "No labels yet. Next: monitor topics label STORY yes")


def read_file(file: str, topic_id: str = "") -> "list[Label]":
    """The labels of a file of JSON Lines. topic_id: what lines are about that name no topic. raises: BadData, OSError."""
    from monitor.errors import BadData
    from monitor.matcher.labels import read_labels

    lines = sys.stdin.buffer.readlines() if file == "-" else Path(file).read_bytes().splitlines()
    found = list(read_labels(lines, name="stdin" if file == "-" else file, topic=topic_id))
    if nameless := next((each for each in found if not each.topic), None):
        raise BadData(f'{file}: the line with id "{nameless.id}" names no topic – add "topic" to the lines, or say --topic ID')
    return found


def _export(found: "list[Label]", file: str) -> None:
    import json

    from monitor.cli.options import plain
    from monitor.matcher.labels import label_row

    if file == "-":
        write_lines(label_row(each) for each in found)
    else:
        Path(file).write_text("".join(json.dumps(label_row(each), ensure_ascii=False, default=plain) + "\n" for each in found), encoding="utf-8")


def _row(each: "Label") -> dict[str, object]:
    from monitor.matcher.labels import label_row

    return label_row(each) | {"source": each.source}


def _counts(counts: dict["Grade", int]) -> dict[str, int]:
    return {_SAID[grade]: number for grade, number in sorted(counts.items())}


def _summary(counts: dict["Grade", int]) -> str:
    by_word = _counts(counts)
    return f"{counted(sum(counts.values()), 'label')}" + (f": {', '.join(f'{number} {word}' for word, number in reversed(by_word.items()))}" if by_word else "")
