"""Draws the pictures of README.md from one real run of `monitor demo`, and that of the how-to from a few polls.

    .venv/bin/python docs/pictures/make.py            about half a minute
    .venv/bin/python docs/pictures/make.py health     only the last picture, a few seconds

It needs what `make test` installs, and Debian's chromium and chromium-driver.

terminal.svg                          acts 3 to 5 of the demo's output, as a terminal shows them
digest-light.png, digest-dark.png     the top of its digest.html, 600 px wide, in both colour schemes
feeds-health.svg                      `monitor feeds health` over ten newspapers on loopback, some of them in trouble

Times, ports and the order of equals are those of the run; stories, words and scores are the same every time.
"""

import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from selenium import webdriver

HERE = Path(__file__).resolve().parent
FIRST_ACT, AFTER_ACT = "3  What was flagged", "6  The digest"
COLUMNS = 100
DIGEST_WIDTH_PX, DIGEST_HEIGHT_PX = 600, 900
CHROMIUM_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def colours(words: str) -> list[tuple[int, int, int]]:
    """Hexadecimal colours as rich wants them."""
    return [(*bytes.fromhex(word),) for word in words.split()]


# A dark terminal on which dim text still reads, and black on bright yellow looks like a marker pen.
PAPER, INK = colours("1c1d20 e6e4de")
#                black  red    green  yellow blue   magenta cyan  white
NORMAL = colours("111111 f07178 9ccc65 e0b050 7aa2f7 c099e0 5fc9d8 c8c8c8")
BRIGHT = colours("777777 ff8a8a b5e380 ffdd57 9dbdff d7b5f5 86e1ee ffffff")

