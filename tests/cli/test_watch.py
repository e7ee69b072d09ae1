"""`monitor poll` and `monitor status`; `run` has its journeys."""

import json

from loopback import receiving, write_config

KEYS = {
    "feeds": ["due", "polled", "not_modified", "unchanged", "changed", "failed"],
    "entries": ["new", "edited"],
    "articles": ["read", "by_status"],
    "stories": ["new", "grown"],
    "deliveries": ["sent", "retrying", "dead"],
}


def test_a_poll_sums_up_in_one_document_also_when_feeds_failed(polled):
    summary = polled.summary

    assert list(summary) == ["schema", "feeds", "entries", "articles", "matches", "stories", "alerts", "deliveries", "seconds"]
    assert {name: list(part) for name, part in summary.items() if isinstance(part, dict)} == KEYS
    assert summary["feeds"] == {"due": 3, "polled": 3, "not_modified": 0, "unchanged": 0, "changed": 2, "failed": 1}
    assert (summary["entries"]["new"], summary["articles"]["read"], summary["matches"]) == (3, 3, 2)
    assert summary["deliveries"] == {"sent": 2, "retrying": 0, "dead": 0}


def test_a_poll_sums_up_in_words_and_says_where_to_look(monitor, web, tmp_path):
    web.pages["/bad.xml"] = (500, {}, b"")
    web.feed("/good.xml")
    write_config(tmp_path, web, "/bad.xml", "/good.xml")

    done = monitor("poll", "--all")

    assert done.code == 0
    assert done.out.splitlines()[0].startswith("2 feeds asked in ")
    assert done.out.splitlines()[0].endswith(": 1 changed, 0 as before, 1 failed")
    assert "status-500" in done.err
    assert done.err.endswith("Next: monitor feeds health\n")


def test_a_poll_asks_only_the_feeds_it_is_told(monitor, web, tmp_path):
    web.feed("/a.xml")
    web.feed("/b.xml")
    write_config(tmp_path, web, "/a.xml", "/b.xml")

    assert monitor("poll", "f1", "--json").json["feeds"]["polled"] == 1
    assert [path for path, _ in web.asked] == ["/b.xml"]


def test_a_poll_asks_only_what_is_due(monitor, web, tmp_path):
    web.feed("/a.xml")
    write_config(tmp_path, web, "/a.xml")
    monitor("poll", "--all")

    again = monitor("poll", "--json").json["feeds"]

    assert (again["due"], again["polled"], len(web.asked)) == (0, 0, 1)


def test_a_feed_that_is_not_in_the_configuration_is_a_usage_error(monitor, web, tmp_path):
    write_config(tmp_path, web, "/a.xml", "/b.xml")

    done = monitor("poll", "f0", "f01")

    assert (done.code, done.out, web.asked) == (2, "", [])
    assert "no feed 'f01' – did you mean 'f1'?" in done.err


def test_without_delivery_messages_wait_for_the_next_poll(monitor, tmp_path, web, write_watch):
    with receiving() as inbox:
        write_watch(tmp_path, web, inbox)

        kept = monitor("poll", "--all", "--no-deliver", "--json").json
        assert (kept["deliveries"], inbox.mails, web.posted) == ({"sent": 0, "retrying": 0, "dead": 0}, [], [])

        sent = monitor("poll", "--json").json
        assert (sent["deliveries"]["sent"], len(inbox.mails), len(web.posted)) == (2, 1, 1)


def test_a_poll_leaves_a_digest_open_until_its_time(polled, monitor):
    kinds = {row["kind"] for row in monitor(*polled.options, "deliveries", "list", "--json").json["deliveries"]}

    assert kinds == {"email", "webhook"}


def test_progress_is_drawn_on_a_terminal_only(terminal, process, web, tmp_path):
    web.feed("/a.xml")
    write_config(tmp_path, web, "/a.xml")

    drawn, piped = terminal("poll", "--all", "--json"), process("poll", "--all", "--json")

    assert (drawn.code, "asking feeds" in drawn.err, json.loads(drawn.out)["feeds"]["polled"]) == (0, True, 1)
    assert (piped.code, piped.err) == (0, "")


def test_quiet_draws_no_progress_either(terminal, web, tmp_path):
    web.feed("/a.xml")
    write_config(tmp_path, web, "/a.xml")

    done = terminal("-q", "poll", "--all")

    assert (done.code, done.err) == (0, "")


# ---------------------------------------------------------------------------------------------- status
def test_status_counts_in_one_document(monitor, polled):
    document = monitor(*polled.options, "status", "--json").json

    assert (document["schema"], document["feeds"], document["failing_feeds"]) == ("status/1", {"active": 3}, 1)
    assert (document["entries"], document["articles"], document["matches"], document["stories"]) == (3, 3, 2, 1)
    assert set(document["due"]) == {"poll", "read", "judge", "close", "deliver"}


def test_status_says_it_in_four_lines(monitor, polled):
    lines = monitor(*polled.options, "status").out.splitlines()

    assert [line.split()[0] for line in lines] == ["feeds", "articles", "waiting", "deliveries"]
    assert "3 active; 1 failing" in lines[0]


def test_status_of_a_watch_that_has_not_begun_is_empty(monitor, polled):
    done = monitor("--config", polled.config, "status")

    assert (done.code, "nothing waits" in done.out) == (0, True)
