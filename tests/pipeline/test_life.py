"""What polls mean for the life of a feed, over a real database and a real web: moves, ends, proposals, suspicions."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

from loopback import serving

from monitor.fetcher.client import Client, FetchLimits
from monitor.fetcher.guard import Guard
from monitor.model import EventKind
from monitor.store import events, feeds
from monitor.store.schema import article, digest, entry, feed


def news(life, path, *numbers, title="The Paper", head=""):
    items = [(f"News {number}", f"/{number}.html", f"Words of {number}.", life.clock()) for number in numbers]
    life.web.feed(path, *items, title=title)
    status, headers, body = life.web.pages[path]
    life.web.pages[path] = (status, headers, body.replace(b"<language>", head.encode() + b"<language>"))


def redirects(life, path, target, status=301):
    life.web.pages[path] = (status, {"Location": target}, b"")


async def polls(life, times, hours=25):
    for _ in range(times):
        await life.poll()
        life.clock.forward(hours=hours)


def head(life, feed_id="a"):
    (row,) = life.rows(feed, where=[feed.c.id == feed_id])
    return row


def happened(life):
    return [event.kind for event in reversed(life.database.read_now(events.list_events))]


def notices(life):
    return len(life.rows(digest, where=[digest.c.kind == "notice"]))


def path_of(life, url):
    return url.removeprefix(life.web.address)


def asked(life):
    return [path for path, _ in life.web.asked]


# ------------------------------------------------------------------------------------------------ moves
async def test_C23_a_feed_that_moves_for_good_is_asked_at_its_new_address_and_brings_nothing_twice(life):
    news(life, "/b.xml", 1, 2)
    redirects(life, "/a.xml", "/b.xml")
    life.watches("/a.xml")

    await polls(life, 3)
    life.watches("/a.xml")  # a restart with the same configuration
    life.web.asked.clear()
    await polls(life, 1)

    assert asked(life) == ["/b.xml"]
    assert path_of(life, head(life).configured_url) == "/a.xml"
    assert happened(life) == [EventKind.MOVED]
    assert notices(life) == 0
    assert len(life.rows(entry)) == 2


async def test_C24_permanent_redirects_to_a_page_move_nothing(life):
    life.web.article("/maintenance.html", "We are closed for maintenance")
    redirects(life, "/a.xml", "/maintenance.html")
    life.watches("/a.xml")

    await polls(life, 5)

    assert path_of(life, head(life).url) == "/a.xml"
    assert EventKind.MOVED not in happened(life)


async def test_C25_C26_Q39_temporary_redirects_and_mixed_chains_move_nothing(life):
    news(life, "/b.xml", 1)
    redirects(life, "/a.xml", "/b.xml", status=302)
    redirects(life, "/c.xml", "/middle.xml", status=301)
    redirects(life, "/middle.xml", "/b.xml", status=307)
    life.watches("/a.xml", "/c.xml")

    await polls(life, 5)

    assert [path_of(life, head(life, name).url) for name in "ac"] == ["/a.xml", "/c.xml"]
    assert happened(life) == []


async def test_C28_a_feed_that_moves_to_one_of_ours_ends_as_its_duplicate_with_all_it_has_and_the_operator_is_told(life):
    hears_of_feeds(life)
    news(life, "/a.xml", 1)
    news(life, "/b.xml", 2)
    life.watches("/a.xml", "/b.xml")
    await polls(life, 1)
    redirects(life, "/a.xml", "/b.xml", status=308)

    await polls(life, 4)

    assert (head(life).state, head(life).duplicate_of, head(life, "b").state) == ("duplicate", "b", "active")
    assert sorted(life.rows(entry, entry.c.title, where=[entry.c.feed_id == "a"])) == ["News 1", "News 2"]
    assert len(life.rows(article)) == 2
    assert happened(life) == [EventKind.DUPLICATE]
    assert notices(life) == 1


async def test_Q40_a_document_that_names_its_new_address_moves_there_once_a_feed_stands_there(life):
    named = f"<itunes:new-feed-url xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>{life.web.address}/new.xml</itunes:new-feed-url>"
    news(life, "/a.xml", 1, head=named)
    life.web.article("/new.xml", "Not yet")
    life.watches("/a.xml")
    await polls(life, 4)
    assert path_of(life, head(life).url) == "/a.xml"

    news(life, "/new.xml", 1, 2)
    await polls(life, 4)

    assert path_of(life, head(life).url) == "/new.xml"
    assert happened(life) == [EventKind.MOVED]
    assert sorted(life.rows(entry, entry.c.title)) == ["News 1", "News 2"]


async def test_Q41_the_address_that_a_feed_gives_itself_and_its_hub_are_never_asked(life):
    links = (("self", "/elsewhere.xml"), ("hub", "/hub"))
    own = "".join(f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='{rel}' href='{life.web.address}{path}'/>" for rel, path in links)
    news(life, "/a.xml", 1, head=own)
    life.watches("/a.xml")

    await polls(life, 4)

    assert set(asked(life)) == {"/a.xml"}


# ------------------------------------------------------------------------------------------------- ends
async def test_C29_Q37_a_feed_that_is_gone_is_told_once_asked_no_more_and_keeps_its_history(life):
    hears_of_feeds(life)
    news(life, "/a.xml", 1)
    life.watches("/a.xml")
    await polls(life, 1)
    life.web.pages["/a.xml"] = (410, {}, b"")
    await polls(life, 1, hours=2)
    await polls(life, 1, hours=25)
    assert head(life).state == "active"

    await polls(life, 1)
    count = len(life.web.asked)
    await polls(life, 3)

    assert head(life).state == "gone"
    assert (happened(life), notices(life)) == ([EventKind.GONE], 1)
    assert len(life.web.asked) == count
    assert len(life.rows(entry)) == 1


async def test_C31_a_feed_that_fails_for_a_fortnight_is_disabled_with_one_notice_and_resumed_by_command(life):
    hears_of_feeds(life)
    life.web.pages["/a.xml"] = (500, {}, b"")
    life.watches("/a.xml")

    began = life.clock()
    while head(life).state == "active":
        await life.poll()
        life.clock.now = head(life).next_poll_at

    assert timedelta(days=14) <= head(life).polled_at - began <= timedelta(days=15)
    assert (head(life).state, happened(life), notices(life)) == ("disabled", [EventKind.DISABLED], 1)
    count = len(life.web.asked)
    await polls(life, 3)
    assert (len(life.web.asked), notices(life)) == (count, 1)

    news(life, "/a.xml", 1)
    assert life.database.write_now(events.resume, ["a"], life.clock()) == ["a"]
    await life.poll()
    assert (head(life).state, head(life).failures, len(life.rows(entry))) == ("active", 0, 1)


async def test_killed_around_the_poll_that_ends_a_feed_it_is_told_exactly_once(life):
    hears_of_feeds(life)
    life.web.pages["/a.xml"] = (410, {}, b"")
    life.watches("/a.xml")
    await polls(life, 1)

    await life.dies(life.poll, feeds.save_polls, "before")
    assert (happened(life), notices(life)) == ([], 0)
    await life.dies(life.poll, feeds.save_polls, "after")
    await life.poll()

    assert (happened(life), notices(life)) == ([EventKind.GONE], 1)


# -------------------------------------------------------------------------------------------- discovery
def site(life, *links, path="/"):
    tags = "".join(f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">' for href, title in links)
    life.web.pages[path] = (200, {"Content-Type": "text/html"}, f"<!doctype html><html><head>{tags}</head><body>Hello</body></html>".encode())


async def test_C30_after_three_times_404_the_site_is_asked_once_and_a_proposal_appears(life):
    news(life, "/a.xml", 1)
    life.watches("/a.xml")
    await polls(life, 1)
    news(life, "/new.xml", 2)
    site(life, ("/comments.xml", "Comments"), ("/new.xml", "The Paper"))
    del life.web.pages["/a.xml"]
    life.web.asked.clear()

    await polls(life, 6)

    assert path_of(life, head(life).proposed_url) == "/new.xml"
    assert path_of(life, head(life).url) == "/a.xml"
    assert asked(life).count("/") == 1
    assert happened(life) == [EventKind.PROPOSAL]
    (proposal,) = life.database.read_now(events.proposals)
    assert proposal.reason.endswith("says that its feed is there, titled “The Paper”")


async def test_C36_a_page_in_place_of_a_feed_is_no_feed_and_its_links_are_offered_at_once(life):
    news(life, "/new.xml", 1)
    site(life, ("/broken.xml", "Old"), ("/new.xml", "News"), path="/a.xml")
    life.watches("/a.xml")

    await life.poll()

    assert head(life).last_problem.startswith("not-a-feed")
    assert path_of(life, head(life).proposed_url) == "/new.xml"
    assert happened(life) == [EventKind.PROPOSAL]


async def test_a_feed_of_ours_is_not_proposed_for_another(life):
    news(life, "/b.xml", 1)
    site(life, ("/b.xml", "News"), path="/a.xml")
    life.watches("/a.xml", "/b.xml")

    await life.poll()

    assert head(life).proposed_url == ""


async def test_A19_what_a_page_leads_to_is_asked_only_through_the_guard(life):
    """A feed and its site may be asked; that they name a neighbour in the private network opens no door to it."""
    await life.client.__aexit__(None, None, None)
    only_ours = Guard(allow_private=[ip_network("127.0.0.1/32")])
    life.client = await Client(guard=only_ours, user_agent="test", limits=FetchLimits(timeout_s=5), clock=life.clock).__aenter__()
    life.restarted()
    with serving("127.0.0.2") as private:
        private.feed("/feed.xml", ("Secret", "/1", "Words", life.clock()))
        port = private.address.rpartition(":")[2]
        doors = [f"http://{host}:{port}/feed.xml" for host in ("127.0.0.2", "2130706434", "0x7f000002", "[::ffff:127.0.0.2]", "0177.0.0.2")]
        redirects(life, "/door.xml", doors[0])
        site(life, *((door, "Inside") for door in (*doors, "/door.xml")), path="/a.xml")
        site(life, *((door, "Inside") for door in reversed(doors)))
        life.watches("/a.xml")

        await polls(life, 4)

        assert private.asked == []
        assert head(life).proposed_url == ""
        assert {"/a.xml", "/"} <= set(asked(life))


async def test_a_search_that_ends_in_an_error_nobody_expected_keeps_the_poll(life):
    site(life, ("/new.xml", "News"), path="/a.xml")
    life.watches("/a.xml")
    sandbox = life.doors.sandbox

    class Broken:
        async def run(self, function, *args, **kwargs):
            if function.__name__ == "candidates":
                raise RecursionError
            return await sandbox.run(function, *args, **kwargs)

    life.doors = replace(life.doors, sandbox=Broken())
    await life.poll()

    assert (head(life).failures, head(life).proposed_url) == (1, "")
    assert head(life).last_problem.startswith("not-a-feed")


async def test_a_site_without_end_costs_a_bounded_number_of_requests(life):
    site(life, *[(f"/feed{number}.xml", f"Feed {number}") for number in range(200)])
    life.watches("/a.xml")

    await polls(life, 3)

    assert len(asked(life)) <= 3 + 1 + 5


# -------------------------------------------------------------------------------------------- suspicions
async def test_A51_a_suspended_account_is_told_and_nothing_is_deleted(life):
    hears_of_feeds(life)
    news(life, "/a.xml", 1, 2, 3)
    life.watches("/a.xml")
    await polls(life, 1)

    news(life, "/a.xml", title="Account Suspended")
    await polls(life, 3)

    assert head(life).last_problem.startswith("suspicious-change (its title turned from “The Paper” to “Account Suspended”")
    assert (head(life).state, head(life).failures) == ("active", 0)
    assert len(life.rows(entry)) == 3
    assert (happened(life), notices(life)) == ([EventKind.SUSPICIOUS_CHANGE], 1)


def hears_of_feeds(life):
    life.subscribers = {name: replace(each, notices=True) for name, each in life.subscribers.items()}
