"""The newspapers of the small world: what they are called and what they have written.

One file a newspaper in `newspapers/`, all of our own writing. The visit to Odesa is real and told with its public
facts only; every other town, person, company and event is invented.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files


class Format(StrEnum):
    RSS = "rss"
    ATOM = "atom"
    RDF = "rdf"
    JSON = "json"


class Fault(StrEnum):
    """What is wrong with an outlet's site, as it always is with some."""

    NONE = ""
    SLOW = "slow"  # every answer takes its time
    CONSENT = "consent"  # pages show a consent wall instead of the article
    BROKEN_XML = "broken-xml"  # the feed is malformed, its entries are readable
    SERVER_ERROR = "server-error"  # the feed answers 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article as its newspaper wrote it.

    minutes_ago: published that long before the world began; None: held back until `World.publish`.
    paragraphs: plain text.
    """

    slug: str
    title: str
    section: str
    author: str
    paragraphs: tuple[str, ...]
    minutes_ago: int | None

    @property
    def path(self) -> str:
        return f"/news/{self.slug}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A newspaper.

    layout: which of the page templates it uses. carries_full_text: the feed holds the articles, not only their first paragraph.
    """

    id: str
    title: str
    tagline: str
    language: str
    format: Format
    layout: str
    carries_full_text: bool
    fault: Fault
    pieces: tuple[Piece, ...]


def load_outlets() -> tuple[Outlet, ...]:
    """All newspapers that ship with the program, by name of their file."""
    paths = sorted((path for path in files(__package__).joinpath("newspapers").iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    return tuple(_outlet(path.name.removesuffix(".toml"), path.read_text("utf-8")) for path in paths)


def _outlet(name: str, text: str) -> Outlet:
    table = tomllib.loads(text)
    return Outlet(
        id=name,
        title=table["title"],
        tagline=table["tagline"],
        language=table["language"],
        format=Format(table["format"]),
        layout=table["layout"],
        carries_full_text=table["feed_text"] == "full",
        fault=Fault(table.get("fault", "")),
        pieces=tuple(
            Piece(
                slug=piece["slug"],
                title=piece["title"],
                section=piece["section"],
                author=piece["author"],
                paragraphs=tuple(paragraph.replace("\n", " ").strip() for paragraph in piece["text"].strip().split("\n\n")),
                minutes_ago=None if piece.get("later") else piece["minutes_ago"],
            )
            for piece in table["pieces"]
        ),
    )
