"""One event, one story; two events, two stories."""

import argparse
import importlib.util
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from monitor.stories.cluster import Index, Piece, group, source_counts
from monitor.stories.details import Reason

SHARED = Path(os.environ.get("MONITOR_SHARED", Path(__file__).resolve().parents[2].parent / "shared"))
MORNING = datetime(2025, 4, 15, 6, tzinfo=UTC)

ODESA = [
    (
        "NATO chief Rutte makes surprise visit to Odesa with Zelenskyy",
        "NATO Secretary General Mark Rutte travelled to the Black Sea port of Odesa on Tuesday, a trip that had not been announced. "
        "Ukrainian President Volodymyr Zelenskyy received him, and the two went to a hospital where wounded soldiers are being treated. "
        "Rutte stressed that the alliance keeps supporting Ukraine. The visit came two days after a Russian missile strike "
        "killed dozens of people in the city of Sumy.",
    ),
    (
        "In Odesa, Rutte assures Ukraine that NATO support is unwavering",
        "The head of NATO used an unannounced stop in southern Ukraine to underline that backing for Kyiv will not weaken. Mark Rutte and "
        "Volodymyr Zelenskyy visited injured servicemen in an Odesa military hospital before speaking to reporters. Allies have promised more than "
        "20 billion euros in security assistance in the first three months of the year, the secretary general noted, while air defence was "
        "high on the president's list.",
    ),
    (
        "Zelenskyy and NATO's Rutte visit wounded soldiers in Odesa",
        "Ukraine's president and the NATO secretary general met wounded troops at a hospital in the port city of Odesa on Tuesday. Mark Rutte arrived "
        "without prior notice. Their talks dealt with air defence and with the next deliveries of military aid, according to Zelenskyy's office, as "
        "Ukraine mourns the victims of the Russian attack on Sumy on Palm Sunday, among them children.",
    ),
    (
        "Rutte in Odesa: alliance stands by Ukraine as peace talks drag on",
        "Mark Rutte came to Odesa on Tuesday to show that the alliance stands by Ukraine while American efforts for a ceasefire make slow progress. "
        "The discussions led by Washington were not easy, the NATO secretary general acknowledged beside President Zelenskyy. "
        "More than 20 billion euros of military support have been pledged by Europe and Canada since January. Russia continues to strike Ukrainian cities.",
    ),
    (
        "Mark Rutte tours Odesa hospital, pledges continued NATO backing for Kyiv",
        "Wounded Ukrainian soldiers in an Odesa hospital had an unexpected guest on Tuesday: NATO Secretary General Mark Rutte, "
        "accompanied by President Volodymyr Zelenskyy. Rutte said the support of the alliance remained firm and condemned the strike on Sumy, where Russian ballistic "
        "missiles hit the centre of the town on Sunday. It was his second journey to Ukraine since he took office in October.",
    ),
]

# Headlines about other things of the same trade: what an index of this topic is full of.
BACKGROUND = [
    ("Kyiv council approves new tram line", "The city council of Kyiv voted for a tram line on the left bank that is to open within four years."),
    (
        "Ukraine harvest begins under fire in Kharkiv region",
        "Farmers near Kharkiv started to bring in the winter wheat, with sappers clearing fields ahead of combines.",
    ),
    ("NATO ships end exercise in Baltic Sea", "Twelve vessels of the alliance finished two weeks of mine hunting off the coast of Estonia and Latvia."),
    ("Drone debris damages warehouse in Poltava", "Falling debris of a drone set fire to a warehouse in Poltava at night; firefighters put it out by morning."),
    (
        "Ukrainian railways add night train to Warsaw",
        "Passengers can travel from Lviv to Warsaw by a new sleeper from May, the state railway company announced.",
    ),
    (
        "Parliament in Kyiv extends martial law",
        "Lawmakers prolonged martial law and general mobilisation by another ninety days in a vote with few objections.",
    ),
    (
        "Allies to meet in Brussels on air defence",
        "Defence ministers gather at NATO headquarters next week to discuss further launchers and interceptors for Ukraine.",
    ),
    ("Ukraine's central bank leaves rate unchanged", "The National Bank kept its key rate, arguing that inflation should slow in the second half of the year."),
]


def test_five_outlets_in_their_own_words_tell_one_story_at_a_cold_start(newsroom):
    stories = [newsroom.hears(title, lead, after=timedelta(minutes=50)) for title, lead in ODESA]

    assert set(stories) == {stories[0]}


def test_five_outlets_tell_one_story_among_others_of_the_same_trade(newsroom):
    background = [newsroom.hears(title, lead) for title, lead in BACKGROUND]
    stories = [newsroom.hears(title, lead) for title, lead in ODESA]

    assert len(set(background)) == len(BACKGROUND)
    assert set(stories) == {stories[0]}
    assert stories[0] not in background


