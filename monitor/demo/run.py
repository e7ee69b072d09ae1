"""`monitor demo`: the real daemon, in a process of its own, against the small world; what it does is read from its store.

Nothing here is staged: if the story is not flagged once with its five sources, or does not arrive, the demo says so and fails.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from monitor import config as settings
from monitor.config import Config
from monitor.demo import show
from monitor.demo.config import EDITOR, EDITORS_ADDRESS, SENDER, shipped_topics, write_config
from monitor.demo.inbox import Hook, Inbox, Mail, save_hook, save_mail
from monitor.demo.outlets import Fault
from monitor.demo.world import World
from monitor.errors import StoreError
from monitor.model import Message
from monitor.notifiers import email
from monitor.service import digest_preview
from monitor.store import reports
from monitor.store.database import Database
from monitor.store.reports import StoryRow
from monitor.store.state import database_url

T = TypeVar("T")

PATIENCE_S = 30.0
LOOK_EVERY_S = 0.1
SOURCES_OF_THE_VISIT = 5
BREAKING, SAME_EVENT = ("northgate", "mobile-radars-for-ukraine"), ("tribune", "radars-for-ukraine")
NOTES = {
    Fault.NONE: "",
    Fault.SLOW: "slow to answer",
    Fault.CONSENT: "pages behind a consent wall",
    Fault.BROKEN_XML: "broken XML",
    Fault.SERVER_ERROR: "its feed answers 500",
}
LANGUAGES = {"en": "English", "uk": "Ukrainian", "de": "German", "fr": "French"}


class DemoFailed(Exception):
    """The watch did not do what the demo shows; the text says what was missing."""


async def show_all(folder: Path, *, stay: bool) -> int:
    """Run the demo; gives the exit code.

    folder: absolute, there, and without the state of an earlier run. stay: keep the daemon up at the end until Ctrl-C.
    """
    out = show.console()
    try:
        async with World() as world, Inbox() as inbox:
            await _acts(out, folder, world, inbox, stay=stay)
    except DemoFailed as failure:
        out.print(f"\nThe demo did not work: {failure}\nThe daemon's log is in {folder / 'daemon.log'}")
        return 1
    return 0


async def _acts(out: Console, folder: Path, world: World, inbox: Inbox, *, stay: bool) -> None:
    show.act_world(
        out,
        [
            show.OutletRow(
                title=site.outlet.title,
                language=LANGUAGES.get(site.outlet.language, site.outlet.language),
                format=str(site.outlet.format),
                articles=len(site.printed),
                note=NOTES[site.outlet.fault],
            )
            for site in world.sites.values()
        ],
    )
    path = write_config(
        folder,
        sites=world.sites.values(),
        topics=shipped_topics(),
        smtp_port=inbox.smtp_port,
        hook_url=inbox.hook_url,
        hook_secret=inbox.secret,
        listen=f"127.0.0.1:{_free_port()}",
    )
    config = settings.load(path)
    async with _daemon(path, folder) as is_running:
        store = _Store(config, folder / "state", is_running)
        try:
            await _watch_polls(out, world, store)
            visit = await _visit(store, inbox)
            show.act_flagged(out, _flagged(config, visit))
            show.act_not_flagged(out, await store.ask(_silent))
            show.act_breaking(out, await _break_news(world, store, inbox))
            digest, _ = await asyncio.to_thread(digest_preview, config, folder / "state", EDITOR)
            show.act_digest(out, digest.text)
            mail, hook = _received_once(inbox, visit)
            show.act_received(out, _headers(mail), hook.document, signature_ok=not hook.complaint)
            show.act_files(out, _files(folder, digest, mail, hook), f"http://{config.web.listen}/healthz" if stay else "")
        finally:
            store.close()
        if stay:
            out.print("  The daemon keeps watch; Ctrl-C ends it.")
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()


# ------------------------------------------------------------------------------------- the daemon and its store
@asynccontextmanager
async def _daemon(path: Path, folder: Path) -> AsyncIterator[Callable[[], bool]]:
    """`monitor run`, as an operator would start it; gives whether it still runs."""
    with (folder / "daemon.log").open("wb") as log:
        command = (sys.executable, "-m", "monitor", "--config", str(path), "--state", str(folder / "state"), "run", "--log-format", "json")
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield lambda: process.returncode is None
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(12):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


class _Store:
    """The daemon's database, read from outside while it works; another process changes the rows, so we look again and again."""

    def __init__(self, config: Config, state: Path, is_running: Callable[[], bool]) -> None:
        self._config, self._state, self._is_running = config, state, is_running
        self._database: Database | None = None

    async def ask(self, question: Callable[..., T]) -> T:
        """What the store says now."""
        if self._database is None:
            self._database = Database(database_url(self._config.storage.url, self._state))
        return await self._database.read(question)

    async def when(self, question: Callable[..., T], is_so: Callable[[T], object], missing: str) -> T:
        """What the store says once it says so. raises: DemoFailed when it does not within 30 s, or the daemon has ended."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    if (self._state / "monitor.db").exists():
                        with contextlib.suppress(StoreError):  # the daemon is still making its tables
                            answer = await self.ask(question)
                            if is_so(answer):
                                return answer
                    if not self._is_running():
                        raise DemoFailed("the daemon has ended")
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise DemoFailed(missing) from None

    def close(self) -> None:
        if self._database:
            self._database.close()


# ------------------------------------------------------------------------------------------------ the acts
async def _watch_polls(out: Console, world: World, store: _Store) -> None:
    titles = {site.outlet.id: site.outlet.title for site in world.sites.values()}
    with show.PollBoard(out, list(titles.values())) as board:
        shown: set[str] = set()

        def add(rows: list[dict[str, object]]) -> bool:
            for row in rows:
                if row["polled_at"] and row["id"] not in shown:
                    shown.add(str(row["id"]))
                    failed = bool(row["failures"])
                    board.add(
                        show.PollRow(
                            outlet=titles[str(row["id"])],
                            status="failed" if failed else "read",
                            new_entries=int(str(row["entries"])),
                            problem=str(row["last_problem"]),
                            failed=failed,
                        )
                    )
            return len(shown) == len(titles)

        await store.when(reports.list_feeds, add, "not every feed was asked")


async def _visit(store: _Store, inbox: Inbox) -> StoryRow:
    """The story of the Odesa visit, once all five newspapers are in it and both messages have arrived."""

    def told(rows: list[StoryRow]) -> bool:
        return bool(_largest(rows)) and _largest(rows)[0].story.source_count >= SOURCES_OF_THE_VISIT

    rows = await store.when(reports.list_stories, told, f"no story was found with {SOURCES_OF_THE_VISIT} sources")
    visit = _largest(rows)[0]
    try:
        await inbox.wait(lambda: _mails_about(inbox, visit) and _hooks_about(inbox, visit), timeout_s=PATIENCE_S)
    except TimeoutError:
        raise DemoFailed(f"mail or webhook about “{visit.story.title}” did not arrive") from None
    return visit


def _largest(rows: list[StoryRow]) -> list[StoryRow]:
    return sorted((row for row in rows if "Odesa" in row.story.title), key=lambda row: -row.story.source_count)[:1]


def _flagged(config: Config, visit: StoryRow) -> show.FlaggedStory:
    best = max(visit.members, key=lambda member: member.score)
    return show.FlaggedStory(
        topic=config.topics[best.topic].title,
        score=visit.score,
        title=best.article.title,
        text=best.article.text,
        evidence=best.evidence,
        sources=[
            show.SourceRow(outlet=m.article.outlet, title=m.article.title, published=f"{(m.article.published_at or m.article.seen_at):%H:%M}")
            for m in visit.members
        ],
    )


def _silent(connection: object) -> list[show.SilentRow]:
    rows = reports.list_unflagged(connection, limit=10)  # type: ignore[arg-type]
    return [show.SilentRow(title=row["title"], outlet=row["outlet"], reason=row["reason"], score=row["score"]) for row in rows]


async def _break_news(world: World, store: _Store, inbox: Inbox) -> show.Arrival:
    """Publish a story, wait for its mail; publish another newspaper's version, wait until it has joined."""
    first, second = (next(p for p in world.sites[outlet].outlet.pieces if p.slug == slug) for outlet, slug in (BREAKING, SAME_EVENT))
    published_at = datetime.now(UTC)
    world.publish(*BREAKING)
    try:
        await inbox.wait(lambda: _mails_with(inbox, first.title), timeout_s=PATIENCE_S)
    except TimeoutError:
        raise DemoFailed(f"no mail about “{first.title}”") from None
    mail = _mails_with(inbox, first.title)[0]
    world.publish(*SAME_EVENT)

    def joined(rows: list[StoryRow]) -> bool:
        return any({first.title, second.title} <= {member.article.title for member in row.members} for row in rows)

    await store.when(reports.list_stories, joined, f"“{second.title}” did not join its story")
    return show.Arrival(
        title=first.title,
        outlet=world.sites[BREAKING[0]].outlet.title,
        seconds=(mail.received_at - published_at).total_seconds(),
        joined_title=second.title,
        joined_outlet=world.sites[SAME_EVENT[0]].outlet.title,
    )


