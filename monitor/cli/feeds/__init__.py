"""`monitor feeds`: one file for each group of its commands."""

from monitor.cli.feeds.adding import add
from monitor.cli.feeds.checking import check
from monitor.cli.feeds.editing import accept, discard, release, remove, resume
from monitor.cli.feeds.exchange import export, import_
from monitor.cli.feeds.health import health
from monitor.cli.feeds.listing import list_
from monitor.cli.feeds.parsing import parse
from monitor.cli.options import group

feeds = group(
    "feeds",
    "The feeds: how they are, add and remove them, answer what they ask, exchange them with other readers.",
    [list_, health, check, add, remove, resume, accept, release, discard, import_, export, parse],
)
