"""What README and docs say is so: links lead somewhere, examples are read, commands exist, pictures stand alone."""

import base64
import re
from pathlib import Path

import click
import pytest

from monitor import config
from monitor.cli import monitor

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
# The pages that explain the program as it is; a decision may well name a file that has gone since.
EXPLAINED = [ROOT / "README.md", ROOT / "docs" / "quickstart.md", ROOT / "docs" / "architecture.md"]
PICTURES = [path for path in (ROOT / "docs" / "pictures").iterdir() if path.suffix in (".svg", ".png")]

LINK = re.compile(r'\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"')
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"(?:^|\s)(?:\S*/bin/)?monitor((?: [a-z-][\w-]*)+)")
TARGET = re.compile(r"\bmake ([a-z]+)")
SOURCE = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.(?:py|toml|md)|\.ci/run")
OUTSIDE = re.compile(r"\w+://(?!www\.w3\.org/2000/svg)[^\s\"'<]+")
# Written by the demo, or by the reader.
MADE_LATER = {"demo-output/digest.html"}


def name(path):
    return str(path.relative_to(ROOT))


def blocks(path, *languages):
    return [text for language, text in FENCE.findall(path.read_text("utf-8")) if language in languages]


def spans(path):
    return CODE.findall(FENCE.sub("", path.read_text("utf-8")))


def links(path):
    return [one or other for one, other in LINK.findall(FENCE.sub("", path.read_text("utf-8")))]


def anchors(path):
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# ----------------------------------------------------------------------------------- links and pictures
@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page):
    for link in links(page):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{name(page)} links to {link}"
        assert not anchor or anchor in anchors(path), f"{name(page)} links to {link}, and there is no such heading"


@pytest.mark.parametrize("page", EXPLAINED, ids=name)
def test_every_source_file_it_names_is_there(page):
    named = {found for span in spans(page) for found in SOURCE.findall(span) if found == span} - MADE_LATER
    assert {found for found in named if not any((folder / found).exists() for folder in (ROOT, ROOT / "monitor"))} == set()


def test_the_pictures_are_shown_with_words_for_those_who_cannot_see_them():
    text = "".join(page.read_text("utf-8") for page in PAGES)
    assert {path for path in PICTURES if f"pictures/{path.name}" not in text} == set()
    shown = re.findall(r'!\[(.*?)\]\(|<img [^>]*alt="(.*?)"', text)
    assert shown
    assert all(markdown or html for markdown, html in shown)


@pytest.mark.parametrize("picture", PICTURES, ids=name)
def test_a_picture_is_small_and_asks_no_other_host(picture):
    assert picture.stat().st_size < 150_000
    if picture.suffix == ".svg":
        assert OUTSIDE.findall(picture.read_text("utf-8")) == []


# ------------------------------------------------------------------------------------------- examples
def test_the_configuration_in_the_readme_is_taken_without_a_warning(tmp_path):
    (excerpt,) = blocks(ROOT / "README.md", "toml")
    for secret in re.findall(r'_file = "([^"]+)"', excerpt):
        path = tmp_path / secret
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(base64.b64encode(bytes(32)))

    found = config.parse(excerpt, folder=tmp_path, environ={})

    assert found.warnings == ()
    assert [channel.kind for subscriber in config.subscribers(found) for channel in subscriber.channels] == ["email", "webhook"]


def test_the_readme_counts_the_shipped_feeds_right():
    feeds = config.feeds(config.load(ROOT / "config.toml", environ={}))
    assert f"{len(feeds)} feeds in {len({feed.language for feed in feeds})} languages" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", EXPLAINED, ids=name)
def test_every_command_it_names_exists(page):
    said = [*spans(page), *(line for block in blocks(page, "", "ini") for line in block.splitlines())]
    for words in (match[1].split() for text in said for match in COMMAND.finditer(text)):
        assert missing(words) == "", f"{name(page)}: monitor {' '.join(words)}"


def missing(words):
    """The first word that is neither a command nor an option; an argument ends the question."""
    command = monitor
    context = click.Context(monitor)
    for word in words:
        if word.startswith("-"):
            known = {spelling for each in (monitor, command) for option in each.params for spelling in option.opts}
            if word not in known:
                return word
        elif isinstance(command, click.Group):
            command = command.get_command(context, word)
            if command is None:
                return word
        else:
            return ""
    return ""


@pytest.mark.parametrize("page", EXPLAINED, ids=name)
def test_every_make_target_it_names_exists(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    said = [*spans(page), *blocks(page, "")]
    assert {target for text in said for target in TARGET.findall(text)} <= targets
