"""What the operator is told when something happens to a feed: what, since when, what helps, and the command to run.

Names, titles and problems come from strangers; they become clean single lines here, and the templates escape them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from monitor.alerts.digest import cut_at_word
from monitor.alerts.render import SUBJECT_CHARS, Dates, environment, inliner, utc
from monitor.model import EventKind, Message, Subscriber
from monitor.text import clean_line

_NAME_CHARS, _URL_CHARS, _LINE_CHARS = 200, 1000, 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that happened to a feed.

    detail: in words, as the event has it. failing_since, last_problem, advice: None and "" where it does not fail.
    proposed_url: where it may be now, "" where nobody knows.
    """

    kind: EventKind
    at: datetime
    feed_id: str
    feed_title: str
    feed_url: str
    detail: str
    failing_since: datetime | None = None
    last_problem: str = ""
    advice: str = ""
    proposed_url: str = ""


def render_notice(notice: Notice, subscriber: Subscriber, *, now: datetime) -> Message:
    """The notice in all its forms; the same input always gives the same bytes. now: the close time."""
    head = _head(notice.kind)
    name = clean_line(notice.feed_title, _NAME_CHARS) or notice.feed_id
    dates = Dates(subscriber.language, subscriber.timezone, now)
    said = _Said(
        head=head,
        name=name,
        what=_what(notice),
        address=clean_line(notice.feed_url, _URL_CHARS),
        since=dates.when(notice.failing_since) if notice.failing_since else "",
        problem=clean_line(notice.last_problem, _LINE_CHARS) if notice.failing_since else "",
        advice=_advice(notice),
        proposed_url=clean_line(notice.proposed_url, _URL_CHARS),
        command=_command(notice),
    )
    words: dict[str, Any] = {
        "said": said,
        "subject": cut_at_word(f"{head}: {notice.feed_id}", SUBJECT_CHARS),
        "dateline": f"{dates.day(notice.at)}, {dates.clock(notice.at)} ({dates.place})",
        "subscriber": subscriber.id,
    }
    return Message(
        subject=words["subject"],
        text=environment().get_template("notice.txt").render(words).rstrip() + "\n",
        html=inliner().inline(environment().get_template("notice.html").render(words)),
        payload=_document(notice, said),
        thread="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A notice in words; "" for what there is nothing to say of."""

    head: str
    name: str
    what: str
    address: str
    since: str
    problem: str
    advice: str
    proposed_url: str
    command: str


def _head(kind: EventKind) -> str:
    match kind:
        case EventKind.DISABLED:
            return "Feed disabled"
        case EventKind.GONE:
            return "Feed gone"
        case EventKind.DUPLICATE:
            return "Feed is a duplicate"
        case EventKind.SUSPICIOUS_CHANGE:
            return "Feed may be another"
        case EventKind.FLOOD:
            return "Feed flooded"
        case EventKind.MOVED:
            return "Feed moved"
        case EventKind.PROPOSAL:
            return "Feed may have moved"
        case EventKind.RESUMED:
            return "Feed resumed"
        case EventKind.ACCEPTED:
            return "Feed has a new address"
        case EventKind.RELEASED:
            return "Feed released"
        case EventKind.DISCARDED:
            return "Flood discarded"
        case _:
            assert_never(kind)


def _what(notice: Notice) -> str:
    """What happened, and what it means from now on."""
    detail = clean_line(notice.detail, _LINE_CHARS)
    detail = detail[:1].upper() + detail[1:]
    meaning = {
        EventKind.DISABLED: "It is not asked any more; what it brought is kept.",
        EventKind.GONE: "It is not asked any more; what it brought is kept.",
        EventKind.DUPLICATE: "It is not asked any more.",
        EventKind.SUSPICIOUS_CHANGE: "It is asked as before: see whether it is still the one you want.",
        EventKind.FLOOD: "They wait, and nobody is told of them, until you release or discard them.",
    }.get(notice.kind, "")
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in (detail, meaning) if part)


def _advice(notice: Notice) -> str:
    """What helps against the last problem, without the promise to ask again where nobody does."""
    advice = clean_line(notice.advice, _LINE_CHARS)
    if notice.kind in (EventKind.DISABLED, EventKind.GONE):
        _, promise, rest = advice.partition("asked again later; ")
        return rest[:1].upper() + rest[1:] if promise else advice
    return advice


def _command(notice: Notice) -> str:
    """What to run next; feed ids need no quotes."""
    match notice.kind:
        case EventKind.DISABLED | EventKind.GONE | EventKind.PROPOSAL if notice.proposed_url:
            return f"monitor feeds accept {notice.feed_id}"
        case EventKind.DISABLED:
            return f"monitor feeds resume {notice.feed_id}"
        case EventKind.GONE | EventKind.DUPLICATE:
            return f"monitor feeds remove {notice.feed_id}"
        case EventKind.SUSPICIOUS_CHANGE:
            return f"monitor feeds check {notice.feed_id}"
        case EventKind.FLOOD:
            return f"monitor feeds release {notice.feed_id}"
        case _:
            return f"monitor feeds health {notice.feed_id}"


def _document(notice: Notice, said: _Said) -> dict[str, object]:
    """The webhook's document (CONTRACT, HTTP). Every part is bounded, and all together stay far below 20 kB."""
    return {
        "type": f"feed.{notice.kind}",
        "timestamp": utc(notice.at),
        "data": {
            "feed": {"id": notice.feed_id, "title": said.name, "url": said.address},
            "detail": said.what,
            "failing_since": utc(notice.failing_since) if notice.failing_since else None,
            "last_problem": said.problem,
            "advice": said.advice,
            "proposed_url": said.proposed_url,
            "command": said.command,
        },
    }
