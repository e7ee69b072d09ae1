"""What a page says about itself, and whom to believe."""

from datetime import UTC, datetime

import pytest

from monitor.articles.feed_text import parsed
from monitor.articles.metadata import authors_of_text, metadata_of, moment

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


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        pytest.param("Allies agree | The Quay Herald", "Allies agree", id="bar"),
        pytest.param("Allies agree - World - The Quay Herald", "Allies agree", id="section and outlet"),
        pytest.param("Allies agree – a Monday in Odesa", "Allies agree – a Monday in Odesa", id="a dash of the headline"),
        pytest.param("盟国达成一致_国际新闻_The Quay Herald", "盟国达成一致", id="Chinese signs"),
        pytest.param("뤼터 오데사 방문-국제ㅣThe Quay Herald", "뤼터 오데사 방문", id="Korean signs"),
        pytest.param("The Quay Herald", "The Quay Herald", id="nothing but the outlet"),
    ],
)
def test_a_title_comes_without_its_outlet(metadata, stated, title):
    found = metadata(
        head=f'<meta property="og:site_name" content="The Quay Herald"><meta property="og:title" content="{stated}">', ld=NEWS | {"headline": stated}
    )

    assert found.title == title


def test_a_kicker_inside_the_heading_is_no_part_of_it():
    tree = parsed("<html><body><h1><span class='story__kicker'>Black Sea</span> Allies agree on air defence</h1></body></html>")

    assert metadata_of(tree, STORY).title == "Allies agree on air defence"


@pytest.mark.parametrize(
    ("author", "names"),
    [
        pytest.param("Olha Koval, Kyiv correspondent", ("Olha Koval",), id="role behind a comma"),
        pytest.param("Olha Koval und Jan Nowak", ("Olha Koval", "Jan Nowak"), id="German and"),
        pytest.param("Ольга Коваль та Іван Новак", ("Ольга Коваль", "Іван Новак"), id="Ukrainian and"),
        pytest.param("Olha Koval (Reuters)", ("Olha Koval",), id="agency in brackets"),
        pytest.param("Emma Di Stefano", ("Emma Di Stefano",), id="a particle of a name"),
        pytest.param("Staff writer", (), id="nothing but a role"),
    ],
)
def test_authors_are_people_without_their_roles(metadata, author, names):
    assert metadata(ld=NEWS | {"author": {"@type": "Person", "name": author}}).authors == names


def test_bylines_of_other_stories_are_not_believed(page):
    other = "<aside><a rel='author' href='/author/someone-else'>Someone Else</a></aside>"
    markup = page(body=other).decode().replace("</h1>", "</h1><div class='meta'><a href='/author/olha-koval'>Olha Koval</a></div>")

    assert metadata_of(parsed(markup.replace("<nav>", f"{other}<nav>")), STORY).authors == ("Olha Koval",)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        pytest.param("신현주 기자 shin@example.kr", ("신현주",), id="Korean"),
        pytest.param("Lê Phương", ("Lê Phương",), id="a name alone"),
        pytest.param("By Olha Koval and Jan Nowak", ("Olha Koval", "Jan Nowak"), id="by"),
        pytest.param("What we know so far.", (), id="a sentence"),
        pytest.param("the latest news", (), id="no name"),
    ],
)
def test_the_last_line_of_a_text_may_name_the_author(line, names):
    assert authors_of_text(["The ministers met on Monday and agreed on nothing at all.", line]) == names


@pytest.mark.parametrize(
    ("host", "hour"),
    [pytest.param("news.example.ua", 5, id="Kyiv"), pytest.param("news.example.jp", 22, id="Tokyo"), pytest.param("news.example.com", 7, id="nobody's")],
)
def test_a_time_without_a_zone_is_the_countrys(page, host, hour):
    tree = parsed(page(ld=NEWS | {"datePublished": "2026-11-22T07:30:00"}).decode())

    assert metadata_of(tree, f"https://{host}/1").published_at.hour == hour


def test_the_day_in_one_place_and_the_minute_in_another_are_put_together(metadata):
    found = metadata(head='<meta property="article:published_time" content="2026-11-22T07:30:00+02:00">', ld=NEWS | {"datePublished": "2026-11-22"})

    assert found.published_at == datetime(2026, 11, 22, 5, 30, tzinfo=UTC)


def test_section_keywords_and_picture_are_as_stated(metadata):
    found = metadata(head='<meta property="og:image" content="/lead.jpg">', ld=NEWS | {"articleSection": "World", "keywords": "Odesa, air defence,Odesa"})

    assert (found.section, found.keywords, found.image_url) == ("World", ("Odesa", "air defence"), "https://www.example.org/lead.jpg")


@pytest.mark.parametrize("image", ["javascript:alert(1)", "data:image/png;base64,AAAA", ""])
def test_only_a_web_address_is_a_picture(metadata, image):
    assert metadata(head=f'<meta property="og:image" content="{image}">').image_url == ""
