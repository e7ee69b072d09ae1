"""What a person sees of a digest: in headless Chromium, wide and narrow, light and dark."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.alerts.digest import Member, Source, contents, story_line
from monitor.alerts.notice import Notice, render_notice
from monitor.alerts.render import render
from monitor.model import Article, Channel, ChannelKind, EventKind, Evidence, Story, Subscriber
from monitor.status import ArticleStatus

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("chromium and chromedriver are not installed; .ci/run installs them")
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = chromium
    for flag in FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    opened = webdriver.Chrome(options=options, service=Service(driver))
    yield opened
    opened.quit()


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """A digest of three stories: one in other outlets' words too, one with a word that cannot be broken, one right to left."""
    titles = [
        ("NATO chief visits Odesa as Ukraine asks for air defence", "en"),
        ("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung" * 3, "de"),
        ("الناتو وأوكرانيا يتفقان على الدفاع الجوي", "ar"),
    ]
    lines = [_line(number, title, language) for number, (title, language) in enumerate(titles, 1)]
    reader = Subscriber(id="desk", topics=("t",), channels=(Channel(key="email:a@b", kind=ChannelKind.EMAIL, address="a@b"),))
    said = contents(
        reader,
        kind="digest",
        topics=["NATO and Ukraine"],
        stories=lines,
        sources=[Source(name="NATO", is_failing=False, last_news_at=NOW), Source(name="Quarry Post", is_failing=True, last_news_at=None)],
        now=NOW,
    )
    path = tmp_path_factory.mktemp("mail") / "digest.html"
    path.write_text(render(said, now=NOW).html, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def notice(tmp_path_factory) -> Path:
    """A notice about a feed whose title, address and trouble cannot be broken."""
    told = Notice(
        kind=EventKind.DISABLED,
        at=NOW,
        feed_id="a-feed-with-a-very-long-name-that-somebody-wrote-into-the-configuration-by-hand",
        feed_title="Nachrichtenübersichtsverzeichnisweiterleitungsadressenänderung",
        feed_url="https://paper.example/" + "a" * 200,
        detail="it has failed 31 times in a row since 8 November 2026",
        failing_since=NOW - timedelta(days=14),
        last_problem="tls (" + "x" * 120 + ")",
        advice="Encryption with this server fails: tell the publisher.",
        proposed_url="https://paper.example/new/" + "b" * 120,
    )
    path = tmp_path_factory.mktemp("mail") / "notice.html"
    path.write_text(render_notice(told, Subscriber(id="desk", topics=("t",), channels=()), now=NOW).html, encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [600, 360])
def test_a_notice_fits_its_window_and_its_words_stand_out(browser, notice, width, scheme):
    show(browser, notice, width=width, scheme=scheme)

    ratios = browser.execute_script(CONTRASTS)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert len(ratios) > 10
    assert min(ratio for ratio, _ in ratios) >= 4.5, sorted(ratios)[:3]


def _line(number, title, language):
    text = f"{title}. The alliance's Secretary General promised further help. Talks go on."
    articles = [
        Article(
            id=10 * number + copy,
            url=f"https://outlet{copy}.example/{number}",
            url_key=f"{number}-{copy}",
            title=title,
            text=text,
            outlet=f"outlet{copy}.example",
            language=language,
            seen_at=NOW - timedelta(minutes=copy),
            status=ArticleStatus.FULL,
        )
        for copy in range(4)
    ]
    evidence = (Evidence(group="nato", term="=NATO", field="title", start=0, stop=4, points=2.5),)
    story = Story(id=number, title=title, language=language, article_count=4, source_count=4, independent_count=4, first_seen_at=NOW, last_seen_at=NOW)
    members = [Member(article=article, score=0.9, evidence=evidence) for article in articles]
    return story_line(story, topic="t", topic_title="NATO and Ukraine", score=0.9, step=0, members=members)


def show(browser, page, *, width, scheme="light"):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    browser.get(page.as_uri())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [600, 360])
def test_nothing_is_wider_than_the_window(browser, page, width, scheme):
    show(browser, page, width=width, scheme=scheme)

    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_paper(browser, page, scheme):
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for every text that is shown."""
    show(browser, page, width=600, scheme=scheme)

    ratios = browser.execute_script(CONTRASTS)

    assert len(ratios) > 20
    assert min(ratio for ratio, _ in ratios) >= 4.5, sorted(ratios)[:3]


def test_the_mail_asks_nobody_for_anything(browser, page):
    show(browser, page, width=600)

    assert browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)") == []


CONTRASTS = """
const channel = value => { value /= 255; return value <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4 };
const light = rgb => .2126 * channel(rgb[0]) + .7152 * channel(rgb[1]) + .0722 * channel(rgb[2]);
const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
const paper = element => {
  for (let at = element; at; at = at.parentElement) {
    const colour = numbers(getComputedStyle(at).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
  if (!walker.currentNode.data.trim() || box.width < 2 || box.height < 2 || style.visibility === 'hidden' || parseFloat(style.opacity) === 0) continue;
  const ink = light(numbers(style.color)), ground = light(paper(element));
  found.push([(Math.max(ink, ground) + .05) / (Math.min(ink, ground) + .05), walker.currentNode.data.trim().slice(0, 40)]);
}
return found;
"""
