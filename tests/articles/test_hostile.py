"""Hostile pages end in time, within their memory, with the right status, and no text is lost without a word."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from articles.hostile import OTHER_TEXTS, PAGES, PARAGRAPHS

from monitor.articles.extract import extract

STORY = "https://novyny.example/2026/11/22/soyuznyky-pro-oboronu-odesy"
CPU_S = 5.0
KEPT = [name for name, (_, status, _) in PAGES.items() if not status]
TOLD = [name for name, (_, status, _) in PAGES.items() if status]


def used(function, *args):
    """(what it gives, CPU seconds it took)"""
    before = time.process_time()
    return function(*args), time.process_time() - before


@pytest.fixture(scope="module", autouse=True)
def warm():
    extract(PAGES["null bytes"][0](), STORY)  # imports do not count


@pytest.mark.parametrize("name", KEPT)
def test_A58_the_whole_text_of_an_odd_page_is_kept(name):
    article, seconds = used(extract, PAGES[name][0](), STORY)

    assert article.status == "full"
    assert [paragraph for paragraph in PARAGRAPHS if paragraph not in article.text] == []
    assert seconds < CPU_S


@pytest.mark.parametrize("name", TOLD)
def test_A58_a_page_beyond_the_limits_says_so(name):
    build, status, reason = PAGES[name]
    article, seconds = used(extract, build(), STORY)

    assert (article.status, article.reason, article.text) == (status, reason, "")
    assert [problem.code for problem in article.problems] == [reason]
    assert seconds < CPU_S


@pytest.mark.parametrize("name", OTHER_TEXTS)
def test_A58_letters_of_other_scripts_are_read_in_spite_of_what_is_declared(name):
    build, paragraphs = OTHER_TEXTS[name]
    article, seconds = used(extract, build(), STORY)

    assert article.text == "\n".join(paragraphs)
    assert seconds < CPU_S


LARGE = ("50 MB", "1,000,000 links", "100,000 rows", "40,000 nested div", "1 MB in one line", "20,000 short lines", "gzip bomb")
MEASURE = """
import resource, sys
from articles.hostile import PAGES
from monitor.articles.extract import extract
for name in sys.argv[1:]:
    extract(PAGES[name][0](), "https://novyny.example/2026/11/22/soyuznyky-pro-oboronu-odesy")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is counted in kilobytes on Linux only")
def test_A58_no_hostile_page_takes_a_gigabyte():
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MEASURE, *LARGE],
        env={"PYTHONPATH": f"{tests}:{Path(tests).parent}"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)),  # the sandbox's own limit
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2_000:]
    assert int(done.stdout) < 1_000_000
