"""Text out of what feeds call text."""

import re
from html import unescape

from lxml import etree  # type: ignore[import-untyped]

from monitor.markup import simple_pieces
from monitor.text import between_letters, squeezed, without_towers

MAX_TITLE_CHARS = 1_000
MAX_TITLE_BYTES = 2_000
MAX_SUMMARY_CHARS = 2_000
MAX_SOURCE_CHARS = 40_000  # of HTML, for one line of text: a title of 5 MB costs no more than one of 40 KB

# What must not reach a database, a terminal or a mail header: C0 and C1 controls but for tab and line ends, halves of
# surrogate pairs, the two code points that are never characters, and the byte order mark inside a text.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufeff]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

# Names that make a title HTML although it says it is text. "Using <Suspense>" and "List<String>" keep their words.
_HTML_NAMES = (
    "a|abbr|article|aside|audio|b|base|big|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|embed|figure|figcaption|font|form|frame|h[1-6]|"
    "head|hr|html|i|iframe|img|input|ins|label|li|link|math|meta|nobr|noscript|object|ol|p|pre|q|s|script|section|small|source|span|strike|strong|style|"
    "sub|sup|svg|table|tbody|td|template|th|thead|tr|tt|u|ul|video|wbr"
)
_HTML_TAG = re.compile(rf"</?(?:{_HTML_NAMES})(?:[\s/][^<>]*)?/?>|<!--", re.IGNORECASE)

_BLOCKS = frozenset(
    """
    address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr iframe img li ol p pre section table td th tr ul
    video
    """.split()  # noqa: SIM905  (a list of words reads better without quotes)
)
_SILENT = frozenset(["script", "style", "template", "noscript", "head", "iframe", "object", "svg", "math"])


def clean(text: str) -> str:
    """The text without control characters and broken surrogates."""
    # Nothing printable is to go; a whole document is seen to be so in half the time of the pattern.
    is_printable = text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable()
    return text if is_printable else _CONTROL.sub("", text)


def one_line(text: str) -> str:
    """Cleaned, with every run of blanks and line ends, U+2028 too, as one blank: fit for a subject and a log line."""
    return squeezed(clean(text))


def plain(text: str, *, is_html: bool | None = None) -> str:
    """One line of plain text: tags out, entities decoded once, controls out, and what is piled up on letters down to four marks.

    is_html: None means that the feed does not say; then only known HTML tags make it HTML.
    """
    text = text[:MAX_SOURCE_CHARS]
    if is_html is None:
        is_html = _HTML_TAG.search(text) is not None
    return without_towers(one_line(_text_of(text) if is_html and "<" in text else _decoded_once(text)))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, at the end of a word where there is one, and of a letter with its marks in any case."""
    if len(text) <= limit:
        return text
    return (text[:limit].rpartition(" ")[0] or text[: between_letters(text, limit - 1)]) + "…"


def cut_bytes(text: str, limit: int) -> str:
    """`cut` to at most so many bytes of UTF-8."""
    encoded = text.encode()
    return text if len(encoded) <= limit else cut(text, len(encoded[: limit - 2].decode("utf-8", "ignore")))


def _decoded_once(text: str) -> str:
    # With the semicolon only: "?a=1&copy=2" is an address, not a copyright sign.
    return _ENTITY.sub(lambda entity: unescape(entity[0]), text) if "&" in text else text


def _text_of(html: str) -> str:
    """What a reader would see of a fragment: libxml2's recovering parser, because patterns over tags are slow on hostile input and wrong on quoted ">"."""
    simple = simple_pieces(html, breaks=" ", at_pictures=" ")
    if simple is not None:
        return "".join(simple)
    # Its nesting limit (256) is wanted: deeper is an attack, and what came before it is kept.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        # The wrapper keeps a fragment that begins with a processing instruction or a comment from being swallowed whole.
        root = etree.fromstring(f"<div>{clean(html)}</div>".encode(), parser)
    except etree.XMLSyntaxError:  # nothing but a comment, say
        return ""
    pieces: list[str] = []
    _collect(root, pieces)
    return "".join(pieces)


def _collect(root: etree._Element, pieces: list[str]) -> None:
    """Append the visible text, with a blank where a block begins or ends. Walks by events, so depth costs no stack."""
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            silent += element.tag in _SILENT
            pieces.append((" " if element.tag in _BLOCKS else "") + ((element.text or "") if not silent else ""))
        else:
            silent -= element.tag in _SILENT
            pieces.append((" " if element.tag in _BLOCKS else "") + ((element.tail or "") if not silent else ""))