def _received_once(inbox: Inbox, visit: StoryRow) -> tuple[Mail, Hook]:
    mails, hooks = _mails_about(inbox, visit), _hooks_about(inbox, visit)
    if (len(mails), len(hooks)) != (1, 1):
        raise DemoFailed(f"the story arrived {len(mails)} times by mail and {len(hooks)} times by webhook")
    if hooks[0].complaint:
        raise DemoFailed(f"the webhook's signature does not verify: {hooks[0].complaint}")
    return mails[0], hooks[0]


def _mails_about(inbox: Inbox, visit: StoryRow) -> list[Mail]:
    titles = {member.article.title for member in visit.members}
    return [mail for mail in inbox.mails if any(" ".join(title.split()) in " ".join(mail.part("plain").split()) for title in titles)]


def _hooks_about(inbox: Inbox, visit: StoryRow) -> list[Hook]:
    return [hook for hook in inbox.hooks if visit.story.id in _story_ids(hook)]


def _story_ids(hook: Hook) -> list[object]:
    data = hook.document["data"]
    return [story["id"] for story in data.get("stories", [data])]


def _mails_with(inbox: Inbox, title: str) -> list[Mail]:
    return [mail for mail in inbox.mails if title in " ".join(mail.part("plain").split())]


def _headers(mail: Mail) -> dict[str, str]:
    return {name: str(mail.message[name]) for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted")}


def _files(folder: Path, digest: Message, mail: Mail, hook: Hook) -> dict[str, Path]:
    """Everything that was shown, in files; the digest as the mail that will leave at half past seven."""
    composed = email.compose(
        digest,
        delivery_id="preview",
        sender=SENDER,
        recipient=EDITORS_ADDRESS,
        domain=EDITORS_ADDRESS.rpartition("@")[2],
        list_name=EDITOR,
        date=datetime.now(UTC),
    )
    (folder / "digest.eml").write_bytes(composed)
    (folder / "digest.html").write_text(digest.html, encoding="utf-8")
    alert_eml, alert_html = save_mail(mail, folder, "alert")
    return {
        "digest": folder / "digest.html",
        "digest, as mail": folder / "digest.eml",
        "alert": alert_html,
        "alert, as received": alert_eml,
        "webhook, as received": save_hook(hook, folder, "webhook"),
        "configuration": folder / "config.toml",
        "the daemon's log": folder / "daemon.log",
        "the daemon's state": folder / "state",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
