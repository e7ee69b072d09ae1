"""What is said of an input: how much of an article it gave, and what was odd about it.

Apart from the other nouns, because the process that reads pages needs no more of them, and starts in four fifths of the time without the rest.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something odd in an input that did not stop us.

    code: kebab-case, stable, the same in log, command and test.
    """

    code: str
    detail: str = ""


class ArticleStatus(StrEnum):
    """How much of the article we have."""

    FULL = "full"
    PARTIAL = "partial"
    PAYWALLED = "paywalled"
    BLOCKED = "blocked"  # consent, login, challenge or geo wall
    NOT_AN_ARTICLE = "not-an-article"
    EMPTY = "empty"
    FAILED = "failed"  # the page could not be had, or a limit was hit
    FEED_ONLY = "feed-only"  # the page was not asked for; the text is the feed's own


HAS_PAGE = (ArticleStatus.FULL, ArticleStatus.PARTIAL, ArticleStatus.PAYWALLED)  # what we have is the page's own text
