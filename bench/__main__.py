"""`make bench`: every benchmark, one after the other, as a table of ratios and limits.

    python -m bench [NAME …] [--feeds 1000] [--repeat 5] [--pages 10000]      help  idle  articles  worker  peers  scale  faulty  topics  backtest

peers compares with lemon24/reader, which it installs from PyPI into .venv-bench at its first run. The others need nothing;
articles and worker take real pages where ../shared has them.
"""

import argparse
import asyncio
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import articles, backtest, peers, topics

MONITOR = [sys.executable, "-m", "monitor"]
TIMES_MORE = 10
MAIN_MIB, ALL_MIB = 128, 400


def show(name: str, figure: str, goal: str, *, is_met: bool) -> bool:
    print(f"{name:<48} {figure:>22}   goal {goal:<14} {'met' if is_met else 'MISSED'}", flush=True)
    return is_met


def child_cpu_s(command: list[str]) -> float:
    """User and system CPU of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def bench_help(_: argparse.Namespace) -> bool:
    """What `monitor --help` costs: people feel it, and so does every script."""
    took = statistics.median(child_cpu_s([*MONITOR, "--help"]) for _ in range(7))
    return show("monitor --help, CPU, median of 7", f"{took:.3f} s", "< 0.3 s", is_met=took < 0.3)


def bench_idle(_: argparse.Namespace, feeds: int = 100, window_s: float = 60.0) -> bool:
    """The daemon's share of a core with 100 feeds at a fixed rhythm of 15 minutes, after its first round of polls."""
    work = Path(tempfile.mkdtemp(prefix="bench-idle-"))
    with peers.world(feeds) as press:
        folder = peers.write_folder(work / "monitor", press.addresses)
        base = [*MONITOR, "--config", str(folder / "config.toml"), "--state", str(folder / "state"), "-q"]
        subprocess.run([*base, "poll", "--all"], check=True, stdout=subprocess.DEVNULL)
        daemon = subprocess.Popen([*base, "run"])
        try:
            time.sleep(8)  # its start is not idling
            before, began = _cpu_s(daemon.pid), time.perf_counter()
            time.sleep(window_s)
            share = (_cpu_s(daemon.pid) - before) / (time.perf_counter() - began)
        finally:
            daemon.terminate()
            daemon.wait(15)
    shutil.rmtree(work)
    return show(f"idle daemon, {feeds} feeds, {window_s:.0f} s", f"{share:.2%} of a core", "< 1 %", is_met=share < 0.01)


