"""Pages as small as a case needs."""

import json

import pytest

LEAD = "Ministers of the alliance met in Odesa on Monday and agreed to send more air defence to the coast before the winter."
MORE = "The package will be paid for by eleven members, and the first deliveries are expected within weeks, two officials said."
CLOSE = "Residents of the port said they had waited for such news since the strikes on the harbour in the early spring of the year."


@pytest.fixture
def paragraphs():
    return (LEAD, MORE, CLOSE, f"{MORE} It was the second visit this year.", f"{LEAD} Talks go on.")


@pytest.fixture
def page(paragraphs):
    """Builds an article's page as bytes. ld: a JSON-LD node. head, body: more HTML. inside: paragraphs of the article."""

    def build(*, inside=paragraphs, ld=None, head="", body="", title="Allies agree on air defence for Odesa", lang="en", encoding="utf-8"):
        linked = f'<script type="application/ld+json">{json.dumps(ld)}</script>' if ld else ""
        text = "".join(f"<p>{paragraph}</p>" for paragraph in inside)
        return (
            f'<!doctype html><html lang="{lang}"><head><title>{title}</title>{head}{linked}</head><body>'
            f'<nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>{title}</h1>{text}</article>{body}'
            '<footer><p>All rights reserved. <a href="/terms">Terms</a></p></footer></body></html>'
        ).encode(encoding)

    return build
