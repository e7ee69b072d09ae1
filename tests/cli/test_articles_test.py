"""`monitor articles test`: the rules of a site on stored pages."""

import gzip

import pytest

TEXT = [f"Paragraph {number}: the ministers spoke for two hours about grain, ports and the winter to come." for number in range(12)]
JUNK = "Sign up for the letter that tells you each week what was said of the harbour and of all that lies around it."
CONFIG = "version = 1\n[network]\nallow_private = ['127.0.0.0/8']\nper_host = { concurrent = 1, gap = '0s' }\n"
RULES = '[sites."127.0.0.1"]\ndrop = [".junk"]\n'


def page_of(*paragraphs):
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<!doctype html><html lang='en'><head><title>Ministers meet</title></head><body><article><h1>Ministers meet</h1>{text}</article></body></html>".encode()


PAGE = page_of(*TEXT[:6], f"<span class='junk'>{JUNK}</span>", *TEXT[6:])


@pytest.fixture
def configured(tmp_path):
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def saved(configured, web, monitor):
    """A page of the site on loopback, stored before it had any rules."""
    web.pages["/news/harbour-opens.html"] = (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE)
    done = monitor("articles", "test", "--save", f"{web.address}/news/harbour-opens.html")
    assert (done.code, done.err.count("harbour-opens.html.gz")) == (0, 1)
    return configured / "samples" / "127.0.0.1"


def with_rules(saved, rules=RULES):
    (saved.parents[1] / "config.toml").write_text(CONFIG + rules)


def test_a_page_is_stored_as_it_came_with_the_text_that_is_read_on_it(saved, web):
    assert gzip.decompress((saved / "harbour-opens.html.gz").read_bytes()) == PAGE
    assert (saved / "harbour-opens.txt").read_text().splitlines() == [
        f"url: {web.address}/news/harbour-opens.html",
        "status: full",
        "title: Ministers meet",
        "content-type: text/html; charset=utf-8",
        "",
        *TEXT[:6],
        JUNK,
        *TEXT[6:],
    ]


def test_a_rule_that_changes_a_page_is_shown_with_the_words_it_takes(saved, monitor):
    with_rules(saved)

    done = monitor("articles", "test")

    assert done.code == 1
    assert f"0 words gained, {len(JUNK.split())} lost:" in done.out
    assert f"      - {JUNK}" in done.out
    assert "1 of 1 page reads otherwise than it should" in done.err


def test_what_is_accepted_is_what_should_be_read_from_then_on(saved, monitor):
    with_rules(saved)

    assert monitor("articles", "test", "127.0.0.1", "--accept").code == 0
    assert JUNK not in (saved / "harbour-opens.txt").read_text()
    assert monitor("articles", "test").code == 0
    with_rules(saved, "")
    assert monitor("articles", "test").code == 1


def test_what_should_be_read_may_be_written_by_hand(saved, monitor):
    path = saved / "harbour-opens.txt"
    path.write_text(path.read_text().replace(JUNK, ""))
    assert monitor("articles", "test", "--json").json["samples"][0]["gained"] == len(JUNK.split())

    with_rules(saved)

    assert monitor("articles", "test").code == 0


def test_scripts_get_one_document(saved, monitor):
    with_rules(saved, '[sites."127.0.0.1"]\ndrop = [".junk", ".gone"]\nnext_page = "a.on"\n')

    found = monitor("articles", "test", "--json").json

    (sample,) = found["samples"]
    assert (found["schema"], found["differing"], sample["site"], sample["name"], sample["status"]) == (
        "articles test/1",
        1,
        "127.0.0.1",
        "harbour-opens",
        "full",
    )
    assert (sample["is_same"], sample["gained"], sample["lost"], sample["lines"]) == (False, 0, len(JUNK.split()), [f"- {JUNK}"])
    assert sample["by_rules"] == {"gained": 0, "lost": len(JUNK.split()), "others": []}
    assert sample["idle"] == [".gone", "a.on"]


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        pytest.param('keep = [".gone"]', "keep-found-nothing: .gone", id="finds nothing"),
        pytest.param('drop = ["div["]', "bad-selector: div[", id="does not read"),
        pytest.param('keep = ["h1"]', "keep-found-too-little: ", id="finds only the headline"),
    ],
)
def test_a_broken_rule_fails_though_the_text_is_the_same_and_is_never_accepted(saved, monitor, rules, problem):
    with_rules(saved, f'[sites."127.0.0.1"]\n{rules}\n')

    done = monitor("articles", "test", "--accept")

    assert (done.code, problem in done.out) == (1, True)


def test_a_page_from_a_file_is_stored_under_the_site_it_is_from(configured, monitor):
    (configured / "page.html").write_bytes(PAGE)

    for _ in range(2):
        assert monitor("articles", "test", "--save", "https://www.example.org/", "--page", "page.html").code == 0

    assert sorted(path.name for path in (configured / "samples" / "example.org").iterdir()) == ["page-2.html.gz", "page-2.txt", "page.html.gz", "page.txt"]


def test_a_page_that_robots_txt_forbids_is_not_asked_for(configured, web, monitor):
    web.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /news/")

    done = monitor("articles", "test", "--save", f"{web.address}/news/1.html")

    assert (done.code, "robots" in done.err, [path for path, _ in web.asked]) == (1, True, ["/robots.txt"])
    assert not (configured / "samples").exists()


def test_a_page_that_cannot_be_had_is_a_sentence(configured, web, monitor):
    done = monitor("articles", "test", "--save", f"{web.address}/gone.html")

    assert (done.code, "status-404" in done.err, "Traceback" in done.err) == (1, True, False)


def test_without_any_page_it_says_how_to_store_one(configured, monitor):
    done = monitor("articles", "test")

    assert (done.code, done.out, "--save" in done.err) == (0, "", True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["example.com"], "no stored page of 'example.com'", id="a site without pages"),
        pytest.param(["--page", "x.html"], "--page needs --save", id="a page without its address"),
        pytest.param(["--save", "news"], "no address of a page", id="no address"),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(configured, monitor, arguments, words):
    done = monitor("articles", "test", *arguments)

    assert (done.code, words in done.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"), [("", "there is no url"), ("url: https://a.example/1\nwords\n", "line 2"), (None, "is missing")], ids=["empty", "no head", "none"]
)
def test_a_text_that_does_not_read_is_named_with_its_line(saved, monitor, text, words):
    path = saved / "harbour-opens.txt"
    path.write_text(text) if text is not None else path.unlink()

    done = monitor("articles", "test")

    assert (done.code, words in done.err, str(path) in done.err) == (65, True, True)
