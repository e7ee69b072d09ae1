"""`monitor feeds parse`."""

from typing import Any

import click

from monitor.cli.options import Options, body_of, command, counted, in_batch, read_input, say, text_of, write_json


@command("parse")
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option("--url", default="", help="Where the document came from; relative addresses are resolved against it.")
@click.option("--content-type", default="", help="What the server called it.")
@click.option("--batch", is_flag=True, help='JSON Lines in and out: {"id", "path" or "base64", "url"?, "content_type"?}.')
def parse(file: str, url: str, content_type: str, batch: bool, options: Options) -> None:
    """Parse a feed from a file or stdin, and show what is in it.

    \b
    monitor feeds parse feed.xml --url https://example.org/feed.xml
    """
    if batch:
        in_batch(lambda given: _read(body_of(given), text_of(given, "url"), text_of(given, "content_type")))
        return
    parsed = _read(read_input(file), url, content_type)
    if options.as_json:
        write_json(parsed, schema="feeds parse/1")
        return
    for problem in parsed["problems"]:
        click.echo(f"{problem['code']}: {problem['detail']}", err=True)
    say(f"{parsed['feed']['title'] or '(no title)'} – {parsed['format'] or 'not a feed'}, {counted(len(parsed['entries']), 'entry', 'entries')}")
    for entry in parsed["entries"]:
        say(f"  {entry['published_at'] or '-':20}  {entry['title'][:100]}\n{'':22}  {entry['url']}")


def _read(body: bytes, url: str, content_type: str) -> dict[str, Any]:
    from monitor.feeds.parse import parse as parse_feed
    from monitor.feeds.present import feeds_json

    return feeds_json(parse_feed(body, url=url, content_type=content_type))
