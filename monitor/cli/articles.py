"""`monitor articles`: extract the text of a page."""

import base64
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from monitor.cli.options import Options, command, group, in_batch, write_json


@command("extract")
@click.argument("words", nargs=-1, metavar="[FILE|-]")
@click.option("--url", default="", help="Where the page came from.")
@click.option("--batch", is_flag=True, help='JSON Lines in and out: {"id", "path" or "base64", "url"?}.')
def extract(words: tuple[str, ...], url: str, batch: bool, options: Options) -> None:
    """The text, title, authors, date and status of a page; gzip files are read as they are.

    \b
    monitor articles extract page.html.gz --url https://example.org/news/1
    """
    from monitor.articles.extract import article_json
    from monitor.articles.extract import extract as extract_article

    if batch:
        in_batch(lambda given: article_json(extract_article(_body(given), given.get("url") or ""), given.get("url") or ""))
        return
    file = words[0] if words else "-"
    page = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    found: Mapping[str, Any] = article_json(extract_article(page, url), url)
    if options.as_json:
        write_json(found, schema="articles extract/1")
        return
    click.echo(
        f"{found['title'] or '(no title)'}\n{', '.join(found['authors'])}  {found['published_at'] or ''}  {found['language']}  [{found['status']}]\n\n{found['text']}"
    )


def _body(given: dict[str, Any]) -> bytes:
    return base64.b64decode(given["base64"]) if "base64" in given else Path(given["path"]).read_bytes()


articles = group("articles", "Articles: extract the text of a page.", [extract])
