"""Live blogs: a page of many posts, each with a time of its own."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from monitor.articles.feed_text import plain_text
from monitor.articles.metadata import moment
from monitor.late import late
from monitor.text import fold

MOST_POSTS = 500
_NODES = 500
# Outlets state all of their posts, or only the newest with the first words of each. From this share of the page's own text on theirs is the better one.
ENOUGH = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post of a live blog. at: aware UTC, None where it states none. text: plain, in lines."""

    title: str = ""
    text: str = ""
    at: datetime | None = None

    @property
    def head(self) -> str:
        """The line above the post: when, and its headline."""
        when = f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if self.at else ""
        return " – ".join(filter(None, (when, self.title)))


def posts_of(markup: str) -> tuple[Post, ...]:
    """The posts that a page states as schema.org's liveBlogUpdate, newest first; those without a time keep their place behind the others."""
    stated = [post for node in _nodes(markup) if "LiveBlogPosting" in _types(node) for each in _listed(node.get("liveBlogUpdate")) if (post := _post(each))]
    posts = list(dict.fromkeys(stated))[:MOST_POSTS]
    return tuple(sorted(posts, key=lambda post: -post.at.timestamp() if post.at else 0.0))


def with_posts(text: str, posts: tuple[Post, ...]) -> str:
    """A live blog's text with the time of each post above it.

    The posts as stated, below what stands before them on the page, where they are at least most of it; else the page's own lines,
    with the times before those that are headlines of posts.
    """
    if not posts:
        return text
    stated = "\n".join(filter(None, (line for post in posts for line in (post.head, post.text))))
    if sum(len(post.text) for post in posts) >= ENOUGH * len(text):
        return "\n".join((*_before(text, posts), stated))
    heads = {_plain(post.title): post.head for post in posts if post.title and post.at}
    return "\n".join(heads.get(_plain(line), line) for line in text.splitlines())


def _before(text: str, posts: tuple[Post, ...]) -> list[str]:
    """The lines of the page above its first post."""
    said = _plain("\n".join(f"{post.title}\n{post.text}" for post in posts))
    lines: list[str] = []
    for line in text.splitlines():
        if _plain(line) in said:
            return lines
        lines.append(line)
    return []


def _plain(text: str) -> str:
    return " ".join(fold(text).text.split())


def _post(node: Any) -> Post | None:
    if not isinstance(node, dict):
        return None
    body = node.get("articleBody") or node.get("text") or node.get("description")
    text = plain_text(body) if isinstance(body, str) else ""
    title = plain_text(headline) if isinstance(headline := node.get("headline") or node.get("name"), str) else ""
    title = " ".join(title.split())[:500]
    if text.startswith(title) and title:
        text = text.removeprefix(title).strip()
    at = moment(node.get("datePublished")) or moment(node.get("dateModified"))
    return Post(title=title, text=text, at=at) if title or text else None


# ----------------------------------------------------------------------------------------------- JSON-LD
_SCRIPT = late(r"<script\s[^<>]{0,300}ld\+json[^<>]{0,300}>", re.IGNORECASE)
_SCRIPT_END = late(r"</script", re.IGNORECASE)


def _nodes(markup: str) -> Iterator[dict[str, Any]]:
    """The nodes of scripts that hold a live blog, graphs opened."""
    queue = [_read(script) for script in _scripts(markup) if "liveBlogUpdate" in script]
    for _ in range(_NODES):
        if not queue:
            return
        node = queue.pop(0)
        if isinstance(node, list):
            queue[:0] = node[:_NODES]
        elif isinstance(node, dict):
            yield node
            queue += [node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if isinstance(node.get(key), dict | list)]


def _scripts(markup: str) -> Iterator[str]:
    """The JSON-LD of a page. One pass: a pattern over the whole of a script begins anew at each that never ends."""
    start = _SCRIPT.search(markup)
    while start and (end := _SCRIPT_END.search(markup, start.end())):
        yield markup[start.end() : end.start()]
        start = _SCRIPT.search(markup, end.end())


def _read(text: str) -> Any:
    try:
        return json.loads(text.strip().removesuffix(";"), strict=False)  # raw line breaks inside strings are common
    except (ValueError, RecursionError):
        return None


def _types(node: dict[str, Any]) -> set[str]:
    return {str(name).rsplit("/", 1)[-1] for name in _listed(node.get("@type"))}


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
