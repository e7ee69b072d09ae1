"""The story that the watch was made for is told at once by the config.toml that ships; ten that look like it are not told at all."""

from datetime import UTC, datetime, timedelta

import pytest
import tomlkit
from loopback import receiving, serving, write_config

from monitor import config as settings
from monitor.demo.config import shipped_config
from monitor.service import watching
from monitor.store import reports

SEED = (
    "In Odesa, NATO's Rutte tells Zelenskyy that support will not waver",
    "Two days after a ballistic missile hit Sumy and killed 35 people on Palm Sunday, the head of NATO stood beside Ukraine's president in the port of Odesa.",
    """Mark Rutte, the Secretary General of NATO, came to Odesa on Tuesday and told President Volodymyr Zelenskyy that the alliance's support was unwavering.
Two days before, on Palm Sunday, a ballistic missile had struck the centre of Sumy. Thirty-five people died on their way to church and in a passing bus.
Zelenskyy asked once more for Patriot batteries. Nothing else in the country's air defence stops a missile of that kind, he said, and every week without an answer is paid for in lives.
Rutte spoke of the talks that Washington leads about a ceasefire. They were not easy, he said, and the allies stood behind them, and behind Kyiv.
Together they went from bed to bed in a military hospital, where soldiers from the front near Kherson recover.
In the evening he drove on to Moldova and met President Maia Sandu, whose country has lived beside the war for three years.""",
)
SEED_IN_UKRAINIAN = (
    "Рютте в Одесі: підтримка України з боку НАТО незмінна",
    "Генеральний секретар НАТО Марк Рютте зустрівся із Зеленським в Одесі через два дні після ракетного удару по Сумах.",
    """Генсек НАТО Марк Рютте прибув до Одеси і разом із президентом Володимиром Зеленським відвідав поранених військових у шпиталі.
Два дні тому балістична ракета вбила в Сумах тридцять п'ятьох людей. Зеленський попросив союзників про нові системи Patriot.
Рютте підтримав переговори про припинення вогню, які веде Вашингтон. Далі він поїхав до Молдови на зустріч із Маєю Санду.""",
)

NEAR_MISSES = {
    "grain prices": (
        "Wheat slips for a third week as Odesa ships more",
        "Grain traders in Chicago point to full silos in Ukraine and calm weather on the Black Sea.",
        "Wheat for delivery in May lost two per cent. Exporters in Odesa loaded eleven ships last week, more than in any week since harvest, and maize followed.",
    ),
    "football": (
        "Late goal sends Ukraine past Poland in Warsaw",
        "A header in stoppage time decided the qualifier in Warsaw; the coach praised the defence.",
        "Ukraine won by one goal to nil. The attack had missed three chances before the break, and the Polish defence held until the ninetieth minute.",
    ),
    "song contest": (
        "Ukraine picks a folk trio for the song contest",
        "Viewers and a jury chose three sisters from Lviv, who sing of their grandmother's garden.",
        "The final in Kyiv was held in a metro station. The trio will travel to the contest in May; bookmakers see them in the first ten.",
    ),
    "alliance elsewhere": (
        "NATO adds patrols in the north of Kosovo",
        "The mission in Pristina sends two hundred more soldiers to the bridges of Mitrovica before local elections.",
        "The commander of KFOR said that the patrols would stay until the votes are counted. Serbia called them needless.",
    ),
    "namesake": (
        "Dutch museum shows the bicycles of prime ministers, Rutte's too",
        "The bicycle on which Mark Rutte rode to his office in The Hague for years stands beside a tandem of the nineteen-fifties.",
        "Visitors may ring its bell. The Dutch prime minister of then gave it to the museum with a note about its brakes.",
    ),
    "born in Italian": (
        "È nato a Odessa il pianista che riempie i teatri di Milano",
        "Nato nel 1998 in una famiglia di musicisti, suona Chopin come pochi della sua generazione.",
        "Il giovane, nato a Odessa e cresciuto a Bologna, torna alla Scala in autunno con un programma di notturni.",
    ),
    "town in Texas": (
        "Hailstorm breaks windows across Odessa, Texas",
        "Stones as large as golf balls fell on the oil town on Sunday night; two hundred houses have no power.",
        "The mayor of Odessa asked residents to stay at home. The fire brigade counted ninety broken roofs, and schools stay closed on Monday.",
    ),
    "front line": (
        "Two killed as shells hit a village near Kherson",
        "A woman and her son died when their house was hit in the morning, the head of the district said.",
        "Neighbours pulled a third person from the cellar. Shelling of the villages along the river has gone on for a week.",
    ),
    "satire": (
        "Die Ukraine bekommt endlich die Waffe, vor der Moskau zittert: ein Faxgerät",
        "Berlin (dpo) - Die NATO liefert der Ukraine das modernste Gerät aus deutschen Amtsstuben.",
        "Berlin (dpo) - Nach langem Zögern hat sich die NATO entschlossen, der Ukraine ein Faxgerät aus Bundesbeständen zu schicken. Es druckt sofort, sagt der Minister.",
    ),
    "wine of Moldova": (
        "Maia Sandu opens the wine festival in Chişinău",
        "Sixty cellars pour their new vintages on the main square; the president raised a glass of Fetească.",
        "The harvest was small and sweet. President Sandu walked from stand to stand and bought a jar of honey from a beekeeper of Soroca.",
    ),
}


@pytest.fixture
def web():
    with serving() as found:
        yield found


@pytest.fixture
def inbox():
    with receiving() as found:
        yield found


async def told(web, inbox, folder, *articles):
    """What the shipped watch makes of articles that a feed published five minutes ago: title → (flagged, with an alert score, told)."""
    for number, (title, _, body) in enumerate(articles):
        web.article(f"/{number}.html", title, *body.split("\n"))
    moment = datetime.now(UTC) - timedelta(minutes=5)
    web.feed("/a.xml", *((title, f"/{number}.html", lead, moment) for number, (title, lead, _) in enumerate(articles)))
    path = write_config(folder, web, "/a.xml", inbox=inbox)
    document = tomlkit.parse(path.read_text("utf-8"))
    document["topics"] = tomlkit.parse(shipped_config())["topics"]
    path.write_text(tomlkit.dumps(document), "utf-8")
    config = settings.load(path)
    alert_at = config.topics["nato-ukraine"].alert_at

    async with watching(config, folder / "state", settle=False) as watch:
        await watch.cycle(everything=True)
        stories = await watch.database.read(reports.list_stories)

    flagged = {member.article.title: member.score for story in stories for member in story.members if member.matched}
    heard = {document["data"]["title"] for document in web.webhooks}
    assert len(inbox.mails) == len(heard)
    return {title: (title in flagged, flagged.get(title, 0.0) >= alert_at, title in heard) for title, _, _ in articles}


@pytest.mark.parametrize("story", [pytest.param(SEED, id="in English"), pytest.param(SEED_IN_UKRAINIAN, id="in Ukrainian")])
async def test_the_seed_story_is_told_at_once(web, inbox, tmp_path, story):
    assert await told(web, inbox, tmp_path, story) == {story[0]: (True, True, True)}


async def test_ten_stories_that_look_like_it_are_not_flagged(web, inbox, tmp_path):
    said = await told(web, inbox, tmp_path, *NEAR_MISSES.values())

    assert len(said) == 10
    assert {title for title, verdict in said.items() if any(verdict)} == set()
