"""The life of a story, read once downwards.

    poll_feed ──▶ read_article ──▶ judge_articles ──▶ close_digests ──▶ deliver
    poll.py       read.py          judge.py           close.py          deliver.py

Each step has the same three beats: load, think, save. A step never calls another; it saves, together with its own
result, the rows that are due for the next one. No network call, extraction or template runs inside a transaction.
Every claim raised the row's `attempt`, and every save names it, so a late worker changes nothing.
"""

from monitor.pipeline.batch import one_by_one
from monitor.pipeline.close import close_digests, digest_contents, open_digests
from monitor.pipeline.deliver import deliver
from monitor.pipeline.doors import Doors, FeedRules, Memory, Settings, Tally
from monitor.pipeline.judge import judge_articles
from monitor.pipeline.look import Eyes, Found, PageRules, Sight, ask_page_once, discover, look, page_rules
from monitor.pipeline.poll import poll_feed
from monitor.pipeline.read import is_one_page, read_article

__all__ = [
    "Doors",
    "Eyes",
    "FeedRules",
    "Found",
    "Memory",
    "PageRules",
    "Settings",
    "Sight",
    "Tally",
    "ask_page_once",
    "close_digests",
    "deliver",
    "digest_contents",
    "discover",
    "is_one_page",
    "judge_articles",
    "look",
    "one_by_one",
    "open_digests",
    "page_rules",
    "poll_feed",
    "read_article",
]