# Our own frame instead of rich's, which loads its fonts from a host on the web; names and widths of the fields are rich's.
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{unique_id}-name">
<title id="{unique_id}-name">NAME</title>
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }}
.{unique_id}-title {{ font: 18px system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


# What the newspapers answer to the first poll and to the later ones; a page that is no feed, statuses, and floods of entries.
PAPERS = {
    "harbour-gazette": ("fine", "fine"),
    "northgate-times": ("fine", "fine"),
    "meridian": ("fine", "fine"),
    "lantern": ("fine", "fine"),
    "tribune": ("fine", "fine"),
    "velvet-review": ("fine", "flood"),
    "quarry-post": ("fine", 410),
    "fenland-echo": ("fine", 404),
    "orge-dagblad": ("fine", "page"),
    "stepovyi-visnyk": ("fine", 429),
}
CONFIG = """version = 1
network = {{ contact = "https://monitor.example.org/about", allow_private = ["127.0.0.0/8"], per_host = {{ gap = "0s" }}, retry_after = "feed" }}
polling = {{ flood = 50 }}
articles = {{ fetch = "never" }}
[topics.t]
rule = "g"
groups.g = {{ terms = ["ukrain*"] }}
[subscribers.s]
topics = ["t"]
alert = {{}}
channels = [{{ file = "" }}]
{feeds}"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="monitor-pictures-") as folder:
        shown = Text.from_ansi(run_health(Path(folder)).replace("http://", ""))  # a picture that names no address surely asks none
        (HERE / "feeds-health.svg").write_text(terminal_svg(shown, "monitor feeds health", "monitor feeds health in a terminal", "health"), encoding="utf-8")
    if "health" in sys.argv[1:]:
        return
    with tempfile.TemporaryDirectory(prefix="monitor-pictures-") as folder:
        output = run_demo(Path(folder))
        (HERE / "terminal.svg").write_text(terminal_svg(acts(output), "make demo", "Acts 3 to 5 of monitor demo in a terminal", "terminal"), encoding="utf-8")
        for scheme, png in digest_pngs(Path(folder) / "digest.html"):
            (HERE / f"digest-{scheme}.png").write_bytes(png)


def run_demo(folder: Path) -> str:
    """What the demo writes to a terminal, escape sequences included. raises: CalledProcessError when it fails."""
    colours = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | colours
    command = [sys.executable, "-m", "monitor", "demo", "--out", str(folder)]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, encoding="utf-8", timeout=120).stdout  # noqa: S603 -- ours


def run_health(folder: Path) -> str:
    """What `monitor feeds health` writes to a terminal after three polls, escape sequences included."""
    colours = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | colours
    command = [sys.executable, "-m", "monitor", "--config", str(folder / "config.toml"), "--state", str(folder / "state")]
    with newspapers() as (address, world):
        feeds = "".join(f'[feeds.{name}]\nurl = "{address}/{name}/feed.xml"\nsite = "{address}/{name}/"\n' for name in PAPERS)
        (folder / "config.toml").write_text(CONFIG.format(feeds=feeds), encoding="utf-8")
        for number in range(4):
            world["poll"] = number
            subprocess.run([*command, "-q", "poll", "--all", "--no-deliver"], env=environment, capture_output=True, check=True, timeout=60)  # noqa: S603 -- ours
        return subprocess.run([*command, "feeds", "health"], env=environment, stdout=subprocess.PIPE, encoding="utf-8", timeout=60).stdout.rstrip()  # noqa: S603 -- ours; 1 says that some need attention


@contextmanager
def newspapers() -> Iterator[tuple[str, dict[str, int]]]:
    """The feeds of PAPERS on loopback; the number of the poll decides what they answer."""
    world = {"poll": 0}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.split("/")[1]
            answer: str | int = PAPERS.get(name, ("", ""))[world["poll"] > 0]
            if not self.path.endswith(("/feed.xml", "/news.xml")):
                answer = "site"
            elif self.path.endswith("/news.xml"):
                answer = "fine" if name == "fenland-echo" else 404
            self.send_response(answer if isinstance(answer, int) else 200)
            if answer == 429:
                self.send_header("Retry-After", "5400")
            self.send_header("Content-Type", "text/html" if answer in ("page", "site") else "application/rss+xml")
            self.end_headers()
            self.wfile.write(written(name, answer).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def written(name: str, answer: str | int) -> str:
    """A page, or a feed of six entries; a flood has eighty more."""
    if answer in ("page", "site"):
        return '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="news.xml"></head><body>Our paper has moved.</body></html>'
    title = name.replace("-", " ").title()
    pace = timedelta(minutes=10) if answer == "flood" else timedelta(hours=1 + len(name) % 5)
    items = "".join(
        f"<item><title>Story {number}</title><link>https://{name}.example/{number}</link><guid>{name}-{answer}-{number}</guid>"
        f"<pubDate>{format_datetime(datetime.now(UTC) - timedelta(minutes=20) - pace * number)}</pubDate></item>"
        for number in range(90 if answer == "flood" else 6)
    )
    return f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'


def acts(output: str) -> Text:
    """The part of the output between two headings, with its colours."""
    lines = [Text.from_ansi(line) for line in output.splitlines()]
    first, after = (next(number for number, line in enumerate(lines) if line.plain.startswith(heading)) for heading in (FIRST_ACT, AFTER_ACT))
    return Text("\n").join(lines[first:after])


def terminal_svg(shown: Text, title: str, name: str, unique_id: str) -> str:
    """A terminal with this text in it; the file names no host but that of the SVG namespace, so it shows the same offline."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(shown)
    theme = TerminalTheme(PAPER, INK, NORMAL, BRIGHT)
    return console.export_svg(title=title, theme=theme, code_format=SVG.replace("NAME", name), font_aspect_ratio=0.6, unique_id=unique_id)


def digest_pngs(page: Path) -> Iterator[tuple[str, bytes]]:
    """The top of the digest in both colour schemes, cut below the last story that fits."""
    with chromium() as browser:
        browser.get(page.as_uri())
        for scheme in ("light", "dark"):
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
            size = {"width": DIGEST_WIDTH_PX, "height": DIGEST_HEIGHT_PX, "deviceScaleFactor": 1, "mobile": False}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            ends = browser.execute_script("return [...document.querySelectorAll('td.story')].map(story => story.getBoundingClientRect().bottom)")
            clip = {"x": 0, "y": 0, "width": DIGEST_WIDTH_PX, "height": max(end for end in ends if end <= DIGEST_HEIGHT_PX), "scale": 1}
            yield scheme, base64.b64decode(browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "clip": clip})["data"])


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for option in CHROMIUM_OPTIONS:
        options.add_argument(option)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    try:
        yield browser
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
