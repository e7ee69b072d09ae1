"""One cycle of lemon24/reader over every feed, as its documentation does it: `python reader_cycle.py DATABASE ADDRESSES`. Needs reader alone."""

import sys
from pathlib import Path

from reader import make_reader

WORKERS = 16

database, addresses = sys.argv[1:]
reader = make_reader(database, feed_root=None)
for url in Path(addresses).read_text().split():
    reader.add_feed(url, exist_ok=True)
for _ in reader.update_feeds_iter(scheduled=False, workers=WORKERS):
    pass
