"""Feeds nobody wrote, and packed bodies nobody packed: `make fuzz MINUTES=30`.

Throws mutated feeds of the corpus and invented ones at the parser, at reading item by item, and mutated gzip at the decoder,
and stops at the first that raises, takes more than two seconds, needs more than 200 MB, or is read otherwise item by item than whole.
The input is kept as fuzz-crash-*.bin. With `pip install atheris` (not among our requirements) and `--guided` coverage chooses what to try.
"""

import argparse
import gzip
import inspect
import os
import random
import resource
import signal
import sys
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import BadBody
from monitor.feeds.changes import KnownEntry, Past, compare
from monitor.feeds.decode import decode
from monitor.feeds.news import Seen, glance, read_news
from monitor.feeds.parse import parse
from monitor.feeds.plain import clean
from monitor.feeds.split import split
from monitor.fetcher.body import BoundedBody

HERE = "https://news.example.org/feed.xml"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOST_SECONDS, MOST_MEBIBYTES = 2.0, 200
MOST_BODY = 1_000_000
WORDS = [
    b"<item>", b"</item>", b"<entry>", b"</entry>", b"<title>", b"</title>", b"<guid>", b"</guid>", b"<link>", b"</link>", b"<link href='", b"'/>",
    b"<description>", b"</description>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?", b"?>", b"<!DOCTYPE rss [", b"<!ENTITY a '", b"&a;", b"&amp;", b"&", b"<",
    b">", b"<b <b", b"xmlns:x='", b"xml:base='", b"<svg>", b"</svg>", b"<source>", b"</source>", b"<author>", b"<category>", b"<div>", b"\x00", b"\xff", b"\xef\xbb\xbf",
    b"\xc3\xa9", b"&#0;", b"&#x10FFFF;", b"<skipHours>", b"<ttl>", b"<media:title>", b"<content:encoded>", b"<pubDate>", b"<dc:date>", b"{", b"[", b'"items":', b"1e400",
    b"<channel>", b"</channel>", b"</rss>", b"</feed>", b"encoding='utf-16'", b"encoding='windows-1251'", b"\x1f\x8b",
]  # fmt: skip


def feed_once(data: bytes) -> None:
    """Whole, then item by item against a copy without its first item."""
    whole = parse(data, url=HERE)
    assert whole.format or not whole.entries
    assert all(entry.key and _encodes(entry.key + entry.title + entry.summary + entry.content) for entry in whole.entries)
    cut = split(clean(decode(data).text))
    before = (cut.head + "".join(cut.items[1:]) + cut.tail).encode() if cut else data[: len(data) // 2]
    earlier = parse(before, url=HERE)
    seen = read_news(before, url=HERE, seen=Seen(), now=NOON).seen
    known = Past(by_key={entry.key: KnownEntry(key=entry.key, sha256=entry.sha256, title=entry.title) for entry in earlier.entries})
    glanced = glance(data, url=HERE, seen=seen, now=NOON)
    found = read_news(data, url=HERE, seen=seen, now=NOON)
    entries = found.feed.entries if found.feed else ()
    changed, expected = compare(known, entries), compare(known, whole.entries)
    assert (changed.new, changed.edited) == (expected.new, expected.edited), "read otherwise item by item"
    assert glanced in (None, found), "another thing at a glance"


def _encodes(text: str) -> bool:
    return text.encode().decode() == text


def body_once(data: bytes) -> None:
    """The first byte chooses the coding, the second the size of the pieces."""
    encoding = ("gzip", "deflate", "identity", "br", "zstd", "gzip, gzip")[data[0] % 6] if data else ""
    try:
        body = BoundedBody(HERE, encoding, MOST_BODY)
        for start in range(2, len(data), size := 1 + (data[1] if len(data) > 1 else 0) * 16):
            body.take(data[start : start + size])
        assert len(body.whole()) <= MOST_BODY
    except BadBody:
        pass


class Hang(BaseException):
    """An input is taking a minute; no part of ours may catch it."""


def _hangs(*_: object) -> None:
    raise Hang("a minute")


class Watch:
    """Runs one input and judges time and memory."""

    def __init__(self) -> None:
        self.count, self.slowest = 0, 0.0

    def __call__(self, run, data: bytes) -> None:
        started = time.process_time()
        run(data)
        seconds = time.process_time() - started
        self.count, self.slowest = self.count + 1, max(self.slowest, seconds)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        assert seconds < MOST_SECONDS * (4 if run is feed_once else 1), f"{seconds:.1f} s"  # four readings
        assert memory < MOST_MEBIBYTES, f"{memory} MiB"


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 3, 8, 30))):
        at, other = chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)
        match chance.randrange(7):
            case 0:
                data[at:at] = chance.choice(WORDS)
            case 1:
                data[at:at] = chance.choice(WORDS) * chance.choice((2, 100, 5000, 50000))
            case 2:
                del data[at : at + chance.randrange(1, 400)]
            case 3:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 4:
                data[at:at] = data[other : other + chance.randrange(1, 3000)]
            case 5:
                donor = chance.choice(seeds)
                start = chance.randrange(len(donor) + 1)
                data[at:at] = donor[start : start + chance.randrange(1, 3000)]
            case 6:
                data[at : at + 5] = chance.choice(WORDS)
    return bytes(data[: 5 * 1024 * 1024])


