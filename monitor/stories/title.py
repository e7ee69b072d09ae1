"""Which headline speaks for a story."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from monitor.text import stems

_COMPARED = 40  # members; bounds the quadratic cost for a story that everyone tells

# Headlines of things that are about the news: a running page, somebody's view, something to watch.
# Only where a mark stands as a label, at the beginning or the end; "a live shell" in the middle is news.
_LABELS = (
    "live|live updates?|live ?blog|live ?ticker|news ?ticker|newsblog|as it happened|what we know(?: so far)?|live ?stream|"
    "opinion|op-ed|editorial|comment|commentary|analysis|column|podcast|how to watch|video|watch|in pictures|photos|"
    "meinung|kommentar|leitartikel|analyse|im video|bilder|en direct|direct|vidéo|tribune|éditorial|édito|opinión|en vivo|en directo|vídeo|"
    "diretta|in diretta|la diretta|editoriale|opinione|foto|онлайн|прямая трансляция|прямий ефір|наживо|мнение|думка|колонка|видео|відео|"
    "na żywo|opinia|wideo|în direct|opinie|canlı|canlı yayın|yorum|görüş"
)
_ABOUT_THE_NEWS = re.compile(rf"(?:^|,\s)\W*(?:{_LABELS})(?:\s*[:|–—!\]]|\s+-|\s+\|)|(?:[:|–—\[(]|\s-)\s*(?:{_LABELS})\W*$|^how to watch\b", re.IGNORECASE)


class TitledMember(Protocol):
    """What choosing a headline asks of a story's article. at: when it was published or seen."""

    @property
    def title(self) -> str: ...
    @property
    def at(self) -> datetime: ...


Member = TypeVar("Member", bound=TitledMember)


def speaker(members: Sequence[Member]) -> Member:
    """The member whose headline is most like the others'; of equals the earliest.

    Live pages, opinion and video speak only where nothing else does. members: at least one.
    """
    earliest = sorted(members, key=lambda member: member.at)[:_COMPARED]
    headlines = [(member, set(stems(member.title))) for member in earliest]
    reports = [each for each in headlines if not is_about_the_news(each[0].title)] or headlines
    return max(reports, key=lambda each: sum(_similarity(each[1], others) for _, others in headlines))[0]


def is_about_the_news(title: str) -> bool:
    """Whether a headline is labelled as a live page, an opinion or a video."""
    return bool(_ABOUT_THE_NEWS.search(title))


def _similarity(one: set[str], other: set[str]) -> float:
    return len(one & other) / (len(one | other) or 1)