@pytest.mark.parametrize(
    ("title", "lead", "after"),
    [
        pytest.param(
            "Grain prices rise as Odesa port loads fewer ships",
            "Wheat for delivery from Odesa became dearer on Tuesday because fewer ships were loaded in the Black Sea ports of Ukraine. Traders "
            "named higher insurance premiums and damaged silos as reasons. Exports of maize in April are a tenth below those of the year before.",
            timedelta(hours=1),
            id="grain prices from the same port on the same day",
        ),
        pytest.param(
            "Russian missile strike on Kharkiv wounds dozens",
            "A Russian missile hit a residential quarter of Kharkiv on Friday morning and wounded dozens, the mayor reported. Rescuers searched the ruins "
            "for survivors. President Volodymyr Zelenskyy asked allies for more air defence after the attack.",
            timedelta(days=3),
            id="a strike on another city days later",
        ),
        pytest.param(
            "NATO chief Rutte visits Warsaw for talks with Tusk",
            "NATO Secretary General Mark Rutte met Polish Prime Minister Donald Tusk in Warsaw. Poland spends more of its income on defence than any other "
            "member of the alliance. The two spoke about the protection of the eastern border and about undersea cables in the Baltic.",
            timedelta(hours=5),
            id="the same visitor in another capital",
        ),
    ],
)
def test_another_event_near_the_visit_is_another_story(newsroom, title, lead, after):
    for background in BACKGROUND:
        newsroom.hears(*background)
    visit = {newsroom.hears(*report) for report in ODESA}

    other = newsroom.hears(title, lead, after=after)

    assert other not in visit


def test_two_reports_with_different_tolls_are_one_story(newsroom):
    for background in BACKGROUND * 2:
        newsroom.hears(*background)

    first = newsroom.hears(
        "At least 34 dead in Russian missile attack on Sumy",
        "Two ballistic missiles struck the centre of the Ukrainian city of Sumy on Palm Sunday morning, killing at least 34 people, "
        "among them two children, officials say. Many were on their way to church. More than 100 were injured.",
    )
    second = newsroom.hears(
        "Sumy: 35 killed as Russia strikes city centre on Palm Sunday",
        "The number of people killed by the Russian strike on Sumy has risen to 35, two of them children, the emergency service said. Ballistic missiles "
        "hit the crowded centre of the city on Sunday morning while people were going to church; 117 were injured.",
    )

    assert second == first


def test_titles_without_leads_decide_alone(newsroom):
    for title, _lead in BACKGROUND * 2:
        newsroom.hears(title)

    first = newsroom.hears("Zelensky dismisses army chief Syrsky")
    second = newsroom.hears("Ukraine's Zelensky dismisses army chief Oleksandr Syrsky")

    assert second == first


def test_numbers_that_differ_in_bare_headlines_are_two_events(newsroom):
    first = newsroom.hears("NATO allies pledge 12 air-defence systems for Ukraine")
    second = newsroom.hears("NATO allies pledge 55 air-defence systems for Ukraine")

    assert second != first
    assert newsroom.last.reason is Reason.HEADLINE_ONLY


HARBOUR = "The mayor opened the new ferry terminal before a small crowd, and the first boat left for the islands at noon with pensioners on board. "
COURT = "Judges heard nine witnesses about a bakery whose owner had sold old bread, while neighbours waited in the rain for a verdict that never came. "


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "NATO allies pledge 12 air-defence systems for Ukraine #3.30@1732294839284",
            "NATO allies pledge 55 air-defence systems for Ukraine #77.30@1732294839284",
            id="another number",
        ),
        pytest.param(
            "Okafor: NATO will keep training Ukrainian brigades #5.30@1732294839284",
            "Weiss: NATO will keep training Ukrainian brigades #9.30@1732294839284",
            id="another speaker",
        ),
        pytest.param(
            "Ukraine presses NATO for membership timetable in Riga #3.30@1732294839284",
            "Ukraine presses NATO for membership timetable in Lyon #8.30@1732294839284",
            id="another place",
        ),
        pytest.param("Ukraine presses NATO for membership timetable in Riga", "Ukraine presses NATO for membership timetable in Lyon", id="only another place"),
        pytest.param(
            "Ukrainian drones hit depot as NATO meets in Riga #3.30@1732294839284",
            "Ukrainian drones hit depot as NATO meets in Riga #8.30@1732294839284",
            id="only another running number",
        ),
    ],
)
def test_one_template_about_unrelated_things_opens_a_story_each_time(newsroom, one, other):
    first = newsroom.hears(one, one + ".\n" + HARBOUR * 2)
    second = newsroom.hears(other, other + ".\n" + COURT * 2)

    assert second != first
    assert newsroom.last.reason is Reason.DETAILS_DISAGREE


