"""`monitor feeds`."""

import base64
import json

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="uk"><title>Новини</title><id>urn:a</id>
<link rel="alternate" href="/"/><updated>2026-11-22T10:00:00Z</updated>
<entry><id>urn:1</id><title>Перша</title><link href="/1"/><published>2026-11-22T09:00:00+02:00</published><updated>2026-11-22T10:00:00Z</updated>
<author><name>Олена</name></author><summary>Коротко</summary></entry></feed>"""


def test_every_feed_is_listed_with_what_came_of_it(monitor, polled):
    done = monitor(*polled.options, "feeds", "list", "--json")

    feeds = {feed["id"]: feed for feed in done.json["feeds"]}
    assert (done.code, done.err, list(feeds)) == (0, "", ["f0", "f1", "f2"])
    assert (feeds["f0"]["state"], feeds["f0"]["entries"], feeds["f0"]["failures"], feeds["f0"]["last_problem"]) == ("active", 2, 0, "")
    assert (feeds["f2"]["failures"], feeds["f2"]["last_problem"], feeds["f2"]["next_poll_reason"]) == (1, "status-500", "backing-off")
    assert feeds["f0"]["polled_at"].endswith("Z")


def test_people_see_the_same_as_a_table(monitor, polled):
    header, *rows = monitor(*polled.options, "feeds", "list").out.splitlines()

    assert header.split() == ["feed", "state", "lang", "entries", "asked", "next", "why", "then", "last", "problem"]
    assert [row.split()[0] for row in rows] == ["f0", "f1", "f2"]
    assert "failing ×1" in rows[2]


def test_before_the_first_poll_the_list_is_empty_and_says_what_to_do(monitor, polled):
    done = monitor("--config", polled.config, "feeds", "list")

    assert (done.code, done.err) == (0, "No feed was ever asked. Next: monitor poll\n")


def test_a_feed_on_stdin_becomes_one_document(monitor):
    done = monitor("--json", "feeds", "parse", "-", "--url", "https://alpha.example/feed", stdin=ATOM)

    assert (done.code, done.err) == (0, "")
    assert list(done.json) == ["schema", "format", "feed", "entries", "problems"]
    assert {"title", "url", "site_url", "language"} <= set(done.json["feed"])
    (entry,) = done.json["entries"]
    assert list(entry) == ["key", "id", "url", "title", "summary", "content", "authors", "published_at", "updated_at", "enclosures"]
    assert (entry["url"], entry["published_at"], entry["authors"]) == ("https://alpha.example/1", "2026-11-22T07:00:00Z", ["Олена"])
    assert (done.json["schema"], done.json["feed"]["site_url"], done.json["feed"]["language"]) == ("feeds parse/1", "https://alpha.example/", "uk")


def test_a_feed_in_a_file_is_shown_to_people(monitor, tmp_path):
    (tmp_path / "feed.xml").write_text(ATOM)

    done = monitor("feeds", "parse", "feed.xml", "--url", "https://alpha.example/feed")

    assert done.out.splitlines() == [
        "Новини – atom10, 1 entry",
        "  2026-11-22T07:00:00Z  Перша",
        f"{'':22}  https://alpha.example/1",
    ]


def test_what_is_no_feed_is_told_with_its_code(monitor):
    page = "<!doctype html><html><body>Welcome</body></html>"

    shown, document = monitor("feeds", "parse", stdin=page), monitor("feeds", "parse", "--json", stdin=page)

    assert (shown.code, shown.out) == (0, "(no title) – not a feed, 0 entries\n")
    assert shown.err.startswith("not-a-feed: ")
    assert [problem["code"] for problem in document.json["problems"]] == ["not-a-feed"]


def test_a_batch_gives_one_line_for_each_feed(monitor, tmp_path):
    (tmp_path / "feed.xml").write_text(ATOM)
    lines = [
        {"id": "file", "path": "feed.xml", "url": "https://alpha.example/feed"},
        {"id": "bytes", "base64": base64.b64encode(ATOM.encode()).decode(), "content_type": "application/atom+xml"},
        {"id": "none", "path": "nowhere.xml"},
    ]

    done = monitor("feeds", "parse", "--batch", stdin="\n".join(map(json.dumps, lines)))

    assert [line["id"] for line in done.lines] == ["file", "bytes", "none"]
    assert [line.get("feed", {}).get("title") for line in done.lines] == ["Новини", "Новини", None]
    assert "error" in done.lines[2]
