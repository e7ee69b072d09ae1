"""The feed's own HTML as plain text: what we match when no page is fetched, or the page fails."""

import html
import re
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]
from lxml.html import HtmlElement, HTMLParser, document_fromstring  # type: ignore[import-untyped]

from monitor.articles.decode import Limits, shape_problem
from monitor.articles.hidden import is_hidden

FEED_HTML_CHARS = 300_000

_DROPPED = frozenset(
    "script style noscript template iframe object embed svg math canvas audio video picture img figcaption form button input select textarea head".split()  # noqa: SIM905
)
_BLOCKS = frozenset("p div br hr li ul ol dl dt dd table tr td th h1 h2 h3 h4 h5 h6 blockquote pre section article header footer aside main figure nav".split())  # noqa: SIM905
_LINE_BREAK = "\n"


def from_feed(title: str, summary_html: str, content_html: str) -> str:
    """The entry's text, paragraphs on lines of their own: its content, or its summary where that says more.

    title: plain; a first line that only repeats it is dropped.
    """
    lines = max((plain_text(part) for part in (content_html, summary_html)), key=len).split("\n")
    if len(lines) > 1 and lines[0].casefold() == title.strip().casefold():
        lines = lines[1:]
    return "\n".join(lines)


def plain_text(markup: str) -> str:
    """Visible text of a piece of HTML; scripts, hidden nodes and pictures are left out. Never raises, always bounded."""
    markup = markup[:FEED_HTML_CHARS]
    if "<" not in markup:
        return _tidy(html.unescape(markup))
    if (simple := _simple_text(markup)) is not None:
        return simple
    if shape_problem(markup, Limits(page_bytes=FEED_HTML_CHARS)):
        return _tidy(html.unescape(re.sub(r"<[^<>]*+>", " ", markup)))
    tree = parsed(markup)
    return "" if tree is None else text_of(tree)


# What feeds are full of: paragraphs, links and emphasis, opened and closed in order.
_SIMPLE_TAG = re.compile(
    r"<(?:(?P<close>/)(?P<closed>[a-z][a-z0-9]*+)|(?P<opened>[a-z][a-z0-9]*+)(?:\s++[a-z-]++(?:=(?:\"[^\"<>]*+\"|'[^'<>]*+'))?+)*+\s*+/?+)>"
)
_SIMPLE_INLINE, _SIMPLE_VOID = frozenset(["a", "b", "i", "u", "em", "strong", "span"]), frozenset(["br", "img"])
_SIMPLE_BLOCKS = frozenset("p div ul ol li blockquote h2 h3 h4".split())  # noqa: SIM905
_SIMPLE_DEPTH = 20  # each tag looks at all that it stands in: 50,000 nested ones took 80 s
_MAY_HIDE = ("style", "hidden", "sr-only", "screen-reader")  # what articles/hidden.py looks for
_ODD_LETTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ODD_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|nbsp|#39|#1[6-9]\d|#[2-9]\d\d|#\d{4});)")


def _simple_text(markup: str) -> str | None:
    """What `text_of` gives for the tree of simple markup, without a tree: a tenth of the time. None where it is not that simple."""
    if any(word in markup for word in _MAY_HIDE) or _ODD_REFERENCE.search(markup):
        return None
    if not markup.replace("\n", " ").isprintable() and _ODD_LETTER.search(markup):  # the first question is a hundred times cheaper
        return None
    tags = list(_SIMPLE_TAG.finditer(markup))
    if len(tags) != markup.count("<"):
        return None
    pieces: list[str] = []
    open_tags: list[str] = []
    reached = 0
    for tag in tags:
        if len(open_tags) > _SIMPLE_DEPTH:
            return None
        pieces.append(_segment(markup[reached : tag.start()]))
        reached = tag.end()
        name = tag["opened"] or tag["closed"]
        if tag["close"]:
            if not open_tags or open_tags.pop() != name:
                return None
        elif name in _SIMPLE_INLINE:
            if name in open_tags:  # a link in a link ends the first one
                return None
            open_tags.append(name)
        elif name in _SIMPLE_BLOCKS:
            if any(outer not in ("div", "ul", "ol", "li", "blockquote") for outer in open_tags):  # it would end what it stands in
                return None
            if name == "li" and (not open_tags or open_tags[-1] not in ("ul", "ol")):  # ends another one
                return None
            open_tags.append(name)
        elif name not in _SIMPLE_VOID:
            return None
        if name in _SIMPLE_BLOCKS or name == "br":
            pieces.append(_LINE_BREAK)
    if open_tags:
        return None
    pieces.append(_segment(markup[reached:]))
    return _tidy("".join(pieces))


def _segment(text: str) -> str:
    """Every run of blanks as one; a third of the time of a pattern."""
    text = html.unescape(text) if "&" in text else text
    squeezed = " ".join(text.split())
    return (" " if text[:1].isspace() else "") + squeezed + (" " if squeezed and text[-1:].isspace() else "")


def parsed(markup: str) -> HtmlElement | None:
    """An lxml tree of a page or a piece of one; None where nothing is in it."""
    try:
        # As bytes, because lxml refuses text with an encoding declaration inside.
        return document_fromstring(markup.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def text_of(element: HtmlElement) -> str:
    """Visible text below an element, block elements on lines of their own."""
    return _tidy("".join(_pieces(element)))


def _pieces(element: HtmlElement) -> Iterator[str]:
    """Recursion is safe: `shape_problem` bounds the depth."""
    if not isinstance(element.tag, str):  # comments and processing instructions
        return
    is_block = element.tag in _BLOCKS
    if is_block:
        yield _LINE_BREAK
    if element.text:
        yield re.sub(r"\s+", " ", element.text)
    for child in element:
        if child.tag not in _DROPPED and not is_hidden(child):
            yield from _pieces(child)
        if child.tail:
            yield re.sub(r"\s+", " ", child.tail)
    if is_block:
        yield _LINE_BREAK


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.replace("\x00", "").splitlines())
    return "\n".join(line for line in lines if line)
