"""An article on several pages is read whole, within bounds, by the same door and its manners."""

import pytest

from monitor.articles.sites import SiteRules
from monitor.store.schema import article

FILLING = "the ministers of the alliance spoke at length about air defence for the ports and about the winter to come, and"


def paragraphs(part, count=12):
    return [f"Part {part}, paragraph {number}: {FILLING} nobody of those present disagreed with point {part}.{number} in the end." for number in range(count)]


def has_page(life, path, make, part, *, head="", attributes="", title=None):
    life.web.article(path, title or make.TITLE, *paragraphs(part))
    status, headers, body = life.web.pages[path]
    life.web.pages[path] = (status, headers, body.replace(b"</head>", f"{head}</head>".encode()).replace(b"<html ", f"<html {attributes} ".encode()))


@pytest.fixture
async def found(life, make):
    """A feed with one entry whose page is to be made by the test."""
    life.web.feed("/a.xml", (make.TITLE, "/story-1.html", make.LEAD, life.clock()))
    life.watches("/a.xml")
    await life.poll()
    return life


def parts(life):
    """Which parts of the article we have, its status and problem, and which pages were asked for."""
    ((text, status, problem),) = life.rows(article, article.c.text, article.c.status, article.c.problem)
    return [part for part in range(10) if f"Part {part}, paragraph 3" in text], status, problem


def asked(life):
    return [path for path, _ in life.web.asked if path not in ("/a.xml", "/robots.txt")]


async def test_an_article_goes_on_where_rel_next_leads_to_its_further_pages(found, make):
    has_page(found, "/story-1.html", make, 1, head='<link rel="next" href="/story-1.html?page=2">')
    has_page(found, "/story-1.html?page=2", make, 2, head='<link rel="next" href="/story-1.html?page=3">')
    has_page(found, "/story-1.html?page=3", make, 3)

    await found.read()

    assert parts(found) == ([1, 2, 3], "full", "")


async def test_no_more_than_five_pages_are_read_and_the_rest_is_said_to_be_missing(found, make):
    for number in range(1, 9):
        path = "/story-1.html" if number == 1 else f"/story-1.html?page={number}"
        has_page(found, path, make, number, head=f'<link rel="next" href="/story-1.html?page={number + 1}">')

    await found.read()

    assert parts(found) == ([1, 2, 3, 4, 5], "partial", "pages-missing")
    assert len(asked(found)) == 5


async def test_pages_that_lead_in_a_circle_are_read_once(found, make):
    has_page(found, "/story-1.html", make, 1, head='<link rel="next" href="/story-1.html?page=2">')
    has_page(found, "/story-1.html?page=2", make, 2, head='<link rel="next" href="/story-1.html?page=2">')

    await found.read()

    assert (parts(found)[0], len(asked(found))) == ([1, 2], 2)


@pytest.mark.parametrize(
    "next_url",
    ["/another-story-2.html", "/story-1.html?id=77812", "https://elsewhere.example/story-1.html?page=2", "javascript:next()", ""],
    ids=["the next article", "another id", "another site", "script", "nothing"],
)
async def test_the_next_article_of_a_blog_is_no_further_page(found, make, next_url):
    has_page(found, "/story-1.html", make, 1, head=f'<link rel="next" href="{next_url}">')

    await found.read()

    assert (parts(found), asked(found)) == (([1], "full", ""), ["/story-1.html"])


@pytest.mark.parametrize(
    "second",
    [(500, {}, b""), (200, {"Content-Type": "application/pdf"}, b"%PDF-1.4"), (200, {"Content-Type": "text/html"}, b"<p>")],
    ids=["error", "PDF", "nothing"],
)
async def test_a_further_page_that_cannot_be_had_costs_no_more_than_itself(found, make, second):
    has_page(found, "/story-1.html", make, 1, head='<link rel="next" href="/story-1.html?page=2">')
    found.web.pages["/story-1.html?page=2"] = second

    await found.read()

    assert parts(found) == ([1], "partial", "pages-missing")


async def test_a_further_page_that_robots_txt_forbids_is_not_asked_for(found, make):
    found.web.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /*page=")
    has_page(found, "/story-1.html", make, 1, head='<link rel="next" href="/story-1.html?page=2">')
    has_page(found, "/story-1.html?page=2", make, 2)

    await found.read()

    assert (parts(found), asked(found)) == (([1], "partial", "pages-missing"), ["/story-1.html"])


async def test_the_operator_names_the_link_to_the_next_page(found, make):
    found.sites = {"127.0.0.1": SiteRules(next_page="a.forward")}
    has_page(found, "/story-1.html", make, 1, head="</head><body><p><a class=forward href=/part-two>on</a></p>")
    has_page(found, "/part-two", make, 2)

    await found.read()

    assert parts(found) == ([1, 2], "full", "")


# ------------------------------------------------------------------------------------------------- phones
def phone_page(life, make, canonical):
    has_page(life, "/story-1.html", make, 1, head=f'<link rel="canonical" href="{canonical}">', attributes="amp")


async def test_from_a_page_for_phones_the_articles_own_is_read(found, make):
    phone_page(found, make, "/full/story-1.html")
    has_page(found, "/full/story-1.html", make, 7)

    await found.read()

    assert parts(found) == ([7], "full", "")


@pytest.mark.parametrize("full", [(404, {}, b""), (200, {"Content-Type": "text/html"}, b"<html><div id=app></div></html>")], ids=["gone", "made by script"])
async def test_where_the_articles_own_page_gives_nothing_the_one_for_phones_does(found, make, full):
    phone_page(found, make, "/full/story-1.html")
    found.web.pages["/full/story-1.html"] = full

    await found.read()

    assert parts(found) == ([1], "full", "")


async def test_a_page_for_phones_leads_to_no_other_site(found, make):
    phone_page(found, make, "https://elsewhere.example/story-1.html")

    await found.read()

    assert (parts(found)[0], asked(found)) == ([1], ["/story-1.html"])


# ---------------------------------------------------------------------------------------------- two names
async def test_pages_of_a_site_with_two_names_are_asked_for_at_the_one_that_the_operator_names(life, make):
    """localhost stands for the other name of the site on 127.0.0.1."""
    other = life.web.address.replace("127.0.0.1", "localhost")
    life.sites = {"localhost": SiteRules(canonical_host=life.web.address.removeprefix("http://"))}
    life.web.feed("/a.xml", (make.TITLE, "/story-1.html", make.LEAD, life.clock()))
    life.web.feed("/b.xml")
    status, headers, body = life.web.pages["/a.xml"]
    has_page(life, "/story-1.html", make, 1)
    life.watches("/a.xml", "/b.xml")
    await life.goes_on()

    life.web.pages["/b.xml"] = (status, headers, body.replace(life.web.address.encode(), other.encode()))
    await life.goes_on()

    assert life.rows(article, article.c.duplicate_of, article.c.step) == [(None, "done"), (1, "done")]
    assert {headers["Host"] for path, headers in life.web.asked if path == "/story-1.html"} == {life.web.address.removeprefix("http://")}
