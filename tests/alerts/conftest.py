"""A paper to read: stories in several languages, as pipeline hands them to the words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.alerts.digest import DigestContents, Member, Source, StoryLine, contents, story_line, told_line
from monitor.model import AlertRule, Article, DigestTimes, Evidence, Story, Subscriber
from monitor.status import ArticleStatus

EVENING = datetime(2026, 11, 23, 16, tzinfo=UTC)  # 17:00 in Brussels
TOPIC = "NATO and Ukraine"


def desk(**fields: Any) -> Subscriber:
    usual = {"topics": ("nato-ukraine",), "channels": (), "timezone": "Europe/Brussels", "digest": DigestTimes(at=("17:00",)), "alert": AlertRule()}
    return Subscriber(id="desk", **(usual | fields))


def article(number: int = 1, title: str = "Allies agree on air defence", text: str = "", **fields: Any) -> Article:
    outlet = fields.pop("outlet", "tribune.example")
    usual = {
        "url": f"https://www.{outlet}/news/{number}",
        "url_key": f"{outlet}/news/{number}",
        "outlet": outlet,
        "language": "en",
        "published_at": EVENING - timedelta(hours=6, minutes=-7 * (number % 100 + number // 100)),
        "seen_at": EVENING - timedelta(hours=1),
        "status": ArticleStatus.FULL,
    }
    return Article(id=number, title=title, text=text, **(usual | fields))


def found(where: Article, word: str, group: str, points: float, field: str = "") -> Evidence:
    """Evidence for the last place of a word in the title, else in the text."""
    field = field or ("title" if word in where.title else "text")
    start = getattr(where, field).rindex(word)
    return Evidence(group=group, term=word.lower(), field=field, start=start, stop=start + len(word), points=points)


def line(
    number: int, title: str, text: str, words: list[tuple[str, str, float]], others: list[tuple[str, str]] = (), *, step: int = 0, told: int = 0, **fields: Any
) -> StoryLine:
    """A story reported by one outlet, and by others: (outlet, title)."""
    score = fields.pop("score", 0.9)
    first = article(number * 100, title, text, **fields)
    members = [Member(article=first, score=score, evidence=tuple(found(first, *word) for word in words), is_told=told > 0)]
    for place, (outlet, other) in enumerate(others, 1):
        members.append(Member(article=article(number * 100 + place, other, outlet=outlet, language=fields.get("language", "en")), is_told=place < told))
    outlets = {member.article.outlet for member in members}
    story = Story(
        id=number,
        title=title,
        language=first.language,
        article_count=len(members),
        source_count=len(outlets),
        independent_count=max(1, len(outlets) - 2),
        first_seen_at=first.seen_at,
        last_seen_at=first.seen_at,
    )
    return story_line(story, topic="nato-ukraine", topic_title=TOPIC, score=score, step=step, members=members)


ODESA = (
    1,
    "NATO chief stands with Zelenskyy in Odesa and calls support unwavering",
    "NATO Secretary General Mark Rutte visited Odesa on Monday together with President Volodymyr Zelenskyy, two days after a missile strike on Sumy. "
    "He said that the alliance’s support for Ukraine was unwavering while talks about a ceasefire go on.\n"
    "More Patriot batteries were discussed.",
    [("NATO", "nato", 3.0), ("Zelenskyy", "ukraine", 4.5), ("Odesa", "ukraine", 1.0), ("ceasefire", "talks", 1.5), ("Patriot", "arms", 2.0)],
    [
        ("lantern.example", "Rutte and Zelenskyy walk through Odesa after the Sumy strike"),
        ("brueckstadt.example", "NATO-Chef in Odesa: Unterstützung bleibt unerschütterlich"),
        ("stepovyi.example", "Генсек НАТО Рютте відвідав Одесу разом із Зеленським"),
        ("orge.example", "À Odessa, le chef de l’OTAN promet un soutien sans faille"),
    ],
)


def paper() -> DigestContents:
    """Eight stories in seven languages: one with a very long title, one right to left."""
    stories = [
        line(*ODESA, score=0.94),
        line(
            2,
            "Міністри оборони погодили новий пакет протиповітряної оборони для України",
            "Міністри оборони країн НАТО погодили у Брюсселі пакет протиповітряної оборони. До нього входять дві батареї Patriot і ракети до них.",
            [("НАТО", "nato", 3.0), ("України", "ukraine", 3.0), ("Patriot", "arms", 2.0)],
            [("tribune.example", "Defence ministers agree air-defence package"), ("meridian.example", "Two Patriot batteries for Kyiv")],
            score=0.91,
            outlet="stepovyi.example",
            language="uk",
        ),
        line(
            3,
            "Bundestag berät über längere Hilfen für die Ukraine, während die NATO in Brüssel über die Verteilung der Lasten, die Ausbildung von Soldaten, "
            "die Instandsetzung von Gerät und die Sicherheit der Häfen am Schwarzen Meer spricht und die Opposition eine Befragung der Ministerin "
            "zu den Kosten und zum Zeitplan verlangt hat",
            "Der Bundestag hat am Montag über längere Hilfen beraten. Eine Entscheidung soll noch in dieser Woche fallen.",
            [("Ukraine", "ukraine", 3.0), ("NATO", "nato", 3.0)],
            score=0.86,
            outlet="brueckstadt.example",
            language="de",
        ),
        line(
            4,
            "الناتو يبحث مع أوكرانيا حماية موانئ البحر الأسود",
            "بحث حلف الناتو مع أوكرانيا يوم الاثنين حماية موانئ البحر الأسود. ومن المقرر عقد جولة أخرى الأسبوع المقبل.",
            [("الناتو", "nato", 3.0), ("أوكرانيا", "ukraine", 3.0)],
            [("quarry.example", "NATO and Ukraine discuss Black Sea ports")],
            score=0.81,
            outlet="alminaa.example",
            language="ar",
        ),
        line(
            5,
            "L’OTAN et Kiev préparent un conseil extraordinaire",
            "Un conseil OTAN-Ukraine se réunira mercredi à Bruxelles. Les ambassadeurs parleront des garanties de sécurité.",
            [("OTAN", "nato", 3.0), ("Kiev", "ukraine", 2.0)],
            score=0.77,
            outlet="orge.example",
            language="fr",
            status=ArticleStatus.PARTIAL,
        ),
        line(
            6,
            "Polska przyspiesza szkolenie ukraińskich brygad",
            "Polska przyspieszy szkolenie ukraińskich brygad w ramach misji NATO. Pierwsza grupa przyjedzie w grudniu.",
            [("ukraińskich", "ukraine", 3.0), ("NATO", "nato", 1.0)],
            [("harbour.example", "Poland speeds up training of Ukrainian brigades")],
            score=0.7,
            outlet="wisla.example",
            language="pl",
        ),
        line(
            7,
            "Training mission counts its first thousand engineers",
            "The allied mission has trained a thousand Ukrainian engineers this year. NATO wants to double the number.",
            [("Ukrainian", "ukraine", 2.0), ("NATO", "nato", 1.0)],
            score=0.61,
            outlet="fenland.example",
            status=ArticleStatus.PAYWALLED,
        ),
        line(
            8,
            "NATO liaison in Kyiv moves into a larger office 🏢",
            "",
            [("Kyiv", "ukraine", 2.0), ("NATO", "nato", 3.0)],
            score=0.55,
            outlet="velvet.example",
            published_at=EVENING - timedelta(hours=20),
        ),
    ]
    morning = Story(id=9, title="Kyiv reports the largest drone attack since summer", first_seen_at=EVENING, last_seen_at=EVENING)
    return contents(desk(), kind="digest", topics=[TOPIC], stories=stories, already_told=[told_line(morning, 0.9)], sources=sources(), now=EVENING)


def alert(*, update: bool = False) -> DigestContents:
    stories = [line(*ODESA, score=0.94, step=5 if update else 0, told=3 if update else 0)]
    return contents(desk(), kind="alert", topics=[TOPIC], stories=stories, now=EVENING)


def sources() -> list[Source]:
    heard = [Source(name=f"Outlet {number}", is_failing=False, last_news_at=EVENING) for number in range(38)]
    return [*heard, Source(name="Quiet Weekly", is_failing=False, last_news_at=None), Source(name="Sprockett", is_failing=True, last_news_at=EVENING)]


@pytest.fixture
def words() -> SimpleNamespace:
    """The builders of this file."""
    builders: list[Callable[..., Any]] = [desk, article, found, line, paper, alert, sources]
    return SimpleNamespace(EVENING=EVENING, TOPIC=TOPIC, ODESA=ODESA, **{builder.__name__: builder for builder in builders})