def test_daily_bulletin_of_one_outlet_is_a_new_story_each_day(newsroom):
    lead = "The health ministry counted infections and deaths of the last day in all regions of the country and thanked doctors for their patience."

    first = newsroom.hears("Coronavirus bulletin: new cases and deaths in Italy on 8 May", lead, outlet="news.example")
    second = newsroom.hears("Coronavirus bulletin: new cases and deaths in Italy on 9 May", lead, outlet="news.example", after=timedelta(hours=7))

    assert second != first
    assert newsroom.last.reason is Reason.TEMPLATE_REPEAT


WEATHER = "Clouds give way to sunshine during the morning, with a light breeze from the west and a high of eighteen degrees. Rain returns by the evening. "


def test_copy_about_another_place_is_another_story(newsroom):
    first = newsroom.hears("Weather today and tomorrow in Vilnius and around", WEATHER)
    second = newsroom.hears("Weather today and tomorrow in Kaunas and around", WEATHER)

    assert second != first
    assert newsroom.last.reason is Reason.COPY_DISAGREES


def test_copy_of_an_agency_text_joins_and_names_its_original(newsroom):
    title, lead = ODESA[0]
    first = newsroom.hears(title, lead)
    second = newsroom.hears("Rutte meets Zelenskyy in Odesa", lead)

    assert (second, newsroom.last.copy_of) == (first, first)


def test_own_words_are_no_copy(newsroom):
    newsroom.hears(*ODESA[0])
    newsroom.hears(*ODESA[2])

    assert newsroom.last.reason is Reason.JOINED
    assert newsroom.last.copy_of is None


def test_same_words_in_another_language_of_the_index_open_a_story(newsroom):
    first = newsroom.hears(*ODESA[0], language="en")

    assert newsroom.hears(*ODESA[0], language="de") != first
    assert newsroom.last.reason is Reason.NO_CANDIDATE


def test_story_is_over_three_days_after_its_last_article(newsroom):
    first = newsroom.hears(*ODESA[0])

    assert newsroom.hears(*ODESA[0], after=timedelta(hours=73)) != first


def test_placing_changes_nothing_until_it_is_added(newsroom):
    piece = Piece(id=7, title=ODESA[0][0], lead=ODESA[0][1], outlet="a.example", language="en", at=MORNING)

    once, twice = newsroom.index.place(piece), newsroom.index.place(piece)

    assert once == twice
    assert len(newsroom.index) == 0


def test_article_that_is_asked_about_again_keeps_its_story(newsroom):
    first = newsroom.hears(*ODESA[0])
    placement = newsroom.index.place(Piece(id=first, title="Rewritten altogether", lead="", outlet="a.example", language="en", at=newsroom.now))
    newsroom.index.add(placement, first)

    assert (placement.story_id, placement.reason, placement.stems) == (first, Reason.ALREADY_PLACED, ())
    assert len(newsroom.index) == 1


def test_restored_index_decides_like_the_one_that_was_lost(newsroom, new_newsroom):
    saved = []
    frequencies: Counter[str] = Counter()
    for report in [*BACKGROUND, *ODESA[:3]]:
        story_id = newsroom.hears(*report)
        saved.append((newsroom.last, story_id))
        frequencies.update(newsroom.last.stems)

    restored = Index({"en": (len(saved), frequencies)})
    for placement, story_id in saved:
        piece = placement.piece
        restored.restore(piece.id, story_id, outlet=piece.outlet, language=piece.language, at=piece.at, vector=placement.vector)

    later = [
        Piece(id=100 + number, title=title, lead=lead, outlet="late.example", language="en", at=newsroom.now) for number, (title, lead) in enumerate(ODESA)
    ]
    assert [restored.place(piece) for piece in later] == [newsroom.index.place(piece) for piece in later]


def test_vector_to_save_is_about_a_kilobyte(newsroom):
    newsroom.hears(ODESA[1][0], " ".join(lead for _title, lead in ODESA))

    assert len(newsroom.last.vector) < 2_000


def test_forgotten_articles_are_not_compared_any_more(newsroom):
    first = newsroom.hears(*ODESA[0])
    newsroom.hears(*ODESA[2], after=timedelta(hours=2))

    assert newsroom.index.forget(newsroom.now - timedelta(hours=1)) == 1
    assert len(newsroom.index) == 1
    assert newsroom.hears(*ODESA[4]) == first, "the member that is left still holds the story"


