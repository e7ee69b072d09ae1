"""`monitor topics score`."""

from collections.abc import Mapping
from typing import Any

import click

from monitor.cli.options import Options, command, in_batch, read_text, say, text_of, write_json
from monitor.cli.topics.listing import topic_of


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

    topic = topic_of(options.load(), topic_id)

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
