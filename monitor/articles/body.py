"""The words of the article, without what stands around them."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from monitor.articles.blocks import letters, weight
from monitor.articles.feed_text import plain_text
from monitor.articles.phrases import BY, COMMENTS, CREDIT, FOLLOW, FURNITURE, LEADS_AWAY, OFFER, RIGHTS, Openings, compiled, joined
from monitor.late import late

SCRIPT_CHARS = 2_000_000


def main_text(tree: HtmlElement, url: str) -> str:
    """trafilatura's reading of the page: paragraphs, headings and list items, one a line.

    Comments are no part of an article. Deduplication stays off: it remembers other pages and gives
    nothing from the fourth identical call on (trafilatura issue 778).
    """
    from trafilatura import bare_extraction  # 0.3 s to import

    found = bare_extraction(tree, url=url or None, include_comments=False, deduplicate=False)
    return getattr(found, "text", None) or ""


def second_opinion(tree: HtmlElement) -> str:
    """resiliparse's reading of the page: quick, and it keeps too much where trafilatura keeps too little."""
    from lxml.html import tostring
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    markup = tostring(tree, encoding="unicode")
    return str(extract_plain_text(HTMLTree.parse(markup), main_content=True, alt_texts=False, links=False, form_fields=False, noscript=False))


def best_text(page_text: str, stated_text: str) -> str:
    """The page's text, or the articleBody of its JSON-LD where that is clearly the better cut of the same words.

    Better means: most of it stands in the page's text and it leaves out a fair share (teasers, fact boxes), or it
    has everything of the page's text and much more. Believing it blindly is worse than not at all
    (research/extraction.md §2: 0.954 falls to 0.951).
    """
    if len(stated_text) < 400:
        return page_text
    page, stated = Counter(_words(page_text)), Counter(_words(stated_text))
    shared = (page & stated).total()
    is_contained = shared >= 0.95 * stated.total()
    if is_contained and 0.5 <= stated.total() / max(page.total(), 1) <= 0.93:
        return _with_lines_of(page_text, stated_text)
    if shared >= 0.9 * page.total() and stated.total() >= 1.5 * page.total():
        return stated_text
    return page_text


def fuller_text(page_text: str, others: Collection[str]) -> str:
    """The page's text, or of a short one the first other reading that says twice as much."""
    wanted = max(2 * weight(page_text), _BODY_WEIGHT)
    return next((other for other in others if weight(_prose_of(other)) >= wanted), page_text)


_BODY_WEIGHT = 400


def _prose_of(text: str) -> str:
    """Its longer lines: menus and lists of headlines say nothing of a story."""
    return "\n".join(line for line in text.splitlines() if weight(line) >= 80)