def test_of_more_articles_than_memory_holds_the_newest_are_kept(newsroom):
    for number in range(12):
        newsroom.hears(f"Flood number{number} reaches village{number}", after=timedelta(minutes=1))

    assert newsroom.index.forget(newsroom.now - timedelta(days=1), most=11) == 0, "a tenth more is let be"
    assert newsroom.index.forget(newsroom.now - timedelta(days=1), most=10) == 2
    assert newsroom.index.forget(newsroom.now - timedelta(days=1), most=10) == 0


def test_article_without_any_word_opens_a_story(newsroom):
    assert newsroom.hears("12:30") != newsroom.hears("!!!")


def test_endless_title_costs_no_more_than_a_long_one(newsroom):
    newsroom.hears(" ".join(f"w{chr(97 + number % 26)}{number}" for number in range(200_000)), "and a lead")

    assert len(newsroom.last.vector) < 5_000


@dataclass(frozen=True)
class CountedArticle:
    outlet: str
    copy_of: int | None = None


def test_outlets_that_only_copied_are_not_independent():
    members = [CountedArticle("a"), CountedArticle("b", copy_of=1), CountedArticle("c"), CountedArticle("a", copy_of=1)]

    assert source_counts(members) == (3, 2)


def test_group_names_stories_after_their_first_article():
    articles = [
        {"id": f"a{number}", "title": title, "text": lead, "outlet": f"{number}.example", "lang": "en", "published": f"2025-04-15T0{number}:00:00Z"}
        for number, (title, lead) in enumerate([*ODESA[:2], BACKGROUND[0], ODESA[2]])
    ]

    assert group(articles) == ["a0", "a0", "a2", "a0"]


def test_group_takes_articles_of_which_little_is_known():
    assert group([{"id": "a", "title": "Snow", "text": None, "outlet": None, "lang": None, "published": "2025-04-15T08:00:00Z"}]) == ["a"]


# ------------------------------------------------------------------------------ the load test's own world
@pytest.fixture(scope="module")
def feedfarm() -> ModuleType:
    path = SHARED / "bench" / "feedfarm.py"
    if not path.exists():
        pytest.skip(f"no load test world at {path}")
    spec = importlib.util.spec_from_file_location("feedfarm", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def farm_articles(feedfarm: ModuleType, *, feeds: int, share: float, rounds: int, has_history: bool, is_page_read: bool) -> Iterator[dict[str, str]]:
    """What a poller hands to clustering while entries are published for some minutes: everything that names the topic, in time order."""
    world = feedfarm.World(argparse.Namespace(feeds=feeds, per_host=5, entries=30, relevant=0.05, port=8900, tls=False, faults=""))
    world.started = 1_732_290_000
    chance = random.Random(feeds)

    def article(feed: int, number: int) -> dict[str, str]:
        h = feedfarm.mix(feed, number, 3)
        text = "\n".join(world.paragraphs(feed, number)) if is_page_read else feedfarm.sentences(h, 4 + h % 4)
        at = datetime.fromtimestamp(world.entry_time(feed, number), UTC)
        title = world.title(feed, number)
        return {"id": f"{feed}.{number}", "title": title, "text": text, "outlet": world.host(feed), "lang": "en", "published": at.isoformat()}

    history = [article(feed, number) for feed in range(feeds) for number in range(30)] if has_history else []
    yield from sorted((each for each in history if any(term in each["title"] for term in ("NATO", "Ukrain", "Kyiv"))), key=lambda each: each["published"])
    for round_number in range(rounds):
        for feed in range(feeds):
            if chance.random() < share:
                world.published[feed].append((world.started + 10 * round_number) * 1000 + 284)
                yield article(feed, 29 + len(world.published[feed]))


@pytest.mark.parametrize("is_page_read", [pytest.param(True, id="page read"), pytest.param(False, id="feed summary only")])
@pytest.mark.parametrize(
    ("feeds", "share", "has_history"),
    [
        pytest.param(200, 0.02, True, id="200 feeds with a history"),
        pytest.param(200, 0.02, False, id="200 feeds, nothing before"),
        pytest.param(15, 0.2, True, id="few feeds with a history"),
        pytest.param(3, 0.9, False, id="three feeds from nothing"),
    ],
)
def test_every_entry_that_the_load_test_publishes_opens_its_own_story(feedfarm, feeds, share, has_history, is_page_read):
    articles = list(farm_articles(feedfarm, feeds=feeds, share=share, rounds=60, has_history=has_history, is_page_read=is_page_read))

    stories = group(articles)

    told = Counter(story for article, story in zip(articles, stories, strict=True) if "#" in article["title"])
    assert len(told) > 50
    assert set(told.values()) == {1}
