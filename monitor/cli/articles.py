"""`monitor articles`: extract the text of a page."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from monitor.cli.options import Options, body_of, command, group, in_batch, read_input, say, text_of, write_json
from monitor.cli.samples import test

LONGEST_S = 20.0  # on the clock, for one page; the sandbox gives it five seconds of CPU


@command("extract")
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option("--url", default="", help="Where the page came from.")
@click.option("--batch", is_flag=True, help='JSON Lines in and out: {"id", "path" or "base64", "url"?}.')
def extract(file: str, url: str, batch: bool, options: Options) -> None:
    """The text, title, authors, date and status of a page; gzip files are read as they are.

    \b
    monitor articles extract page.html.gz --url https://example.org/news/1
    """
    with _reader() as read:
        if batch:
            in_batch(lambda given: read(body_of(given), text_of(given, "url")))
            return
        found = read(read_input(file), url)
    if options.as_json:
        write_json(found, schema="articles extract/1")
        return
    status = found["status"] if found["reason"] in ("", "complete") else f"{found['status']}: {found['reason']}"
    about = (", ".join(found["authors"]), found["published_at"], found["language"], f"[{status}]")
    say(f"{found['title'] or '(no title)'}\n{'  '.join(filter(None, about))}\n\n{found['text']}")


@contextmanager
def _reader() -> Iterator[Callable[[bytes, str], Mapping[str, Any]]]:
    """Reads pages as the watch does, in a process with limits on CPU and memory: a page built to choke parsers fails, and the next one is read."""
    import asyncio

    from monitor.articles.extract import Extraction, article_json
    from monitor.articles.pages import read_page
    from monitor.errors import SandboxError
    from monitor.sandbox import Sandbox
    from monitor.status import ArticleStatus

    sandbox = Sandbox()
    with asyncio.Runner() as runner:

        def read(page: bytes, url: str) -> Mapping[str, Any]:
            try:
                article = runner.run(sandbox.run(read_page, page, url, timeout_s=LONGEST_S)).article
            except SandboxError as error:
                article = Extraction(status=ArticleStatus.FAILED, reason=error.reason)
            return article_json(article, url)

        try:
            yield read
        finally:
            runner.run(sandbox.close())


articles = group("articles", "Articles: extract the text of a page, try the rules of a site.", [extract, test])
