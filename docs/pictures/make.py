"""Draws the pictures of README.md from one real run of `monitor demo`.

    .venv/bin/python docs/pictures/make.py          about half a minute

It needs what `make test` installs, and Debian's chromium and chromium-driver.

terminal.svg                          acts 3 to 5 of the demo's output, as a terminal shows them
digest-light.png, digest-dark.png     the top of its digest.html, 600 px wide, in both colour schemes

Times, ports and the order of equals are those of the run; stories, words and scores are the same every time.
"""

import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

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
<title id="{unique_id}-name">Acts 3 to 5 of monitor demo in a terminal</title>
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


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="monitor-pictures-") as folder:
        output = run_demo(Path(folder))
        (HERE / "terminal.svg").write_text(terminal_svg(acts(output)), encoding="utf-8")
        for scheme, png in digest_pngs(Path(folder) / "digest.html"):
            (HERE / f"digest-{scheme}.png").write_bytes(png)


def run_demo(folder: Path) -> str:
    """What the demo writes to a terminal, escape sequences included. raises: CalledProcessError when it fails."""
    colours = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | colours
    command = [sys.executable, "-m", "monitor", "demo", "--out", str(folder)]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, encoding="utf-8", timeout=120).stdout  # noqa: S603 -- ours


def acts(output: str) -> Text:
    """The part of the output between two headings, with its colours."""
    lines = [Text.from_ansi(line) for line in output.splitlines()]
    first, after = (next(number for number, line in enumerate(lines) if line.plain.startswith(heading)) for heading in (FIRST_ACT, AFTER_ACT))
    return Text("\n").join(lines[first:after])


def terminal_svg(shown: Text) -> str:
    """A terminal with this text in it; the file names no host but that of the SVG namespace, so it shows the same offline."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(shown)
    return console.export_svg(title="make demo", theme=TerminalTheme(PAPER, INK, NORMAL, BRIGHT), code_format=SVG, font_aspect_ratio=0.6, unique_id="terminal")


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
