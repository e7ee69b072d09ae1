"""From a page's bytes to text that is safe to parse."""

import re
import zlib
from dataclasses import dataclass
from itertools import pairwise

from monitor.late import late
from monitor.status import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a page may cost before lxml sees it.

    page_bytes: after unpacking. tags: start tags. depth: nested elements; libxml2 silently loses text below 256.
    attributes: of one element; 200,000 of them stop every extractor (research/extraction.md §3).
    """

    page_bytes: int = 3 << 20
    tags: int = 50_000
    depth: int = 200
    attributes: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A page as text. stopper: why it must not be parsed, else None. oddities: what was strange but is mended."""

    text: str = ""
    encoding: str = ""
    stopper: Problem | None = None
    oddities: tuple[Problem, ...] = ()


def decode_page(page: bytes, content_type: str, limits: Limits, *, sample: str = "") -> Decoded:
    """The page's text, or the reason to leave it alone.

    Unpacks gzip inside the body. Encoding: BOM, UTF-16 by its zeros, valid UTF-8; else what HTTP or the page declares,
    unless another table of the web reads clearly more like a language. sample: words the page should hold, such as
    the feed's, which decide between tables.
    """
    try:
        page = unpacked(page, limits.page_bytes)
    except zlib.error as error:
        return Decoded(stopper=Problem(code="bad-compression", detail=str(error)))
    if len(page) > limits.page_bytes:
        return Decoded(stopper=Problem(code="too-large", detail=f"more than {limits.page_bytes} bytes"))
    if kind := _foreign_kind(page, content_type):
        return Decoded(stopper=Problem(code="not-html", detail=kind))
    encoding, oddities = _encoding_of(page, content_type, sample)
    text = page.decode(encoding, "replace").lstrip("\ufeff").replace("\x00", "")
    stopper = shape_problem(text, limits)
    if stopper is not None and stopper.code == "too-deep":
        text = flattened(text, limits.depth)
        oddities += (stopper,)
        stopper = shape_problem(text, limits)
    return Decoded(text=text, encoding=encoding, stopper=stopper, oddities=oddities)


# ------------------------------------------------------------------------------------------ bytes
_GZIP = b"\x1f\x8b"


def unpacked(page: bytes, cap_bytes: int) -> bytes:
    """The page without gzip around it; at most one byte more than the cap, so that a bomb costs nothing.

    raises: zlib.error where the packing is broken before any byte came out.
    """
    if not page.startswith(_GZIP):
        return page
    unpacker = zlib.decompressobj(wbits=31)
    return unpacker.decompress(page, cap_bytes + 1)


_MAGIC = {
    b"%PDF-": "pdf",
    b"\x89PNG": "image",
    b"\xff\xd8\xff": "image",
    b"GIF8": "image",
    b"RIFF": "media",
    b"PK\x03\x04": "archive",
    b"\x00\x00\x00\x18ftyp": "media",
    b"\x00\x00\x00\x20ftyp": "media",
    b"ID3": "media",
    b"OggS": "media",
    b"\xd0\xcf\x11\xe0": "document",
    b"\x1f\x8b": "archive",  # packed twice
    b"\x28\xb5\x2f\xfd": "archive",
    b"{\\rtf": "document",
    b'{"': "data",
    b"[{": "data",
}
_FOREIGN_TYPE = late(
    r"\s*(?:image|audio|video|font)/|\s*application/(?:pdf|zip|msword|octet-stream|json|javascript|vnd\.)|\s*text/(?:css|javascript|calendar|csv)",
    re.IGNORECASE,
)


def _foreign_kind(page: bytes, content_type: str) -> str:
    start = page[:64].lstrip()
    for magic, kind in _MAGIC.items():
        if start.startswith(magic):
            return kind
    # Some servers send pages as application/octet-stream, so a page that opens like HTML is one.
    if _FOREIGN_TYPE.match(content_type) and not start.startswith(b"<"):
        return content_type.split(";")[0].strip().lower()
    return ""