def packed(chance: random.Random, data: bytes) -> bytes:
    body = bytearray(chance.choice((gzip.compress, zlib.compress, bytes))(data))
    for _ in range(chance.choice((0, 0, 1, 4))):
        if body:
            body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes([chance.randrange(256), chance.randrange(256)]) + bytes(body) * chance.choice((1, 1, 2))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--minutes", type=float, default=1.0)
    options.add_argument("--seed", type=int, default=int(time.time()))
    options.add_argument("--corpus", type=Path, default=Path("../shared/corpus/feeds"))
    options.add_argument("--guided", action="store_true", help="with atheris: coverage chooses what to try")
    given = options.parse_args()
    seeds = [path.read_bytes() for path in sorted(given.corpus.glob("*.*")) if path.suffix in (".xml", ".json")] or [
        b"<rss><channel><item><title>x</title></item></channel></rss>"
    ]
    watch, chance, ends = Watch(), random.Random(given.seed), time.monotonic() + given.minutes * 60
    if given.guided:
        return guided(watch, seeds, given.minutes)
    print(f"seed {given.seed}, {len(seeds)} feeds to begin with", flush=True)
    while time.monotonic() < ends:
        data = mutated(chance, seeds)
        for run, body in ((feed_once, data), (body_once, packed(chance, data))):
            if not tried(watch, run, body):
                return 1
        if watch.count % 2000 == 0:
            print(f"{watch.count} inputs, the slowest {watch.slowest:.2f} s", flush=True)
    print(f"done: {watch.count} inputs, the slowest {watch.slowest:.2f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB", flush=True)
    return 0


def tried(watch: Watch, run, data: bytes) -> bool:
    signal.signal(signal.SIGALRM, _hangs)
    signal.alarm(60)
    try:
        watch(run, data)
    except (Exception, Hang) as error:  # noqa: BLE001 -- whatever it is, it is kept and told
        place = Path(f"fuzz-crash-{run.__name__}-{zlib.crc32(data):08x}.bin")
        place.write_bytes(data)
        print(f"{place}: {type(error).__name__}: {error}", flush=True)
        return False
    finally:
        signal.alarm(0)
    return True


def guided(watch: Watch, seeds: list[bytes], minutes: float) -> int:
    import atheris  # type: ignore[import-not-found]

    folder = Path(os.environ.get("TMPDIR", "/tmp")) / "monitor-fuzz"
    folder.mkdir(exist_ok=True)
    for number, seed in enumerate(seeds):
        (folder / f"{number}.bin").write_bytes(b"f" + seed)
    for module in [module for name, module in sys.modules.items() if name.startswith(("monitor.feeds", "monitor.fetcher"))]:
        for name, function in [pair for pair in vars(module).items() if inspect.isfunction(pair[1]) and pair[1].__module__ == module.__name__]:
            setattr(module, name, atheris.instrument_func(function))
    atheris.Setup([sys.argv[0], f"-max_total_time={int(minutes * 60)}", "-max_len=60000", f"-timeout={int(MOST_SECONDS * 5)}", str(folder)],
                  lambda data: watch(body_once if data[:1] == b"b" else feed_once, data[1:]))  # fmt: skip
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
