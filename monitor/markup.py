"""Markup as feeds are full of it, read without a tree."""

import html
import re

# What feeds are full of: paragraphs, links and emphasis, opened and closed in order.
_SIMPLE_TAG = re.compile(r"<(?:/(?P<closed>[a-z][a-z0-9]*+)|(?P<opened>[a-z][a-z0-9]*+)(?:\s++[a-z-]++(?:=(?:\"[^\"<>]*+\"|'[^'<>]*+'))?+)*+\s*+/?+)>")
_SIMPLE_INLINE, _SIMPLE_VOID = frozenset(["a", "b", "i", "u", "em", "strong", "span"]), frozenset(["br", "img"])
_SIMPLE_BLOCKS = frozenset("p div ul ol li blockquote h2 h3 h4".split())  # noqa: SIM905
_SIMPLE_DEPTH = 20  # each tag looks at all that it stands in: 50,000 nested ones took 80 s
_ODD_LETTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ODD_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|nbsp|#39|#1[6-9]\d|#[2-9]\d\d|#\d{4});)")


def simple_pieces(markup: str, *, breaks: str, at_pictures: str) -> list[str] | None:
    """The text of simple markup, piece by piece, as a parser of HTML would have it; None where it is not that simple.

    breaks: what stands where a block begins or ends. at_pictures: what stands for a picture.
    Of blanks only what parts lines is sure to be one; who asks squeezes the rest. Nothing here knows of styles: who leaves out what is hidden asks before.
    """
    if "&" in markup and _ODD_REFERENCE.search(markup):
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
        start, end = tag.span()
        if start > reached:
            pieces.append(_segment(markup[reached:start]))
        reached = end
        closed, opened = tag.groups()
        name = opened or closed
        if closed:
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
        if name == "img":
            pieces.append(at_pictures)
        elif name in _SIMPLE_BLOCKS or name == "br":
            pieces.append(breaks)
    if open_tags:
        return None
    pieces.append(_segment(markup[reached:]))
    return pieces


def _segment(text: str) -> str:
    """Without line ends, which may stand for blanks only."""
    text = html.unescape(text) if "&" in text else text
    if text.isprintable():  # then it has no blanks but plain ones
        return text
    return (" " if text[:1].isspace() else "") + " ".join(text.split()) + (" " if text[-1:].isspace() else "")
