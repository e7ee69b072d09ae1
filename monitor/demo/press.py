"""Prints what the newspapers wrote: feeds in four formats, and pages with everything around the article that readers must look past."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from monitor.demo.outlets import Fault, Format, Outlet, Piece

CONTENT_TYPES = {
    Format.RSS: "application/rss+xml; charset=utf-8",
    Format.ATOM: "application/atom+xml; charset=utf-8",
    Format.RDF: "application/rdf+xml; charset=utf-8",
    Format.JSON: "application/feed+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A piece that is out. url: its page, absolute."""

    piece: Piece
    url: str
    published_at: datetime


def feed(outlet: Outlet, site_url: str, printed: Sequence[Printed]) -> bytes:
    """The newspaper's feed. printed: newest first, at least one."""
    if outlet.format is Format.JSON:
        return _json_feed(outlet, site_url, printed)
    text = _templates().get_template(f"{outlet.format}.xml").render(outlet=outlet, site_url=site_url, printed=printed)
    return (_spoil(text) if outlet.fault is Fault.BROKEN_XML else text).encode()


def page(outlet: Outlet, site_url: str, printed: Printed, others: Sequence[Printed]) -> bytes:
    """The article's page, or the wall in front of it. others: what the newspaper recommends beside it."""
    layout = "consent" if outlet.fault is Fault.CONSENT else outlet.layout
    context = {"outlet": outlet, "site_url": site_url, "printed": printed, "others": others, "words": _words(outlet.language)}
    return _templates().get_template(f"{layout}.html").render(context, linked_data=_linked_data(outlet, site_url, printed)).encode()


def front_page(outlet: Outlet, site_url: str, printed: Sequence[Printed]) -> bytes:
    """The list of everything, with the link by which feed readers find the feed."""
    feed_type = CONTENT_TYPES[outlet.format].partition(";")[0]
    return (
        _templates()
        .get_template("front.html")
        .render(outlet=outlet, site_url=site_url, printed=printed, feed_type=feed_type, words=_words(outlet.language))
        .encode()
    )


def as_html(piece: Piece) -> str:
    return Markup("\n").join(Markup("<p>{}</p>").format(paragraph) for paragraph in piece.paragraphs)


def _json_feed(outlet: Outlet, site_url: str, printed: Sequence[Printed]) -> bytes:
    """Source: JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.title,
        "home_page_url": f"{site_url}/",
        "feed_url": f"{site_url}/feed",
        "description": outlet.tagline,
        "language": outlet.language,
        "items": [
            {
                "id": one.url,
                "url": one.url,
                "title": one.piece.title,
                "content_html": as_html(one.piece) if outlet.carries_full_text else str(escape(one.piece.paragraphs[0])),
                "date_published": one.published_at.isoformat(),
                "authors": [{"name": one.piece.author}],
                "tags": [one.piece.section],
            }
            for one in printed
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _linked_data(outlet: Outlet, site_url: str, printed: Printed) -> dict[str, object]:
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": printed.piece.title,
        "datePublished": printed.published_at.isoformat(),
        "dateModified": printed.published_at.isoformat(),
        "inLanguage": outlet.language,
        "articleSection": printed.piece.section,
        "author": [{"@type": "Person", "name": printed.piece.author}],
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.title, "url": f"{site_url}/"},
        "mainEntityOfPage": printed.url,
    }


def _spoil(text: str) -> str:
    """What hand-made feeds look like: a bare ampersand, a prefix nobody declared, and no end."""
    bare = text.replace("&amp;", "&").replace("<item>", '<item><media:thumbnail url="/logo.png"/>')
    return bare[: bare.index("</channel>")]


@cache
def _templates() -> Environment:
    environment = Environment(loader=PackageLoader("monitor.demo"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"rfc822": format_datetime, "iso": datetime.isoformat, "as_html": as_html, "clock": "{:%d.%m.%Y %H:%M}".format}
    return environment


@cache
def _words(language: str) -> dict[str, str]:
    """What stands around an article."""
    words: dict[str, str] = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))[language]
    return words