def _cpu_s(pid: int) -> float:
    """User and system CPU of a process and its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


TIMES_TRAFILATURA = 2


def bench_articles(args: argparse.Namespace) -> bool:
    """What reading a page costs, over what trafilatura takes for text and metadata in the same run."""
    ours, theirs = articles.cpu_of(args.repeat)
    ratio, count = ours / theirs, len(articles.originals())
    name = f"CPU a page, {count} pages, over trafilatura with metadata"
    return show(name, f"{ratio:.2f} x ({ours / count * 1000:.0f} ms)", f"<= {TIMES_TRAFILATURA} x", is_met=ratio <= TIMES_TRAFILATURA)


LONGEST_PAGE_S, LONGEST_LAG_S, GROWTH = 5, 0.5, 0.1


def bench_worker(args: argparse.Namespace) -> bool:
    """Thousands of pages through a worker process: its memory stays what it was, and no page holds up the caller."""
    run = asyncio.run(articles.endure(args.pages))
    count, least, most = f"{args.pages:,} pages", min(run.peaks[1:]), max(run.peaks[1:])  # the first tenth imports and warms up
    growth = max(run.peaks[2:]) / run.peaks[1] - 1  # systems short of memory take some away, which is no growth
    return all(
        [
            show(f"worker: growth over {count}", f"{growth:+.1%} ({least:.0f}–{most:.0f} MiB)", f"<= {GROWTH:.0%}", is_met=growth <= GROWTH),
            show(f"worker: CPU of the slowest of {count}", f"{run.slowest_s:.2f} s", f"<= {LONGEST_PAGE_S} s", is_met=run.slowest_s <= LONGEST_PAGE_S),
            show("worker: calls that failed", f"{run.failed}", "0", is_met=run.failed == 0),
            show(
                "worker: longest wait of the caller's loop",
                f"{run.loop_lag_s * 1000:.0f} ms",
                f"<= {LONGEST_LAG_S * 1000:.0f} ms",
                is_met=run.loop_lag_s <= LONGEST_LAG_S,
            ),
        ]
    )


TIMES_READER = {"B": 3, "D": 3, "C": 10, "V": 10}  # polls per CPU-second
SHARE_OF_READER = 0.5  # of its CPU in the first poll


def bench_peers(args: argparse.Namespace) -> bool:
    """Polls per CPU-second against lemon24/reader's in the same run, scenario by scenario."""
    figures = peers.compare([peers.monitor(), peers.reader()], feeds=args.feeds, repeat=args.repeat)
    ours, readers = figures["monitor"], figures["reader"]
    share = ours["A"].cpu_s / readers["A"].cpu_s
    results = [show(f"A, {ours['A'].scenario.says}: CPU over reader's", f"{share:.2f} x", f"<= {SHARE_OF_READER} x", is_met=share <= SHARE_OF_READER)]
    for letter, goal in TIMES_READER.items():
        ratio = ours[letter].polls_per_cpu_s / readers[letter].polls_per_cpu_s
        results.append(show(f"{letter}, {ours[letter].scenario.says}: over reader's", f"{ratio:.1f} x", f">= {goal} x", is_met=ratio >= goal))
    return all(results)


def bench_scale(args: argparse.Namespace) -> bool:
    """Ten times as many feeds: as cheap a poll, and memory within bounds."""
    few, many = (
        peers.compare([peers.monitor()], feeds=count, repeat=args.repeat, scenarios="AB")["monitor"] for count in (args.feeds, TIMES_MORE * args.feeds)
    )
    ratio = many["B"].polls_per_cpu_s / few["B"].polls_per_cpu_s
    main_mib, all_mib = (max(getattr(figures, name) for figures in many.values()) for name in ("main_mib", "all_mib"))
    count = f"{TIMES_MORE * args.feeds:,} feeds"
    return all(
        [
            show(f"polls per CPU-second, {count} over {args.feeds:,}", f"{ratio:.2f} x", ">= 0.8 x", is_met=ratio >= 0.8),
            show(f"peak memory, {count}, main process", f"{main_mib:.0f} MiB", f"<= {MAIN_MIB} MiB", is_met=main_mib <= MAIN_MIB),
            show(f"peak memory, {count}, all processes", f"{all_mib:.0f} MiB", f"<= {ALL_MIB} MiB", is_met=all_mib <= ALL_MIB),
        ]
    )


LONGEST_S = 45


def bench_faulty(args: argparse.Namespace) -> bool:
    """A first cycle over a press of which seven in a hundred hang, dawdle, fail or send bombs."""
    work = Path(tempfile.mkdtemp(prefix="bench-faulty-"))
    with peers.world(args.feeds, is_faulty=True) as press:
        cycle = peers.run_cycle(peers.monitor(), peers.write_folder(work / "monitor", press.addresses))
        asked = press(count=True)["asked"]["feeds"]
    shutil.rmtree(work)
    main_mib, all_mib = cycle.main_bytes / peers.MIB, cycle.all_bytes / peers.MIB
    return all(
        [
            show("faulty: feeds asked", f"{asked:,} of {args.feeds:,}", "all", is_met=asked >= args.feeds),
            show("faulty: the cycle", f"{cycle.wall_s:.1f} s", f"<= {LONGEST_S} s", is_met=cycle.wall_s <= LONGEST_S),
            show("faulty: peak memory, main process", f"{main_mib:.0f} MiB", f"<= {MAIN_MIB} MiB", is_met=main_mib <= MAIN_MIB),
            show("faulty: peak memory, all processes", f"{all_mib:.0f} MiB", f"<= {ALL_MIB} MiB", is_met=all_mib <= ALL_MIB),
        ]
    )


