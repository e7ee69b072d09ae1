"""Nodes that a program reads and a reader does not see: words put there for search engines must not match."""

import re

from lxml import etree  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from monitor.late import late

_HIDING = late(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0?\.?0+(?![\d.])|font-size\s*:\s*0(?![\d.])|"
    r"(?:left|right|top|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_HIDING_CLASS = late(r"(?:^|\s)(?:sr-only|visually-hidden|screen-reader-text)(?:\s|$)")
_COLOUR = late(r"(?:^|;)\s*color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = late(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_PAINTED_CLASS = late(r"background|\bbg\b|bg-|-bg|dark|hero|cover|overlay|banner", re.IGNORECASE)
_WHITE = ("255", "255", "255")
_NAMED = {"white": _WHITE, "black": ("0", "0", "0")}

_STORY_CHARS = 400


def may_hide(markup: str) -> bool:
    """Whether anything on a page can be hidden by what its elements say themselves; where not, none of them need be asked."""
    markup = markup.lower()
    return any(map(markup.__contains__, _HIDING_WORDS)) or _STYLED.search(markup) is not None


_HIDING_WORDS = ("hidden", "sr-only", "screen-reader-text", "&#")  # numbers may spell any class
_STYLED = late(r"style\s*=")


def is_hidden(element: HtmlElement) -> bool:
    """Whether an element's own attributes take it out of sight: not shown, without size, off the page, or in the colour of its background."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true" or _HIDING_CLASS.search(element.get("class") or ""):
        return True
    style = element.get("style") or ""
    return bool(style) and (_HIDING.search(style) is not None or _is_in_its_background(element, style))


def drop_hidden(tree: HtmlElement) -> None:
    """Take what nobody sees out of a page.

    Not where it holds the story itself, which is most of the page's paragraphs: some pages hide all of it until
    their scripts run or a reader has paid.
    """
    # Most elements have none of these, and are asked for them faster than XPath is.
    suspects = [
        element
        for element in tree.iter(etree.Element)
        if (get := element.get)("style") is not None or get("hidden") is not None or get("aria-hidden") is not None or "-" in get("class", "")
    ]
    hidden = [element for element in suspects if is_hidden(element)]
    whole = _paragraph_chars(tree) if hidden else 0
    for element in hidden:
        holds_story = element.tag in ("html", "body") or 2 * _paragraph_chars(element) > whole > _STORY_CHARS
        if not holds_story and element.getparent() is not None:
            element.drop_tree()


def _paragraph_chars(tree: HtmlElement) -> int:
    """Letters in paragraphs: counting all text would count scripts, too, which can be longer than the story."""
    return sum(len(paragraph.text_content()) for paragraph in tree.iter("p"))


def _is_in_its_background(element: HtmlElement, style: str) -> bool:
    found = _COLOUR.search(style)
    colour = _read(found[1]) if found else ()
    return bool(colour) and colour == _background(element)


def _background(element: HtmlElement) -> tuple[str, ...]:
    """The colour behind an element as far as its own attributes and those around it say; nothing where style sheets may say it."""
    place: HtmlElement | None = element
    while place is not None:
        if found := _BACKGROUND.search(place.get("style") or ""):
            return _read(found[1])
        if place.get("bgcolor"):
            return _read(place.get("bgcolor"))
        if _PAINTED_CLASS.search(place.get("class") or ""):
            return ()
        place = place.getparent()
    return _WHITE


def _read(colour: str) -> tuple[str, ...]:
    """Red, green and blue as numbers in text; () for what is no plain colour."""
    text = colour.strip().lower()
    if text in _NAMED:
        return _NAMED[text]
    if found := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", text):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return tuple(str(int(digits[place : place + 2], 16)) for place in (0, 2, 4))
    if found := re.fullmatch(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*1(?:\.0*)?\s*)?\)", text):
        return found.groups()
    return ()