_WORD = late(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _with_lines_of(page_text: str, stated_text: str) -> str:
    """articleBody often has no line breaks, so the page's lines are kept where most of their words are in it."""
    if stated_text.count("\n") >= 3:
        return stated_text
    squeezed = "".join(_words(stated_text))
    kept = [line for line in page_text.splitlines() if "".join(_words(line)) in squeezed]
    text = "\n".join(kept)
    return text if len(text) >= 0.9 * len(stated_text) else stated_text


# ------------------------------------------------------------------------------------ script state
_STRING = late(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_PARAGRAPHS = late(r"<p[\s>]|<br\s*/?>", re.IGNORECASE)


def script_state_text(tree: HtmlElement) -> str:
    """The longest piece of HTML inside the page's scripts, as text; "" where there is none.

    Pages that a framework builds in the browser carry their article as a JSON string in the state they start
    from, one or two quotations deep.
    """
    best, budget = "", SCRIPT_CHARS
    for script in tree.iter("script"):
        source = (script.text or "")[:budget]
        budget -= len(source)
        if "ld+json" not in (script.get("type") or ""):
            best = max(best, _longest_markup(source), key=len)
    return plain_text(best)


def _longest_markup(source: str, quotations: int = 3) -> str:
    best = ""
    for literal in _strings(source):
        if len(literal) <= max(len(best), 200):
            continue
        try:
            value = json.loads(f'"{literal}"', strict=False)
        except ValueError:
            continue
        if value.lstrip().startswith("<") and len(_PARAGRAPHS.findall(value)) >= 2:
            best = max(best, value, key=len)
        elif quotations > 1 and '"' in value:
            best = max(best, _longest_markup(value, quotations - 1), key=len)
    return best


def _strings(source: str) -> Iterator[str]:
    """The string literals of a script, in one pass: at the first one that never ends there is nothing more to find."""
    place = source.find('"')
    while place >= 0 and (found := _STRING.match(source, place)):
        yield found[1]
        place = source.find('"', found.end())


# ---------------------------------------------------------------------------------------- clean-up
_LEADS_AWAY = Openings(LEADS_AWAY, after=r"(?!\w)\s*(?P<colon>[:：…»>→|]|$)?")
_FURNITURE = Openings(FURNITURE)
_RIGHTS = Openings(RIGHTS, after=r"\W*$")
_COMMENTS = compiled(joined(COMMENTS))
_CREDIT, _BY = compiled(CREDIT), compiled(BY)
_CALL = Openings(FOLLOW)
# Where a newspaper's system puts an advertisement or a picture: "$$ARTICLEAD$$", "[[AD_1]]".
_PLACEHOLDER = late(r"[$#%{}\[\]<>*_|-]{2,4}\s*[A-Za-z][A-Za-z0-9_ :-]{1,40}[$#%{}\[\]<>*_|-]{2,4}")
_LINK_LINE_CHARS = 220
_END_LINE_CHARS = 300
_BYLINE_CHARS = 120
_BIOGRAPHY_CHARS = 400


def without_asides(text: str, title: str, authors: Collection[str] = ()) -> str:
    """The text without what stands around it in the words of every newspaper: the headline repeated, the byline, buttons,
    lines that lead to other stories and a closing list of such, what readers wrote below, credits of pictures, and at the end calls to follow and rights.

    Only short lines go, so that a sentence of the article that happens to begin so stays; at most two thirds of the text.
    """
    lines = text.splitlines()
    if lines and title and letters(lines[0]) == letters(title):
        lines = lines[1:]
    kept = _without_end(_without_asides(lines), authors)
    kept = [line for place, line in enumerate(kept) if not ((place < 4 or place >= len(kept) - 3) and (_is_byline(line, authors) or _is_dateline(line)))]
    return "\n".join(kept if 3 * sum(map(len, kept)) >= sum(map(len, lines)) else lines)


def _without_asides(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for place, line in enumerate(lines):
        if len(line) > _LINK_LINE_CHARS:
            kept.append(line)
            continue
        bare = line.strip(" :·•|-–—›»▶►.")
        if 2 * place >= len(lines) and len(bare) <= _BYLINE_CHARS and _COMMENTS.fullmatch(bare):
            break
        if _FURNITURE.fullmatch(bare) or _PLACEHOLDER.fullmatch(line.strip()) or (len(line) <= _BYLINE_CHARS and _CREDIT.match(line)):
            continue
        opening = line.lstrip(_ARROWS)
        aside = _LEADS_AWAY.match(opening)
        if not aside or aside["colon"] is None:
            kept.append(line)
        elif aside.end() == len(opening) and 2 * place >= len(lines) and not any(_is_sentence(rest) for rest in lines[place + 1 :]):
            break
    return kept


def _without_end(lines: list[str], authors: Collection[str]) -> list[str]:
    last = len(lines)
    for place in range(max(1, last - _END_LINES), last):
        # What stands below a call to follow belongs to it: "Newsletter: Sport", then "Every Monday in your inbox".
        if all(len(line) <= _CALL_CHARS for line in lines[place:]) and _CALL.match(lines[place].lstrip(_LINE_SIGNS)):
            last = place
            break
    while last > 1 and len(line := lines[last - 1]) <= _END_LINE_CHARS and (_is_closing(line.lstrip(_LINE_SIGNS)) or _leads_to_nothing(line)):
        last -= 1
    if last > 3 and _is_biography(lines[last - 1], authors):
        last -= 1
    return lines[:last]


_END_LINES = 4
_CALL_CHARS = 200
_ARROWS = " \t-–—•▶►>»"
_LINE_SIGNS = ' -–—•*▶►>([{"“«'


def _is_closing(line: str) -> bool:
    return bool(_CALL.match(line) or _RIGHTS.match(line) or _CREDIT.match(line))


def _leads_to_nothing(line: str) -> bool:
    """A last line that announces a film or a post which is no text: "This is how it looked:"."""
    return len(line) <= _CALL_CHARS and line.rstrip().endswith((":", "："))


def _is_biography(line: str, authors: Collection[str]) -> bool:
    """ "Ann Lee covers the Balkans": who wrote it, told below the text. Not what an author said, or is quoted with."""
    named = any(" " in name and line.casefold().startswith(name.casefold()) for name in authors)
    return named and len(line) <= _BIOGRAPHY_CHARS and not any(mark in line for mark in '"“”„«»:')


def _is_byline(line: str, authors: Collection[str]) -> bool:
    """A line of the authors' names, perhaps with "by", a date, a role and the outlet."""
    if len(line) > _BYLINE_CHARS:
        return False
    rest = line.casefold()
    for name in sorted(authors, key=len, reverse=True):
        rest = rest.replace(name.casefold(), " ")
    if rest == line.casefold():
        return False
    return len(re.sub(r"[\W\d_]+", "", _BY.sub("", f"{rest.strip()} "))) <= _ROLE_CHARS


_ROLE_CHARS = 12


def _is_dateline(line: str) -> bool:
    """A line of a date with its minute and a few words: "Posted on 15 April 2026, 12:00 | 120 views"."""
    return (
        len(line) <= _BYLINE_CHARS and _YEAR.search(line) is not None and _CLOCK.search(line) is not None and sum(map(str.isalpha, line)) <= _DATELINE_LETTERS
    )


_YEAR, _CLOCK, _DATELINE_LETTERS = re.compile(r"\b20\d\d\b"), re.compile(r"\b\d{1,2}[:.h]\d\d\b"), 40


def _is_sentence(line: str) -> bool:
    """A paragraph rather than a headline: long, or ending like one."""
    return len(line) > _LINK_LINE_CHARS or (len(line) >= 60 and line.rstrip("\"'»”’)]").endswith((".", "!", "?", "…", "。", "।", "؟", "۔", "։")))


_OFFER = compiled(joined(OFFER))


def offer_line(text: str) -> int | None:
    """Number of the first short line that sells the rest of the article, None where no line does."""
    lines = text.splitlines()
    return next((place for place, line in enumerate(lines) if len(line) <= 300 and _OFFER.search(line)), None)