TERMS_MS = {500: 1.5, 50_000: 5.0}  # for a text of 10 KB, folding included
LOADING_MS, PATTERN_MS = 100, 50


def bench_topics(_: argparse.Namespace) -> bool:
    """Matching: what a text costs by the number of terms, what loading them costs, hostile patterns, a stream of texts."""
    news = topics.News()
    texts = [news.text() for _ in range(topics.TEXTS)]
    results = []
    for count, goal in TERMS_MS.items():
        took = topics.judging_ms(news.terms(count), texts)
        results.append(show(f"topics: {count:,} terms, 10 KB, CPU", f"{took:.2f} ms", f"<= {goal} ms", is_met=took <= goal))
    terms = news.terms(500)
    share = topics.judging_ms(terms, texts) / topics.alternation_ms(terms, texts[:10])
    results.append(show("topics: 500 terms, over one large re", f"{share:.2f} x", "<= 0.5 x", is_met=share <= 0.5))
    loading = 1000 * min(topics.cpu_s(lambda: topics.topic_of(terms)) for _ in range(5))
    results.append(show("topics: loading 500 terms, CPU", f"{loading:.1f} ms", f"<= {LOADING_MS} ms", is_met=loading <= LOADING_MS))
    hostile = topics.hostile_ms()
    results.append(show("topics: the worst pattern allowed, CPU", f"{hostile:.0f} ms", f"<= {PATTERN_MS} ms", is_met=hostile <= PATTERN_MS))
    few, many = topics.stream_mib(1_000, news), topics.stream_mib(20_000, news)
    results.append(show("topics: score --batch, memory, 20,000 over 1,000 lines", f"{many / few:.2f} x", "<= 1.1 x", is_met=many <= 1.1 * few))
    return all(results)


ARTICLES_PER_CPU_S = 2_000


def bench_backtest(_: argparse.Namespace) -> bool:
    """A changed topic over stored articles: as many as somebody waits for, in memory that does not grow with them."""
    few, few_mib = backtest.articles_per_cpu_s(1_000)
    many, many_mib = backtest.articles_per_cpu_s(6_000)
    rate = max(few, many)
    return all(
        [
            show("backtest: articles per CPU-second, 1,500 characters", f"{rate:,.0f}", f">= {ARTICLES_PER_CPU_S:,}", is_met=rate >= ARTICLES_PER_CPU_S),
            show("backtest: memory, 6,000 over 1,000 articles", f"{many_mib / few_mib:.2f} x", "<= 1.1 x", is_met=many_mib <= 1.1 * few_mib),
        ]
    )


BENCHMARKS: dict[str, Callable[[argparse.Namespace], bool]] = {
    "help": bench_help,
    "idle": bench_idle,
    "articles": bench_articles,
    "worker": bench_worker,
    "peers": bench_peers,
    "scale": bench_scale,
    "faulty": bench_faulty,
    "topics": bench_topics,
    "backtest": bench_backtest,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--feeds", type=int, default=1000, help="of peers, scale and faulty (1000)")
    parser.add_argument("--repeat", type=int, default=5, help="cycles of each scenario but A, of which the median counts, and rounds of articles (5)")
    parser.add_argument("--pages", type=int, default=10_000, help="of worker (10000)")
    args = parser.parse_args()
    if unknown := [name for name in args.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {unknown[0]!r} – there are {', '.join(BENCHMARKS)}")
    results = [BENCHMARKS[name](args) for name in args.names or BENCHMARKS]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
