"""Stored pages of a site: what its rules should make of them, and what they make of them now."""

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from monitor.articles.pages import Page
from monitor.text import fold, words

_HEAD = ("url", "status", "title", "next", "content-type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read on a page. url, content_type: of the page itself. next: where the article goes on, "" where it does not."""

    url: str
    content_type: str = ""
    status: str = ""
    title: str = ""
    next: str = ""
    text: str = ""


def reading_of(page: Page, url: str, content_type: str = "") -> Reading:
    """The part of a page that its site's rules decide about."""
    article = page.article
    title = " ".join(article.title.split())
    return Reading(url=url, content_type=content_type, status=str(article.status), title=title, next=page.next_url, text=article.text.strip())


def written(reading: Reading) -> str:
    """A reading as a text that people may edit: a head of "name: value" lines, an empty line, the article's text."""
    values = (reading.url, reading.status, reading.title, reading.next, reading.content_type)
    head = "".join(f"{name}: {value}\n" for name, value in zip(_HEAD, values, strict=True) if value)
    return f"{head}\n{reading.text}\n"


def read(text: str) -> Reading:
    """A reading as `written` writes it; empty lines in the text do not count.

    raises: ValueError with what is wrong, and in which line.
    """
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    fields: dict[str, str] = {}
    for number, line in enumerate(head.splitlines(), 1):
        name, colon, value = line.partition(":")
        if not colon or name.strip().lower() not in _HEAD:
            raise ValueError(f"line {number}: {line[:60]!r} is none of {', '.join(_HEAD)} – the head ends with an empty line")
        fields[name.strip().lower()] = value.strip()
    if not fields.get("url"):
        raise ValueError("line 1: there is no url – begin with the address of the page, such as url: https://example.org/news/1")
    return Reading(
        url=fields["url"],
        content_type=fields.get("content-type", ""),
        status=fields.get("status", ""),
        title=fields.get("title", ""),
        next=fields.get("next", ""),
        text="\n".join(stripped for line in body.splitlines() if (stripped := line.strip())),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Between a text and another one. gained, lost: words, whatever their order. lines: of which "+ …" is new and "- …" is gone, in order."""

    gained: int = 0
    lost: int = 0
    lines: tuple[str, ...] = ()


def difference(before: str, after: str) -> Difference:
    """What the second text has that the first has not, and the other way round."""
    old, new = _counted(before), _counted(after)
    old_lines, new_lines = before.splitlines(), after.splitlines()
    lines: list[str] = []
    for kind, start, stop, new_start, new_stop in SequenceMatcher(a=old_lines, b=new_lines, autojunk=False).get_opcodes():
        if kind != "equal":
            lines += [f"- {line}" for line in old_lines[start:stop]] + [f"+ {line}" for line in new_lines[new_start:new_stop]]
    return Difference(gained=(new - old).total(), lost=(old - new).total(), lines=tuple(lines))


def _counted(text: str) -> Counter[str]:
    return Counter(words(fold(text).text))


def other_fields(before: Reading, after: Reading) -> tuple[str, ...]:
    """What else is another one, as lines for people: "status: full → partial"."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in ("status", "title", "next"))
    return tuple(f"{name}: {old or '(none)'} → {new or '(none)'}" for name, old, new in pairs if old != new)
