"""Configurations for tests: a small whole one, to which a test adds the lines that matter."""

import os
from pathlib import Path

import pytest

SMALL = """\
version = 1
[network]
contact = "desk@example.org"
[feeds.news]
url = "https://news.example/feed.xml"
[topics.ukraine]
rule = "ukraine"
groups.ukraine = { weight = 3.0, terms = ["ukrain*"] }
[subscribers.desk]
topics = ["ukraine"]
alert = { min_score = 0.8 }
channels = [{ file = "" }]
"""


@pytest.fixture
def small() -> str:
    """A whole configuration of twelve lines; lines that a test adds begin at line 13."""
    return SMALL


@pytest.fixture
def shared() -> Path:
    """The folder of corpora and benchmarks beside the repository."""
    folder = Path(os.environ.get("MONITOR_SHARED", Path(__file__).resolve().parents[2].parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent: it holds the benchmarks whose configurations are loaded here")
    return folder
