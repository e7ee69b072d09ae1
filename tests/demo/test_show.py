import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from monitor.demo import show
from monitor.model import Evidence

TITLE = "NATO's chief visits Odesa"
TEXT = "The port was quiet.\nThe alliance's chief spoke of Ukraine, and of NATO, and of Ukraine again.\nThen he left."
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def found(group: str, term: str, field: str = "text", points: float = 1.0) -> Evidence:
    start = (TITLE if field == "title" else TEXT).index(term)
    return Evidence(group=group, term=term.lower(), field=field, start=start, stop=start + len(term), points=points)


def story(**changes) -> show.FlaggedStory:
    values = {
        "topic": "NATO and Ukraine",
        "score": 0.97,
        "title": TITLE,
        "text": TEXT,
        "evidence": [found("nato", "NATO", "title", 3.0), found("nato", "NATO"), found("ukraine", "Ukraine", points=2.0)],
        "sources": [
            show.SourceRow(outlet="The Lantern", title=TITLE, published="12:04"),
            show.SourceRow(outlet="Meridian Wire", title="In Odesa", published="12:05"),
        ],
    }
    return show.FlaggedStory(**values | changes)


@pytest.fixture
def page() -> Console:
    """A console as a CI log has it."""
    return Console(file=io.StringIO(), width=100, highlight=False, markup=False, emoji=False)


@pytest.fixture
def screen() -> Console:
    """A console as a person has it."""
    return Console(file=io.StringIO(), width=100, force_terminal=True, color_system="standard", highlight=False, markup=False, emoji=False, _environ={})


def read(out: Console) -> str:
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_the_world_is_introduced_with_its_numbers_and_its_flaws(page):
    rows = [
        show.OutletRow(title="The Lantern", language="en", format="rss", articles=9),
        show.OutletRow(title="Степовий вісник", language="uk", format="atom", articles=8, note="answers slowly"),
    ]

    show.act_world(page, rows)

    assert "2 newspapers on this machine have published 17 articles in 2 languages." in read(page)
    assert "answers slowly" in read(page)


def test_found_terms_stand_in_marks_where_there_are_no_colours(page):
    show.act_flagged(page, story())

    assert "›NATO‹'s chief visits Odesa" in read(page)
    assert "The alliance's chief spoke of ›Ukraine‹, and of ›NATO‹, and of Ukraine again." in read(page)


def test_found_terms_are_under_a_marker_pen_on_a_terminal(screen):
    show.act_flagged(screen, story())

    assert "›" not in read(screen)
    assert re.search(r"\x1b\[[0-9;]*103m(\x1b\[[0-9;]*m)*NATO", read(screen))


def test_the_excerpt_is_the_paragraph_with_the_most_terms(page):
    show.act_flagged(page, story())

    assert "The port was quiet" not in read(page)
    assert "Then he left" not in read(page)


def test_the_reasons_are_listed_strongest_first_with_the_words_of_the_article(page):
    show.act_flagged(page, story())

    lines = read(page).splitlines()
    reasons = [line.split() for line in lines if line.strip().startswith(("nato ", "ukraine "))]
    assert reasons == [["nato", "NATO", "2×", "+4.0"], ["ukraine", "Ukraine", "1×", "+2.0"]]


def test_terms_that_overlap_are_marked_once(page):
    show.act_flagged(page, story(evidence=[found("nato", "NATO's", "title"), found("nato", "NATO", "title")]))

    assert "›NATO›" not in read(page)


def test_a_long_paragraph_is_cut_at_a_word(page):
    text = "Ukraine " + "word " * 200

    show.act_flagged(page, story(text=text, evidence=[Evidence(group="ukraine", term="ukraine", field="text", start=0, stop=7, points=1.0)]))

    assert "word …" in read(page)
    assert "wor …" not in read(page)


def test_every_no_has_its_reason(page):
    show.act_not_flagged(page, [show.SilentRow(title="Signato shares slide", outlet="Tribune", reason="no-terms", score=0.0)])

    assert re.search(r"Signato shares slide +Tribune +no-terms +0\.00", read(page))


@pytest.mark.parametrize("width", [60, 80, 100])
def test_reasons_are_readable_on_narrow_terminals(width):
    out = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False)

    show.act_not_flagged(out, [show.SilentRow(title="A very long headline " * 8, outlet="The Harbour Gazette", reason="below-threshold", score=0.31)])

    assert re.search(r"… +The Harbour Gazette +below-threshold +0\.31", read(out))


def test_the_poll_board_prints_once_into_a_log(page):
    with show.PollBoard(page, ["Lantern", "Quarry"]) as board:
        board.add(show.PollRow(outlet="Lantern", status="200", new_entries=9))
        board.add(show.PollRow(outlet="Quarry", status="500", new_entries=0, problem="status-500", failed=True))

    assert read(page).count("Lantern") == 1
    assert re.search(r"Quarry +500 +– +status-500", read(page))
    assert "\x1b" not in read(page)


def test_the_poll_board_fills_up_on_a_terminal(screen):
    with show.PollBoard(screen, ["Lantern"]) as board:
        waiting = ANSI.sub("", read(screen))
        board.add(show.PollRow(outlet="Lantern", status="200", new_entries=9))

    assert re.search(r"Lantern +…", waiting)
    assert re.search(r"Lantern +200 +9", ANSI.sub("", read(screen)))


def test_a_long_digest_ends_with_where_the_rest_is(page):
    show.act_digest(page, "\n".join(f"line {number}" for number in range(show.DIGEST_LINES + 3)))

    assert "… 3 more lines in digest.eml" in read(page)


@pytest.mark.parametrize(("signature_ok", "verdict"), [(True, "✓ signature verified"), (False, "✗ signature does not verify")])
def test_mail_and_webhook_are_shown_as_received(page, signature_ok, verdict):
    webhook = {"type": "story.matched", "data": {"title": TITLE, "articles": [1, 2]}}

    show.act_received(page, {"Subject": "Odesa: five sources"}, webhook, signature_ok=signature_ok)

    for words in ("Odesa: five sources", "type: story.matched", f"title: {TITLE}", "articles: [2 items]", verdict):
        assert words in read(page)


def test_breaking_news_says_how_long_it_took(page):
    show.act_breaking(page, show.Arrival(title="Radars", outlet="Dispatch", seconds=6.24, joined_title="Forty radars", joined_outlet="Tribune"))

    assert "in the inbox 6.2 s after it was published" in read(page)


def test_the_last_act_says_where_the_files_lie(page):
    show.act_files(page, {"digest": Path("demo-output/digest.html")}, "http://127.0.0.1:8321/")

    assert "demo-output/digest.html" in read(page)
    assert "http://127.0.0.1:8321/" in read(page)


def test_titles_that_look_like_markup_are_only_words(page):
    show.act_not_flagged(page, [show.SilentRow(title="[bold]Loud[/bold] :smile:", outlet="x", reason="no-terms", score=0.0)])

    assert "[bold]Loud[/bold] :smile:" in read(page)
