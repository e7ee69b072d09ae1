"""`monitor articles`."""

import base64
import gzip
import json

import pytest

PARAGRAPHS = "".join(f"<p>Paragraph {number}: the ministers spoke for two hours about grain, ports and the winter to come.</p>" for number in range(12))
PAGE = f"""<!doctype html><html lang="en"><head><title>Ministers meet in Odesa</title>
<meta name="author" content="Ada Byron"><meta property="article:published_time" content="2026-11-22T09:00:00+02:00"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Ministers meet in Odesa</h1>{PARAGRAPHS}</article><footer>Terms</footer></body></html>"""
KEYS = [
    "status", "reason", "title", "authors", "published_at", "modified_at", "language", "text", "captions",
    "url", "site", "section", "keywords", "image_url", "problems",
]  # fmt: skip


@pytest.mark.parametrize("packed", [pytest.param(False, id="plain"), pytest.param(True, id="gzip")])
def test_a_page_in_a_file_becomes_one_document(monitor, tmp_path, packed):
    (tmp_path / "page").write_bytes(gzip.compress(PAGE.encode()) if packed else PAGE.encode())

    done = monitor("articles", "extract", "page", "--url", "https://alpha.example/1", "--json")

    assert (done.code, done.err, list(done.json)) == (0, "", ["schema", *KEYS])
    assert (done.json["status"], done.json["title"], done.json["authors"]) == ("full", "Ministers meet in Odesa", ["Ada Byron"])
    assert (done.json["url"], done.json["language"], done.json["published_at"]) == ("https://alpha.example/1", "en", "2026-11-22T07:00:00Z")
    assert done.json["text"].startswith("Paragraph 0")


def test_a_page_on_stdin_is_shown_to_people(monitor):
    done = monitor("articles", "extract", "-", "--url", "https://alpha.example/1", stdin=PAGE)

    title, about, empty, first, *_ = done.out.splitlines()
    assert (done.code, title, about, empty) == (0, "Ministers meet in Odesa", "Ada Byron  2026-11-22T07:00:00Z  en  [full]", "")
    assert first.startswith("Paragraph 0")


def test_people_are_told_why_a_page_is_no_article(monitor):
    done = monitor("articles", "extract", "-", stdin="<title>Just a moment...</title><p>Verifying you are human.</p>")

    assert done.code == 0
    assert done.out.splitlines()[1].endswith("[blocked: challenge]")


@pytest.mark.parametrize("page", [b"", b"\x00" * 100, b"<html></html>", gzip.compress(b"", mtime=0)], ids=["nothing", "zeros", "bare", "gzip of nothing"])
def test_a_page_with_nothing_in_it_is_no_failure(monitor, page):
    done = monitor("articles", "extract", "--json", stdin=page)

    assert (done.code, done.err, done.json["text"]) == (0, "", "")
    assert done.json["status"] in {"empty", "failed", "not-an-article"}


def test_a_batch_gives_one_line_for_each_page(monitor, tmp_path):
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    lines = [
        {"id": 1, "path": "page.html.gz", "url": "https://alpha.example/1"},
        {"id": 2, "path": "nowhere.html"},
        {"id": 3, "base64": base64.b64encode(PAGE.encode()).decode()},
    ]

    done = monitor("articles", "extract", "--batch", stdin="\n".join(map(json.dumps, lines)))

    assert [line["id"] for line in done.lines] == [1, 2, 3]
    assert (list(done.lines[0]), list(done.lines[1])) == (["id", *KEYS], ["id", "error"])
    assert done.lines[0]["text"] == done.lines[2]["text"]


def test_a_page_that_takes_too_long_fails_and_the_others_of_its_batch_have_their_lines(monitor, monkeypatch):
    monkeypatch.setattr("monitor.cli.articles.LONGEST_S", 0.0005)
    line = json.dumps({"base64": base64.b64encode(PAGE.encode()).decode(), "url": "https://alpha.example/1"})

    done = monitor("articles", "extract", "--batch", stdin=f"{line}\n{line}")

    assert [(each["status"], each["text"], each["url"]) for each in done.lines] == [("failed", "", "https://alpha.example/1")] * 2
