"""`monitor articles`: extract the text of a page."""

from collections.abc import Mapping
from typing import Any

import click

from monitor.cli.options import Options, body_of, command, group, in_batch, read_input, say, text_of, write_json
from monitor.cli.samples import test


@command("extract")
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option("--url", default="", help="Where the page came from.")
@click.option("--batch", is_flag=True, help='JSON Lines in and out: {"id", "path" or "base64", "url"?}.')
def extract(file: str, url: str, batch: bool, options: Options) -> None:
    """The text, title, authors, date and status of a page; gzip files are read as they are.

    \b
    monitor articles extract page.html.gz --url https://example.org/news/1
    """
    if batch:
        in_batch(lambda given: _read(body_of(given), text_of(given, "url")))
        return
    found = _read(read_input(file), url)
    if options.as_json:
        write_json(found, schema="articles extract/1")
        return
    about = (", ".join(found["authors"]), found["published_at"], found["language"], f"[{found['status']}]")
    say(f"{found['title'] or '(no title)'}\n{'  '.join(filter(None, about))}\n\n{found['text']}")


def _read(page: bytes, url: str) -> Mapping[str, Any]:
    from monitor.articles.extract import article_json
    from monitor.articles.pages import read_page

    return article_json(read_page(page, url).article, url)


articles = group("articles", "Articles: extract the text of a page, try the rules of a site.", [extract, test])
