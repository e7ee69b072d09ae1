"""The feed's own words of an article: what is judged where no page is asked for."""

from monitor.articles.extract import from_feed
from monitor.errors import SandboxError
from monitor.model import Entry
from monitor.pipeline.doors import Doors, Settings

EXTRACT_LIMIT_S = 20.0  # on the clock; of CPU a page gets the five seconds that the sandbox gives
SHORT_HTML = 20_000  # characters; a millisecond or two


def without_page(settings: Settings, *, is_backfill: bool) -> bool:
    """Whether a page is never asked for, whatever the feed says.

    Of what was there before the watch began nobody is told: hundreds of pages of a new feed are not worth asking its site for.
    """
    return settings.fetch == "never" or (is_backfill and settings.fetch != "all")


def ready_words(entry: Entry) -> str | None:
    """The words, where they are quickly had; None for a text as long as a page, which is read where pages are."""
    if len(entry.summary) + len(entry.content) > SHORT_HTML:
        return None
    return from_feed(entry.title, entry.summary, entry.content)


async def words_of(doors: Doors, title: str, summary: str, content: str) -> str:
    """The words; a long text is read in the sandbox."""
    words = ready_words(Entry(key="", title=title, summary=summary, content=content))
    if words is not None:
        return words
    try:
        return await doors.sandbox.run(from_feed, title, summary, content, timeout_s=EXTRACT_LIMIT_S)
    except SandboxError:
        return from_feed(title, summary, "")
