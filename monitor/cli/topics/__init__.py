"""`monitor topics`: one file for each of its commands."""

from monitor.cli.options import group
from monitor.cli.topics.backtesting import backtest
from monitor.cli.topics.explaining import explain
from monitor.cli.topics.labelling import label, labels
from monitor.cli.topics.listing import list_
from monitor.cli.topics.scoring import score
from monitor.cli.topics.testing import test
from monitor.cli.topics.tuning import tune

topics = group(
    "topics",
    "The topics: list, score texts, explain a score, label stories, test, try out and tune a topic.",
    [list_, score, explain, label, labels, test, backtest, tune],
)
