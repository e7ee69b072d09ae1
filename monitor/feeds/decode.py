"""Bytes to text, also where the label lies.

Order: byte order mark, valid UTF-8, the header's charset, the document's own, a guess.
Text that was encoded twice is read as it was meant (arminreiter-rss20spiegel.xml in the corpus).
UTF-8 comes before the labels because other text is practically never valid UTF-8 by accident, while servers
add `charset=iso-8859-1` to everything; feedparser's order (RFC 3023) made mojibake of such feeds.
"""

import codecs
import re
from dataclasses import dataclass

from monitor.status import Problem

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the one of UTF-16, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
# What browsers take these labels to mean (WHATWG Encoding §4.2): the larger set that publishers really use.
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"}
# Only codecs between bytes and letters; "utf-7" and "idna" are ways to hide things, "unicode_escape" runs escapes.
_REFUSED = frozenset({"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-8", "charmap"})

_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_DOCUMENT_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE)
_ASCII_OVERLAYS = ("iso-2022", "iso2022", "hz")  # their bytes are all ASCII, so "valid UTF-8" says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """text: without a byte order mark. encoding: Python's name of what was used."""

    text: str
    encoding: str
    problem: Problem | None = None


def decode(body: bytes, content_type: str = "") -> Decoded:
    """The text of a body; always some text, with a problem `encoding` where its label was wrong or missing."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return Decoded(text=body.decode(encoding, "replace").removeprefix("\ufeff"), encoding=encoding)
    labels = _labels(body, content_type)
    overlay = next((label for label in labels if label.startswith(_ASCII_OVERLAYS)), None)
    if overlay and b"\x1b" in body:
        return Decoded(text=body.decode(overlay, "replace"), encoding=overlay)
    try:
        text = body.decode()
        return Decoded(text=repaired(text) if is_misread(body) else text, encoding="utf-8")
    except UnicodeDecodeError as error:
        first_bad_byte = error.start
    if _is_mostly_utf8(body):
        return Decoded(text=body.decode("utf-8", _PATCH), encoding="utf-8", problem=Problem(code="encoding", detail=f"stray byte at {first_bad_byte}"))
    for label in labels:
        try:
            return Decoded(text=body.decode(label), encoding=label)
        except UnicodeError:
            continue
    guess = _guess(body)
    return Decoded(text=body.decode(guess, "replace"), encoding=guess, problem=Problem(code="encoding", detail=f"unlabelled, read as {guess}"))


# ------------------------------------------------------------------------------------ encoded twice
# How the 64 bytes that continue a letter in UTF-8 look when they are taken for Windows' Latin; five mean nothing there and stay controls.
_MISREAD = {letter: byte for byte in range(0x80, 0x100) for letter in {bytes([byte]).decode("cp1252", "ignore") or chr(byte), chr(byte)}}
_CONTINUES = "".join(letter for letter, byte in _MISREAD.items() if byte < 0xC0)
_LETTERS = rf"(?:[\xc2-\xdf][{_CONTINUES}]|[\xe0-\xef][{_CONTINUES}]{{2}}|[\xf0-\xf4][{_CONTINUES}]{{3}})"
_TWICE = re.compile(rf"(?:[\x00-\x7f]|{_LETTERS})*+")
_ONE_LETTER = re.compile(_LETTERS)
# One such pair alone may be meant ("CAFÉ…", "PÅ”"). These are not: "Ã¼", "Â©", "ÃŸe", "â€™".
_PLAINLY_TWICE = re.compile(r"[\xc2\xc3][\xa0-\xba\xbc-\xbf]|\xc2\xbb|\xc3[\w\x80-\x9f]|\xc3.(?=\w)|\xe2\u20ac|\xe2\u201a\xac|\xe2\u201e\xa2|\xe2[\x80-\x84]")
_PIECE = re.compile(r"[^<>\"]+")
# In UTF-8: a letter that begins such a pair, and one that may follow it. Most documents have none, and are not looked at further.
_MISREAD_BYTES = re.compile(rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xc6\x92|\xcb[\x86\x9c]|\xe2[\x80\x82\x84])")
TIMES = 3  # that something is encoded too often


def is_misread(body: bytes) -> bool:
    """Whether there may be anything to repair in a body of UTF-8."""
    return _MISREAD_BYTES.search(body) is not None


def repaired(text: str) -> str:
    """A document in which what was UTF-8, was taken for Windows' Latin and was encoded again reads as it was meant.

    Each piece of text for itself, and only where every letter beyond ASCII is of that kind: text that is right practically never is.
    """
    return _PIECE.sub(_repaired_piece, text)


def _repaired_piece(found: re.Match[str]) -> str:
    piece = found[0]
    for _ in range(TIMES):
        if piece.isascii() or not _TWICE.fullmatch(piece):
            break
        pairs = _ONE_LETTER.findall(piece)
        if len(pairs) < 2 and not _PLAINLY_TWICE.search(piece):
            break
        try:
            piece = bytes(_MISREAD.get(letter, ord(letter)) for letter in piece).decode()
        except UnicodeDecodeError:  # surrogates and the like
            break
    return piece


def _labels(body: bytes, content_type: str) -> list[str]:
    header = _HEADER_CHARSET.search(content_type)
    document = _DOCUMENT_CHARSET.search(body[:512])
    found = [header[1] if header else "", document[1].decode() if document else ""]
    return [codec for label in found if label and (codec := _codec(label))]


def _codec(label: str) -> str:
    """Python's codec for a label; "" for unknown and unwanted ones."""
    try:
        codec = codecs.lookup(label)
        b"".decode(codec.name)  # refuses codecs that do not give text ("hex", "zip")
    except (LookupError, ValueError, TypeError):
        return ""
    return "" if codec.name in _REFUSED else _MEANT.get(codec.name, codec.name)


def _is_mostly_utf8(body: bytes) -> bool:
    """UTF-8 with a few bytes pasted from elsewhere: more letters come out whole than broken."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) > 2 * broken


def _patch(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8 is nearly always Windows' Latin; halves of surrogate pairs and needlessly long letters are nothing."""
    assert isinstance(error, UnicodeDecodeError)
    if forged := _FORGED.match(error.object, error.start):
        return "", forged.end()
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_PATCH = "monitor.patch-utf8"
_FORGED = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]|[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]|\xf0[\x80-\x8f][\x80-\xbf]{2}")
codecs.register_error(_PATCH, _patch)


def _guess(body: bytes) -> str:
    """Western or Cyrillic.

    Western accents stand alone among ASCII letters, Cyrillic words are runs of high bytes. Windows-1251 and KOI8 put each
    other's capitals where their small letters are, so the right one of them shows many small vowels.
    """
    sample = body[:200_000]
    runs = re.findall(rb"[\x80-\xff]+", sample)
    if sum(len(run) for run in runs if len(run) > 2) * 2 < sum(map(len, runs)):
        return "cp1252"
    return max(("cp1251", "koi8-u"), key=lambda codec: sum(map(sample.decode(codec, "replace").count, "оеаинтсрі")))
