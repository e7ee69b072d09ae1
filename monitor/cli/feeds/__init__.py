"""`monitor feeds`: one file for each group of its commands."""

from monitor.cli.feeds.editing import remove
from monitor.cli.feeds.exchange import export, import_
from monitor.cli.feeds.listing import list_
from monitor.cli.feeds.parsing import parse
from monitor.cli.options import group

feeds = group("feeds", "The feeds: list and check them, add and remove, import and export.", [list_, remove, import_, export, parse])
