"""`make bench`: every benchmark, one after the other, as a table of ratios and limits.

    python -m bench [NAME …]      help  idle  polls

polls needs ../shared/bench (its world of feeds and its peers); the other two need nothing.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("MONITOR_SHARED", ROOT.parent / "shared"))
MONITOR = [sys.executable, "-m", "monitor"]


def show(name: str, figure: str, goal: str, *, is_met: bool) -> bool:
    print(f"{name:<44} {figure:>22}   goal {goal:<14} {'met' if is_met else 'MISSED'}", flush=True)
    return is_met


def child_cpu_s(command: list[str]) -> float:
    """User and system CPU of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def bench_help() -> bool:
    """What `monitor --help` costs: people feel it, and so does every script."""
    took = statistics.median(child_cpu_s([*MONITOR, "--help"]) for _ in range(7))
    return show("monitor --help, CPU, median of 7", f"{took:.3f} s", "< 0.3 s", is_met=took < 0.3)


@contextmanager
def quiet_feeds(count: int) -> Iterator[list[str]]:
    """Feeds on loopback that always answer 304 after the first time."""
    feed = b'<rss version="2.0"><channel><title>t</title><item><title>x</title><link>http://127.0.0.1/x</link></item></channel></rss>'

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("If-None-Match")
            self.send_response(304 if known else 200)
            self.send_header("ETag", '"1"')
            if not known:
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(feed)))
            self.end_headers()
            if not known:
                self.wfile.write(feed)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield [f"http://127.0.0.1:{server.server_port}/{number}" for number in range(count)]
    finally:
        server.shutdown()


def bench_idle(feeds: int = 100, window_s: float = 60.0) -> bool:
    """The daemon's share of a core with 100 feeds at the default rhythm, after its first round of polls."""
    folder = Path(tempfile.mkdtemp(prefix="bench-idle-"))
    with quiet_feeds(feeds) as addresses:
        lines = "".join(f'[feeds.f{number}]\nurl = "{url}"\n' for number, url in enumerate(addresses))
        (folder / "config.toml").write_text(
            'version = 1\n[network]\ncontact = "https://bench.invalid"\nper_host = { gap = "0s", concurrent = 8 }\nallow_private = ["127.0.0.0/8"]\n'
            '[polling]\ninterval = { min = "15m", max = "15m", adaptive = false }\n' + lines + '[topics.t]\ntitle = "T"\nrule = "a"\n[topics.t.groups]\n'
            'a = { weight = 1.0, terms = ["nato"] }\n[subscribers.s]\ntopics = ["t"]\ndigest = { at = ["07:30"] }\nchannels = [{ file = "" }]\n[web]\nlisten = "127.0.0.1:0"\n'
        )
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
    shutil.rmtree(folder)
    return show(f"idle daemon, {feeds} feeds, {window_s:.0f} s", f"{share:.2%} of a core", "< 1 %", is_met=share < 0.01)


def _cpu_s(pid: int) -> float:
    """User and system CPU of a process and its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def bench_polls(feeds: int = 1000) -> bool:
    """Polls per CPU-second on 304s against lemon24/reader in the same run (../shared/bench/peers.py)."""
    if not (SHARED / "bench" / "peers.py").is_file():
        print(f"polls: skipped, {SHARED}/bench is not here")
        return True
    venv = ROOT / ".venv-bench"
    if not (venv / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        wanted = ["reader==3.26", "sgmllib3k", "uvloop", "psutil", "aiosmtpd"]
        subprocess.run([str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], check=True)
    out = Path(tempfile.mkdtemp(prefix="bench-polls-"))
    product = f"{sys.executable} -m monitor --config {{config}} --state {{folder}}/state poll --all --json"
    command = [str(venv / "bin" / "python"), str(SHARED / "bench" / "peers.py"), "--only", "reader", "--product", product, "--feeds", str(feeds)]
    subprocess.run([*command, "--scenarios", "AB", "--repeat", "5", "--json", str(out / "rows.json")], check=True, cwd=ROOT)
    import json

    rates = {row["peer"]: row["polls_per_cpu_s"] for row in json.loads((out / "rows.json").read_text()) if row["scenario"] == "B"}
    shutil.rmtree(out)
    ratio = rates["product"] / rates["reader"]
    return show("polls per CPU-second on 304s, over reader's", f"{ratio:.1f} x", ">= 2 x", is_met=ratio >= 2)


BENCHMARKS: dict[str, Callable[[], bool]] = {"help": bench_help, "idle": bench_idle, "polls": bench_polls}


def main() -> None:
    names = sys.argv[1:] or list(BENCHMARKS)
    results = [BENCHMARKS[name]() for name in names]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
