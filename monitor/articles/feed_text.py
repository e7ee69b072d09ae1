"""The feed's own HTML as plain text: what we match when no page is fetched, or the page fails."""

import html
import re
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HtmlProcessingInstruction, document_fromstring  # type: ignore[import-untyped]

from monitor.articles.decode import Limits, shape_problem
from monitor.articles.hidden import is_hidden
from monitor.markup import simple_pieces
from monitor.text import squeezed

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


# What articles/hidden.py looks for.
_MAY_HIDE = ("style", "hidden", "sr-only", "screen-reader")


def _simple_text(markup: str) -> str | None:
    """What `text_of` gives for the tree of simple markup, without a tree: a tenth of the time. None where it is not that simple."""
    pieces = None if any(map(markup.__contains__, _MAY_HIDE)) else simple_pieces(markup, breaks=_LINE_BREAK, at_pictures="")
    return None if pieces is None else _tidy("".join(pieces))


def parsed(markup: str) -> HtmlElement | None:
    """An lxml tree of a page or a piece of one; None where nothing is in it."""
    try:
        # As bytes, because lxml refuses text with an encoding declaration inside.
        return document_fromstring(markup.encode("utf-8", "replace"), parser=_parser())
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _parser() -> etree.HTMLParser:
    """lxml.html's, but for its own classes of forms: it asks a Python function for the class of every element that is looked at."""
    parser = etree.HTMLParser(encoding="utf-8")
    parser.set_element_class_lookup(_CLASSES)
    return parser


_CLASSES = etree.ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction, entity=HtmlEntity)


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
    lines = (squeezed(line) for line in text.replace("\x00", "").splitlines())
    return "\n".join(line for line in lines if line)