# --------------------------------------------------------------------------------------- encoding
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_HTTP_CHARSET = late(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = late(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_ENCODING = late(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
# Browsers read these labels as their wider relatives (WHATWG Encoding §4.2), and so do authors.
_WIDER = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "x-sjis": "cp932",
    "koi8-ru": "koi8-u",
    "koi8-r": "koi8-u",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "windows-1255": "cp1255",
    "windows-1256": "cp1256",
    "windows-1257": "cp1257",
    "windows-1258": "cp1258",
    "big5": "big5hkscs",
    "euc-jp": "euc_jp",
    "iso-8859-2": "iso8859-2",
    "iso-8859-5": "iso8859-5",
    "iso-8859-7": "iso8859-7",
    "utf-16": "utf-8",  # in a meta that could be read as ASCII it is a lie
    "utf-16le": "utf-8",
    "utf-16be": "utf-8",
}
# Which languages are written in which table (WHATWG Encoding §4.2 has the tables): one that reads as Polish in a Korean table is noise.
_LANGUAGES_OF = {
    "cp1252": "af ca cy da de en es eu fi fo fr ga gd gl id is it la lb mg nl no oc pt rm sq sv sw",
    "cp1250": "cs hr hu pl ro sk sl sq",
    "iso8859-2": "cs hr hu pl ro sk sl",
    "cp1251": "be bg mk ru sr uk",
    "koi8-u": "ru uk",
    "iso8859-5": "be bg mk ru sr uk",
    "cp866": "ru",
    "cp1253": "el",
    "iso8859-7": "el",
    "cp1254": "tr az ku",
    "cp1255": "he yi",
    "iso8859-8": "he",
    "cp1256": "ar fa ur",
    "iso8859-6": "ar",
    "cp1257": "et lt lv",
    "iso8859-4": "et lt lv",
    "cp1258": "vi",
    "cp874": "th",
    "gb18030": "zh",
    "big5hkscs": "zh",
    "cp932": "ja",
    "euc_jp": "ja",
    "cp949": "ko",
}
# The commonest characters of the languages with thousands: one in five to two in three of a text (in a wrong table one in fifty).
_CHINESE = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经這個為國時來們說產後會對發動過學經與將於從關電長開"
)
_COMMON = {
    "gb18030": _CHINESE,
    "big5hkscs": _CHINESE,
    "cp932": frozenset("のにはをたがでてとしれさいるなかっくすもり、。"),
    "euc_jp": frozenset("のにはをたがでてとしれさいるなかっくすもり、。"),
    "cp949": frozenset("이다의는에을를가은로고하지기한사자도서대인시어리정"),
}
_SAMPLE_BYTES = 60_000
# In units of the language detector's score, where a good text has 150 to 800.
_NO_LANGUAGE, _NOISE, _IN_WORDS, _WRONG_LANGUAGE, _KNOWN_WORDS, _DECLARED = 2_000, 4_000, 1_500, 600, 400, 50


def _encoding_of(page: bytes, content_type: str, sample: str) -> tuple[str, tuple[Problem, ...]]:
    for bom, encoding in _BOMS:
        if page.startswith(bom):
            return encoding, ()
    if encoding := _utf16_without_bom(page):
        return encoding, (Problem(code="encoding-guessed", detail=encoding),)
    if b"\x1b$B" in page or b"\x1b$@" in page:
        return "iso2022_jp", ()
    if _is_utf8(page):
        return "utf-8", ()
    declared = _declared(page, content_type)
    words = _telling_words(sample)
    shown = _shown(page)
    # A UTF-8 page cut in the middle of a letter, or with a stray byte, is still one.
    scores = {
        encoding: _strangeness(shown, encoding, words) - _DECLARED * (encoding == declared)
        for encoding in dict.fromkeys((declared or "utf-8", "utf-8", *_LANGUAGES_OF))
    }
    best = min(scores, key=lambda encoding: scores[encoding])
    return best, () if best == declared else (Problem(code="encoding-guessed", detail=best),)


def _shown(page: bytes) -> bytes:
    """Bytes between the tags, as much as a judgement needs; tags are ASCII in every table that comes here."""
    head, pieces, place = page[: 10 * _SAMPLE_BYTES], [], 0
    # Not in one expression: a page of "<script><script>…" would cost the square of its length.
    while (found := _SCRIPT.search(head, place)) and (end := _SCRIPT_END.search(head, found.end())):
        pieces.append(head[place : found.start()])
        place = end.end()
    pieces.append(head[place : found.start() if found else None])
    return re.sub(rb"<[^<>]*+>", b" ", b" ".join(pieces))[:_SAMPLE_BYTES]


_SCRIPT = late(rb"<(?:script|style)\b", re.IGNORECASE)
_SCRIPT_END = late(rb"</(?:script|style)", re.IGNORECASE)


def _telling_words(sample: str) -> tuple[str, ...]:
    return tuple(word for word in dict.fromkeys(_WORD.findall(sample.casefold())) if len(word) >= 4 and not word.isascii())[:40]


def _strangeness(shown: bytes, encoding: str, words: tuple[str, ...]) -> float:
    """How unlike a text the bytes read in a table: 0 for none, some hundreds for a good one, more for noise."""
    from resiliparse.parse.lang import detect_fast  # most pages are UTF-8 and never come here

    text = " ".join(shown.decode(encoding, "replace").split())
    foreign = sum(not character.isascii() for character in text)
    if not foreign:
        return 0.0
    language, distance = detect_fast(text, cutoff=_NO_LANGUAGE) if len(text) > 20 else ("", 0)
    score = float(distance or _NO_LANGUAGE)
    table = _WIDER.get(encoding, encoding)
    if table in _LANGUAGES_OF and language not in _LANGUAGES_OF[table].split():
        score += _WRONG_LANGUAGE
    if table in _COMMON:
        letters = sum(character >= "\u2e80" for character in text)
        score = 400 if sum(character in _COMMON[table] for character in text) > 0.08 * max(letters, 1) else score + _WRONG_LANGUAGE
    score += _NOISE * text.count("\ufffd") / foreign + _IN_WORDS * (_oddness(text) + len(_BROKEN_WORD.findall(text)) / foreign)
    if words:
        folded = text.casefold()
        score -= _KNOWN_WORDS * sum(word in folded for word in words) / len(words)
    return score


# Signs that stand in no word, and letters' places in a neighbouring table: "s±", "¶wiat".
_BROKEN_WORD = late(r"(?<=[^\W\d_])[±¶¦¬¤¥¨¯´¸¹²¼½¾÷×\u0080-\u00a0\u2010-\u2bff]|[±¶¦¬¤¥¨¯´¸¹²¼½¾÷×\u0080-\u009f](?=[^\W\d_])")


def _utf16_without_bom(page: bytes) -> str:
    """UTF-16 has a zero in every second byte of its markup, and hardly one in the others, whatever the text is written in."""
    head = page[:20_000]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    fewer, more = sorted((even, odd))
    if more < 8 or fewer > more // 10 or more < len(head) // 40:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf8(page: bytes) -> bool:
    # A text in another table is practically never valid UTF-8, while pages in UTF-8 under a wrong label are common.
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _declared(page: bytes, content_type: str) -> str:
    head = page[:4_096]
    in_http = _HTTP_CHARSET.search(content_type)
    in_page = _XML_ENCODING.search(head) or _META_CHARSET.search(head)
    for label in (in_http.group(1) if in_http else "", in_page.group(1).decode("ascii", "replace") if in_page else ""):
        encoding = _WIDER.get(label.lower(), label.lower())
        if encoding and _is_known(encoding):
            return encoding
    return ""


def _is_known(encoding: str) -> bool:
    try:
        # Codecs such as "zip" or "rot13" are known, too, but do not give text.
        return isinstance(b"a".decode(encoding, "replace"), str)
    except (LookupError, ValueError):
        return False


_WORD = late(r"[^\W\d_]+")
_NEVER_IN_PROSE = late("[\ufffd\x80-\x9f\u2500-\u257f\u2580-\u259f]")


def _oddness(text: str) -> float:
    """Share of the non-ASCII characters that a reader would not expect there: 0 is fine, 1 is noise.

    KOI8 read as cp1251 keeps its length but turns the case inside out ("оПХБЕР"), so a capital after a small
    letter counts; box-drawing signs, controls and U+FFFD count, words that mix Latin and Cyrillic ("grцЯere"),
    Latin words of mostly accented letters ("ďîâłäîě"), and Cyrillic without its commonest letters.
    """
    foreign = sum(not character.isascii() for character in text)
    if not foreign:
        return 0.0
    odd = len(_NEVER_IN_PROSE.findall(text))
    cyrillic = common = 0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        accented = sum(not letter.isascii() for letter in word)
        own = sum("\u0400" <= letter <= "\u04ff" for letter in word)
        odd += sum(a.islower() and b.isupper() for a, b in pairwise(word))
        if (own and accented < len(word)) or (not own and word[0] < "\u0250" and len(word) > 3 and accented > len(word) / 2):
            odd += accented
        cyrillic += own
        common += sum(letter in _COMMON_CYRILLIC for letter in word.lower())
    if cyrillic > 50 and common < 0.3 * cyrillic:
        odd += cyrillic
    return odd / foreign


# Two thirds of the letters in Russian and Ukrainian, more than half in Bulgarian and Serbian.
_COMMON_CYRILLIC = frozenset("оаеиінтрсв")


# ------------------------------------------------------------------------------------------ shape
# Possessive (+): without it a page of "<aaaa…" costs the square of its length.
_TAG = late(r"<!--|<(/?)([a-zA-Z][^\s/<>]*+)([^<>]*+)>")
_RAW_END = {name: late(rf"</{name}", re.IGNORECASE) for name in ("script", "style", "textarea", "title")}
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905
# The parser closes these by itself, so old pages without end tags are not deep.
_CLOSED_BY_PARSER = frozenset("p li td th tr dt dd option tbody thead tfoot body html head colgroup optgroup".split())  # noqa: SIM905
_CLOSED_AT_ONCE = _VOID | _CLOSED_BY_PARSER


def shape_problem(text: str, limits: Limits) -> Problem | None:
    """Why this HTML must not reach a parser, or None; one linear scan of the tags. What looks like one in a comment or script is none."""
    tags = depth = place = 0
    while found := _TAG.search(text, place):
        place = found.end()
        is_end, name, attributes = found.groups()
        if name is None:
            place = text.find("-->", place) + 3
            if place < 3:  # never closed: everything after it is comment
                return None
            continue
        name = name.lower()
        nests = name not in _CLOSED_AT_ONCE and not attributes.endswith("/")
        if is_end:
            depth -= nests and depth > 0
            continue
        tags += 1
        depth += nests
        if tags > limits.tags:
            return Problem(code="too-many-tags", detail=f"more than {limits.tags}")
        if depth > limits.depth:
            return Problem(code="too-deep", detail=f"more than {limits.depth} nested elements")
        if len(attributes) > 2 * limits.attributes and len(attributes.split()) > limits.attributes < attributes.count("="):
            return Problem(code="too-many-attributes", detail=f"more than {limits.attributes} in one element")
        if raw_end := _RAW_END.get(name):
            end = raw_end.search(text, place)
            if not end:
                return None
            place = end.start()
    return None


def flattened(text: str, depth: int) -> str:
    """The markup without elements nested deeper than so many; their text stays, in its order.

    libxml2 would silently lose all of it. End tags without a start are left to the parser.
    """
    pieces: list[str] = []
    open_elements: list[tuple[str, bool]] = []
    place = kept_to = 0
    while found := _TAG.search(text, place):
        place = found.end()
        if found[2] is None:
            place = text.find("-->", place) + 3
            if place < 3:
                break
            continue
        name = found[2].lower()
        if not found[1] and (raw_end := _RAW_END.get(name)):
            end = raw_end.search(text, place)
            if not end:
                break
            place = end.start()
        if name in _CLOSED_AT_ONCE or found[3].endswith("/"):
            continue
        if not found[1]:
            is_dropped = len(open_elements) >= depth
            open_elements.append((name, is_dropped))
        elif open_elements and open_elements[-1][0] == name:
            is_dropped = open_elements.pop()[1]
        else:
            continue
        if is_dropped:
            between = text[kept_to : found.start()]
            pieces += (between, "<br>" if name in _BREAKING and between.strip() else "")
            kept_to = found.end()
    return "".join((*pieces, text[kept_to:]))


_BREAKING = frozenset("div section article main blockquote ul ol table".split())  # noqa: SIM905
