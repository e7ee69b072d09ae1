"""What a page says about itself, and whom to believe."""

from datetime import UTC, datetime

import pytest

from monitor.articles.feed_text import parsed
from monitor.articles.metadata import metadata_of, moment

STORY = "https://www.example.org/2026/11/22/allies-agree"
NEWS = {"@type": "NewsArticle", "headline": "Headline of the data"}


@pytest.fixture
def metadata(page):
    return lambda url=STORY, **parts: metadata_of(parsed(page(**parts).decode()), url)


def test_linked_data_has_the_first_word_on_title_and_dates(metadata):
    head = '<meta property="og:title" content="For social media"><meta property="article:published_time" content="2020-01-01T00:00:00Z">'

    found = metadata(head=head, ld=NEWS | {"datePublished": "2026-11-22T08:00:00+0200", "dateModified": "2026-11-22T09:00:00+02:00"})

    assert found.title == "Headline of the data"
    assert (found.published_at, found.modified_at) == (datetime(2026, 11, 22, 6, tzinfo=UTC), datetime(2026, 11, 22, 7, tzinfo=UTC))


def test_without_linked_data_the_heading_and_the_tags_speak(metadata):
    found = metadata(head='<meta property="article:published_time" content="2026-11-22T06:00:00Z"><meta name="author" content="By Olha Koval and Jan Nowak">')

    assert found.title == "Allies agree on air defence for Odesa"
    assert found.published_at == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert found.authors == ("Olha Koval", "Jan Nowak")


def test_graphs_and_lists_are_opened(metadata):
    assert metadata(ld={"@graph": [{"@type": "WebPage"}, [NEWS]]}).title == "Headline of the data"


def test_the_node_that_says_most_is_the_article(metadata):
    stub = {"@type": "NewsArticle", "headline": "A related story"}

    assert metadata(ld=[stub, NEWS | {"author": "Olha Koval", "datePublished": "2026-11-22"}]).title == "Headline of the data"


@pytest.mark.parametrize("broken", ["{", "[" * 100_000, "null", '{"@type": 7}', '{"@graph": {"@graph": {}}}', '{"@type": "NewsArticle", "author": [[["x"]]]}'])
def test_broken_linked_data_is_passed_over(metadata, broken):
    found = metadata(head=f'<script type="application/ld+json">{broken}</script>')

    assert found.title == "Allies agree on air defence for Odesa"


@pytest.mark.parametrize(
    ("author", "names"),
    [
        pytest.param({"@type": "Person", "name": "Olha Koval"}, ("Olha Koval",), id="person"),
        pytest.param([{"name": "Olha Koval"}, {"name": "Jan Nowak"}], ("Olha Koval", "Jan Nowak"), id="two"),
        pytest.param("Olha Koval, Jan Nowak", ("Olha Koval", "Jan Nowak"), id="in one string"),
        pytest.param([{"name": "Olha Koval (oko)"}], ("Olha Koval",), id="initials"),
        pytest.param("https://news.example/author/7", (), id="address"),
    ],
)
def test_authors(metadata, author, names):
    assert metadata(ld=NEWS | {"author": author}).authors == names


def test_a_byline_beats_the_outlets_name(metadata):
    outlet = NEWS | {"author": {"@type": "Organization", "name": "Example News"}, "publisher": {"name": "Example News"}}

    assert metadata(ld=outlet, body='<span class="author">Olha Koval</span>').authors == ("Olha Koval",)
    assert metadata(ld=outlet).authors == ("Example News",)


def test_the_outlets_name_is_no_part_of_the_title(metadata):
    found = metadata(ld=NEWS | {"headline": "Allies agree - Example News"}, head='<meta property="og:site_name" content="Example News">')

    assert (found.title, found.site) == ("Allies agree", "Example News")


@pytest.mark.parametrize(
    ("link", "url"),
    [
        pytest.param("/2026/11/22/canonical", "https://www.example.org/2026/11/22/canonical", id="relative"),
        pytest.param("https://amp.example.org/story", "https://amp.example.org/story", id="same site"),
        pytest.param("https://thief.example.net/story", STORY, id="other site"),
        pytest.param("https://www.example.org/", STORY, id="front page"),
        pytest.param("javascript:alert(1)", STORY, id="no address"),
    ],
)
def test_the_canonical_address_stays_on_the_site(metadata, link, url):
    assert metadata(head=f'<link rel="canonical" href="{link}">').url == url


def test_tracking_is_cut_from_the_address_given(metadata):
    assert metadata(url=f"{STORY}?utm_source=feed").url == STORY


@pytest.mark.parametrize(
    ("lang", "head", "language"),
    [("en-GB", "", "en"), ("", '<meta property="og:locale" content="uk_UA">', "uk"), ("", "", ""), ("{{ lang }}", "", "")],
)
def test_language(metadata, lang, head, language):
    assert metadata(lang=lang, head=head).language == language


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22T08:15:00+0200", datetime(2026, 11, 22, 6, 15, tzinfo=UTC)),
        ("2026-11-22T06:15:00.1Z", datetime(2026, 11, 22, 6, 15, 0, 100_000, tzinfo=UTC)),
        ("2026-11-22 06:15:00", datetime(2026, 11, 22, 6, 15, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 08:15:00 +0200", datetime(2026, 11, 22, 6, 15, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("yesterday", None),
        (None, None),
        (7, None),
    ],
)
def test_dates(text, when):
    assert moment(text) == when


def test_what_the_feed_says_is_taken_before_a_search_of_the_page(page):
    made = parsed(page(body='<p class="byline">By Somebody Else</p><p>Published on 3 March 2024</p>').decode())
    known = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)

    searched, told = metadata_of(made, STORY), metadata_of(made, STORY, authors=("Ana Kovač",), published_at=known)

    assert (searched.authors, told.authors, told.published_at) == (("Somebody Else",), ("Ana Kovač",), known)


def test_what_the_page_states_goes_before_what_the_feed_says(page):
    made = page(head='<meta name="author" content="Ivo Horvat"><meta property="article:published_time" content="2026-03-01T09:15:00Z">').decode()

    found = metadata_of(parsed(made), STORY, authors=("Ana Kovač",), published_at=datetime(2020, 1, 1, tzinfo=UTC))

    assert (found.authors, found.published_at) == (("Ivo Horvat",), datetime(2026, 3, 1, 9, 15, tzinfo=UTC))
