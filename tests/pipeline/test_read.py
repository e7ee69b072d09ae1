"""T2: an article is read with its newest words, once, and nothing keeps the others waiting."""

import re
from dataclasses import replace

import pytest

from monitor import urls
from monitor.pipeline import is_one_page, read_article
from monitor.store import articles, stories
from monitor.store.schema import article, entry, story_member

BODY = "Ukraine asked NATO for Patriot batteries, and the ministers answered at length in the evening. " * 6


@pytest.fixture
async def found(life, make):
    """A feed with one entry that names the topic, polled."""
    life.web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    life.web.article("/1.html", make.TITLE, BODY, BODY)
    life.watches("/a.xml")
    await life.poll()
    return life


async def edited(life, make, title):
    life.web.feed("/a.xml", (title, "/1.html", make.LEAD, life.clock()))
    await life.poll()


async def test_an_article_gets_its_page_and_is_due_to_judge(found):
    await found.read()

    ((text, status, step),) = found.rows(article, article.c.text, article.c.status, article.c.step)
    assert ("Patriot batteries" in text, status, step) == (True, "full", "judge")


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [pytest.param(BODY * 4, False, id="all of it"), pytest.param(BODY * 4 + "Read more …", True, id="a beginning"), pytest.param(BODY, True, id="a part")],
)
async def test_a_feed_that_brings_the_whole_article_spares_its_site_the_question(life, make, text, is_asked):
    life.web.feed("/a.xml", (make.TITLE, "/1.html", text, life.clock()))
    life.web.article("/1.html", make.TITLE, BODY, BODY)
    life.watches("/a.xml")
    await life.poll()

    await life.read()

    assert ("/1.html" in [path for path, _ in life.web.asked]) is is_asked
    assert life.rows(article, article.c.status) == ["full" if is_asked else "feed-only"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_around_the_save_it_is_read_and_due_to_judge_once(found, when):
    await found.dies(found.read, articles.save_reads, when)

    await found.read()

    assert found.rows(article, article.c.step, article.c.version) == [("judge", 1)]


async def test_an_edit_that_comes_while_an_article_is_read_is_read_too(found, make):
    (claim,) = found.claims(articles.claim_articles, "read")
    await edited(found, make, "NATO chief leaves Odesa")

    await read_article(found.doors, found.settings, claim)
    await found.read()

    assert found.rows(article, article.c.title, article.c.step) == [("NATO chief leaves Odesa", "judge")]


async def test_an_edit_in_an_older_feed_wins_over_a_newer_feeds_old_words(found, make):
    found.web.feed("/b.xml", (make.TITLE, "/1.html", make.LEAD, found.clock()))
    found.watches("/a.xml", "/b.xml")
    await found.poll()
    await found.read()

    await edited(found, make, "NATO chief leaves Odesa")
    await found.read()

    assert found.rows(article, article.c.title) == ["NATO chief leaves Odesa"]


async def test_a_reader_whose_claim_was_lost_changes_nothing(found):
    (late,) = found.claims(articles.claim_articles, "read")
    found.clock.forward(minutes=6)
    await found.read()
    before = found.rows(article)

    await read_article(found.doors, found.settings, replace(late, leased_until=found.clock() + 2 * (found.clock() - late.leased_until)))

    assert found.rows(article) == before


async def test_an_edit_whose_page_cannot_be_had_keeps_the_page_that_we_have(found, make):
    await found.read()
    found.web.pages["/1.html"] = (503, {}, b"")

    await edited(found, make, "NATO chief leaves Odesa")
    await found.read()

    ((title, text, status),) = found.rows(article, article.c.title, article.c.text, article.c.status)
    assert (title, "Patriot batteries" in text, status) == ("NATO chief leaves Odesa", True, "full")


async def test_a_host_that_asks_for_a_pause_gets_it_and_the_page_is_read_afterwards(found):
    page = found.web.pages["/1.html"]
    found.web.pages["/1.html"] = (429, {"Retry-After": "120"}, b"")
    await found.read()
    asked = len(found.web.asked)
    await found.read()

    assert (len(found.web.asked), found.rows(article, article.c.step)) == (asked, ["read"])
    found.web.pages["/1.html"] = page
    found.clock.forward(minutes=3)
    await found.read()
    assert found.rows(article, article.c.status) == ["full"]


async def test_a_host_that_never_stops_pausing_costs_the_page_and_not_the_article(found):
    found.web.pages["/1.html"] = (429, {"Retry-After": "86400"}, b"")
    await found.read()

    found.clock.forward(minutes=16)
    await found.read()

    assert found.rows(article, article.c.status, article.c.step) == [("failed", "judge")]


async def test_pages_of_a_site_that_does_not_answer_wait_for_one_of_them(life, make):
    life.web.feed("/a.xml", *((f"NATO news {number}", f"/{number}.html", make.LEAD, life.clock()) for number in range(5)))
    for number in range(5):
        life.web.pages[f"/{number}.html"] = ("hang", {}, b"")
    life.watches("/a.xml")
    await life.poll()
    asked = len(life.web.asked)

    await life.read()

    assert [path for path, _ in life.web.asked[asked:]][:1] == ["/robots.txt"]
    assert len(life.web.asked) == asked + 2
    assert sorted(life.rows(article, article.c.step)) == ["judge", "read", "read", "read", "read"]


WALL = "Ми та наші партнери використовуємо файли cookie. Надайте згоду на обробку персональних даних."


async def test_C51_a_page_with_hardly_any_text_leaves_the_feeds_words_and_says_so(found, make):
    found.web.article(
        "/1.html",
        make.TITLE,
        "Ministers met in Odesa on Monday and agreed on air defence for the whole coast, two officials of NATO and Ukraine said. More follows.",
    )
    status, headers, body = found.web.pages["/1.html"]
    found.web.pages["/1.html"] = (status, headers, body.replace(b"<title>", b'<meta property="og:type" content="article"><title>'))

    await found.read()

    assert found.rows(article, article.c.text, article.c.status, article.c.problem) == [(make.LEAD, "partial", "teaser")]


async def test_C52_a_consent_page_is_called_that_and_its_text_is_thrown_away(found, make):
    found.web.article("/1.html", "Ми дбаємо про вашу приватність", WALL)

    await found.read()

    assert found.rows(article, article.c.title, article.c.text, article.c.status, article.c.problem) == [(make.TITLE, make.LEAD, "blocked", "consent")]


async def test_C52_a_page_behind_a_wall_is_asked_for_once_more_a_day_later_and_never_again(found):
    page = found.web.pages["/1.html"]
    found.web.article("/1.html", "Ми дбаємо про вашу приватність", WALL)
    for _ in range(72):
        await found.read()
        await found.judge()
        found.clock.forward(hours=1)

    asked = [path for path, _ in found.web.asked].count("/1.html")
    found.web.pages["/1.html"] = page
    found.clock.forward(days=3)
    await found.read()
    assert (asked, [path for path, _ in found.web.asked].count("/1.html")) == (2, 2)
    assert found.rows(article, article.c.step, article.c.status) == [("done", "blocked")]


async def test_C52_a_wall_that_is_gone_the_next_day_gives_the_article(found):
    page = found.web.pages["/1.html"]
    found.web.article("/1.html", "Ми дбаємо про вашу приватність", WALL)
    await found.read()
    await found.judge()
    found.web.pages["/1.html"] = page

    found.clock.forward(hours=23)
    await found.read()
    early = found.rows(article, article.c.status)
    found.clock.forward(hours=2)
    await found.read()

    assert (early, found.rows(article, article.c.status, article.c.step)) == (["blocked"], [("full", "judge")])


async def test_an_article_that_nobody_can_save_is_judged_by_its_title_after_a_few_tries(found):
    async def save(read):
        if not read.problem:
            raise ValueError("cannot be bound")
        await found.database.write(articles.save_reads, [read], is_one_page)

    found.doors = replace(found.doors, save_read=save)
    for _ in range(2):
        with pytest.raises(ValueError, match="bound"):
            await found.read()
        found.clock.forward(minutes=6)
    await found.read()

    assert found.rows(article, article.c.step, article.c.status, article.c.problem) == [("judge", "failed", "internal: ValueError")]


async def test_a_long_feed_text_is_read_outside_of_the_event_loop(life, make):
    life.web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    status, headers, body = life.web.pages["/a.xml"]
    content = "<content:encoded><![CDATA[" + f"<p>{BODY}</p>" * 100 + "]]></content:encoded></item>"
    declared = body.replace(b'version="2.0"', b'version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"')
    life.web.pages["/a.xml"] = (status, headers, declared.replace(b"</item>", content.encode()))
    life.watches("/a.xml")
    await life.poll()

    await life.read()

    ((text, status),) = life.rows(article, article.c.text, article.c.status)
    assert text.count("Patriot batteries") == 600


async def test_the_words_of_the_feed_tell_which_letters_a_page_is_in_that_lies_about_them(life, make):
    title, text = "НАТО обіцяє Одесі протиповітряну оборону", "Міністри обіцяли Одесі дві батареї до зими, одну з них у позику. " * 9
    life.topics = {"nato": make.topic("nato", "НАТО")}
    life.web.feed("/a.xml", (title, "/1.html", "Міністри обіцяли Одесі дві батареї до зими.", life.clock()))
    life.watches("/a.xml")
    page = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p><p>{text}</p></article></body></html>"
    life.web.pages["/1.html"] = (200, {"Content-Type": "text/html; charset=windows-1251"}, page.encode("koi8-u"))
    await life.poll()

    await life.read()

    ((found, status),) = life.rows(article, article.c.text, article.c.status)
    assert ("дві батареї до зими" in found, status) == (True, "full")


async def test_one_claim_is_read_once(found, make):
    (claim,) = found.claims(articles.claim_articles, "read")
    await read_article(found.doors, found.settings, claim)
    before = found.rows(article)
    found.web.article("/1.html", make.TITLE, "Something else by now.", BODY)

    await read_article(found.doors, found.settings, claim)

    assert found.rows(article) == before


# --------------------------------------------------------------------------- one page with several addresses
def page(life, path, *, canonical="", title="", body=BODY):
    life.web.article(path, title or "NATO chief visits Odesa as Ukraine asks for air defence", body, body)
    status, headers, text = life.web.pages[path]
    life.web.pages[path] = (status, headers, text.replace(b"</head>", f'<link rel="canonical" href="{canonical}"></head>'.encode()))


async def _two_addresses(life, make, *, canonical, second="/story.html?layout=phone", title=""):
    """A page is in one feed by its address, and later in another by a second one."""
    page(life, "/story.html", canonical=canonical)
    page(life, second, canonical=canonical)
    life.web.feed("/a.xml", (make.TITLE, "/story.html", make.LEAD, life.clock()))
    life.web.feed("/b.xml")
    life.watches("/a.xml", "/b.xml")
    await life.goes_on()
    life.web.feed("/b.xml", (title or make.TITLE, second, make.LEAD, life.clock()))
    await life.goes_on()


async def test_C48_Q46_two_addresses_of_one_page_are_one_article(life, make):
    await _two_addresses(life, make, canonical="/story.html")

    assert life.rows(article, article.c.duplicate_of, article.c.step) == [(None, "done"), (1, "done")]
    assert life.rows(entry, entry.c.article_id) == [1, 1]
    assert len(life.rows(story_member)) == 1
    assert len(life.sent) == 1


async def test_C48_the_first_one_may_be_the_phones(life, make):
    page(life, "/p.html", canonical="/story-1.html")
    page(life, "/story-1.html", canonical="/story-1.html")
    life.web.feed("/a.xml", (make.TITLE, "/p.html", make.LEAD, life.clock()))
    life.watches("/a.xml")
    await life.goes_on()
    life.web.feed("/a.xml", (make.TITLE, "/story-1.html", make.LEAD, life.clock()), (make.TITLE, "/p.html", make.LEAD, life.clock()))
    await life.goes_on()

    assert life.rows(article, article.c.duplicate_of) == [None, 1]


async def test_C48_an_edit_by_the_second_address_is_read_by_the_first(life, make):
    await _two_addresses(life, make, canonical="/story.html")
    life.web.feed("/b.xml", (make.TITLE + " now", "/story.html?layout=phone", make.LEAD, life.clock()))
    await life.poll()
    await life.read()

    assert life.rows(article, article.c.title, where=[article.c.id == 1]) == [make.TITLE + " now"]


async def test_C48_a_changed_topic_does_not_judge_what_is_told_through_another(life, make):
    await _two_addresses(life, make, canonical="/story.html")
    life.database.write_now(stories.requeue_matching, life.clock(), make.LEASE * 1000)

    assert life.rows(article, article.c.step) == ["judge", "done"]


async def test_C48_templates_that_give_all_pages_one_address_lose_none(life, make):
    await _two_addresses(life, make, canonical="/latest-news.html", title="Sniffer dogs clear fields near Izium for NATO")

    assert life.rows(article, article.c.duplicate_of) == [None, None]


async def test_C48_pages_whose_canonical_address_is_the_front_page_stay_their_own(life, make):
    await _two_addresses(life, make, canonical="/")

    assert life.rows(article, article.c.duplicate_of, article.c.canonical_key) == [(None, ""), (None, "")]


async def test_C47_the_word_of_another_site_is_a_hint_and_no_identity(life, make):
    await _two_addresses(life, make, canonical="https://agency.example/story.html")

    assert life.rows(article, article.c.duplicate_of, article.c.canonical_key) == [(None, ""), (None, "")]
    assert life.rows(article, article.c.canonical_url) == ["https://agency.example/story.html"] * 2


@pytest.mark.parametrize("when", ["before", "after"])
async def test_C48_killed_around_the_save_there_is_one_article_with_both_entries(life, make, when):
    page(life, "/story.html", canonical="/story.html")
    page(life, "/second-1.html", canonical="/story.html")
    life.web.feed("/a.xml", (make.TITLE, "/story.html", make.LEAD, life.clock()))
    life.watches("/a.xml")
    await life.goes_on()
    life.web.feed("/a.xml", (make.TITLE, "/second-1.html", make.LEAD, life.clock()), (make.TITLE, "/story.html", make.LEAD, life.clock()))
    await life.poll()

    await life.dies(life.read, articles.save_reads, when)
    await life.goes_on()

    assert (life.rows(article, article.c.duplicate_of), life.rows(entry, entry.c.article_id)) == ([None, 1], [1, 1])


async def test_Q45_where_somebody_passes_on_the_page_that_it_led_to_says_whose_it_is(life, make, monkeypatch):
    """The one who passes on stands in for FeedBurner, which is not to be asked here."""
    monkeypatch.setattr(urls, "_PASSES_ON", re.compile("^127[.]0[.]0[.]1"))
    publisher = life.web.address.replace("127.0.0.1", "localhost")
    life.web.pages["/go/1"] = (302, {"Location": f"{publisher}/story-1.html"}, b"")
    page(life, "/story-1.html", canonical="/story-1.html")
    life.web.feed("/a.xml", (make.TITLE, "/go/1", make.LEAD, life.clock()))
    life.watches("/a.xml")
    await life.poll()
    await life.read()

    assert life.rows(article, article.c.url, article.c.outlet, article.c.status) == [(f"{publisher}/story-1.html", "localhost", "full")]
