"""Small feeds to parse."""

import pytest


@pytest.fixture
def rss():
    """Bytes of an RSS 2.0 feed: rss("<item>…</item>", head="<ttl>60</ttl>")."""

    def build(*items, head="", attributes='version="2.0"'):
        namespaces = (
            'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
        )
        return f"<rss {attributes} {namespaces}><channel><title>News</title>{head}{''.join(items)}</channel></rss>".encode()

    return build


@pytest.fixture
def atom():
    """Bytes of an Atom 1.0 feed: atom("<entry>…</entry>", attributes='xml:base="…"')."""

    def build(*entries, attributes=""):
        return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>News</title>{"".join(entries)}</feed>'.encode()

    return build
