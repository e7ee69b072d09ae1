"""`monitor topics`: one file for each of its commands."""

from monitor.cli.options import group
from monitor.cli.topics.explaining import explain
from monitor.cli.topics.listing import list_
from monitor.cli.topics.scoring import score

topics = group("topics", "The topics: list, score texts, explain a score.", [list_, score, explain])
