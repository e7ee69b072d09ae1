"""How well the shipped topics tell what belongs to them, on labelled news and in every language they claim.

nato-ukraine.jsonl beside this file: texts written for this test to the rubric of docs/decisions/0024, grade 2 for what belongs and 0
for what does not, many of them without the words NATO or Ukraine; `python -m bench.weights` fits the weights to them and to the news.

The floors may rise freely; lowering one needs a reason in the commit.
"""

import json
import os
from pathlib import Path

import pytest

from monitor.config import load
from monitor.matcher.match import match
from monitor.matcher.query import CompiledTopic
from monitor.matcher.terms import read_term

REPOSITORY = Path(__file__).resolve().parents[2]
OWN = Path(__file__).with_name("nato-ukraine.jsonl")
UNSEEN = Path(__file__).with_name("nato-ukraine-unseen.jsonl")
NEWS = Path(os.environ.get("MONITOR_SHARED", REPOSITORY.parent / "shared")) / "corpus/topics/nato-ukraine-dev.jsonl"


@pytest.fixture(scope="module")
def topics() -> dict[str, CompiledTopic]:
    return {topic.id: topic for topic in load(REPOSITORY / "config.toml", environ={}).found.topics}


@pytest.fixture(scope="module")
def shipped(topics: dict[str, CompiledTopic]) -> CompiledTopic:
    """The topic nato-ukraine of config.toml."""
    return topics["nato-ukraine"]


def figures(topic: CompiledTopic, rows: list[dict]) -> tuple[float, float, float, float]:
    """Precision, recall, F1, and average precision; grade 2 belongs, 0 does not, 1 may be either."""
    found = [(match(topic, title=row["title"], text=row["text"]), row["grade"] == 2) for row in rows if row["grade"] != 1]
    true = sum(verdict.matched for verdict, belongs in found if belongs)
    flagged, wanted = sum(verdict.matched for verdict, _ in found), sum(belongs for _, belongs in found)
    ranked = [belongs for _, belongs in sorted(((verdict.score, belongs) for verdict, belongs in found), key=lambda each: (-each[0], each[1]))]
    return (
        true / flagged,
        true / wanted,
        2 * true / (flagged + wanted),
        sum(sum(ranked[:rank]) / rank for rank in range(1, len(ranked) + 1) if ranked[rank - 1]) / wanted,
    )


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.skipif(not NEWS.exists(), reason=f"no labelled texts at {NEWS}")
def test_the_shipped_topic_keeps_its_floors_on_labelled_news(shipped: CompiledTopic):
    news = rows(NEWS)

    precision, recall, f1, average_precision = figures(shipped, news)
    _, _, hard_f1, _ = figures(shipped, [row for row in news if row["hard"]])

    # 8 false alarms, 2 misses: P .879 R .967 F1 .921 AP .983, hard F1 .877. By weights that never saw the text: F1 .897 AP .974.
    assert precision >= 0.86
    assert recall >= 0.95
    assert f1 >= 0.90
    assert average_precision >= 0.97
    assert hard_f1 >= 0.85


def test_the_shipped_topic_keeps_its_floors_on_texts_written_to_the_rubric(shipped: CompiledTopic):
    own = rows(OWN)

    precision, recall, f1, average_precision = figures(shipped, own)

    # 2 false alarms, 29 misses, most of them texts that name one side only: P .990 R .877 F1 .930 AP .991.
    assert precision >= 0.96
    assert recall >= 0.85
    assert f1 >= 0.90
    assert average_precision >= 0.98


def test_texts_that_no_term_and_no_weight_follows_from_are_told_apart(shipped: CompiledTopic):
    precision, recall, _, average_precision = figures(shipped, rows(UNSEEN))

    assert precision >= 0.95
    assert recall >= 0.92
    assert average_precision >= 0.97


BELONGS = {
    "bg": (
        "Великобритания ще изпрати на Украйна още ракети за противовъздушна отбрана.",
        "Преговорите между САЩ и Украйна за примирие продължават.",
        "Генералният секретар на НАТО пристигна в Киев.",
    ),
    "cs": (
        "Česko dodá Ukrajině další munici.",
        "Šéf NATO přijel do Kyjeva.",
        "Trump a Zelenskyj jednali o příměří.",
    ),
    "da": ("Danmark sender flere våben til Ukraine.",),
    "de": (
        "Die Bundesregierung liefert der Ukraine weitere Flugabwehrsysteme.",
        "Scholz in der Ukraine: Kanzler besucht Kiew und sagt weitere Waffen zu.",
        "Selenskyj und Trump sprechen über Waffenruhe: Treffen im Weißen Haus.",
        "Nato-Außenminister beraten über Hilfe für die Ukraine.",
    ),
    "el": (
        "Η Γερμανία στέλνει νέα όπλα στην Ουκρανία.",
        "Το ΝΑΤΟ στηρίζει την Ουκρανία.",
        "Διαπραγματεύσεις ΗΠΑ και Ουκρανίας για εκεχειρία.",
    ),
    "en": (
        "Norway and Denmark will fund another batch of air defence interceptors for Ukraine, their ministers said on Monday.",
        "Talks between US and Ukrainian envoys on security guarantees resume in Geneva.",
    ),
    "es": (
        "España enviará a Ucrania más munición y sistemas antiaéreos.",
        "Los aliados europeos negocian con Kiev garantías de seguridad.",
        "La OTAN promete a Ucrania más ayuda militar.",
    ),
    "et": (
        "Eesti annab Ukrainale juurde laskemoona.",
        "USA ja Ukraina läbirääkimised relvarahu üle jätkuvad.",
    ),
    "fi": ("Suomi toimittaa Ukrainalle lisää aseita.",),
    "fr": (
        "La France va livrer à l'Ukraine de nouveaux avions de combat.",
        "Macron et Starmer reçoivent Zelensky pour préparer des négociations sur un cessez-le-feu.",
        "L'Otan promet à Kiev un soutien durable.",
    ),
    "hi": (
        "अमेरिका यूक्रेन को नए हथियार देगा।",
        "नाटो प्रमुख यूक्रेन पहुंचे।",
        "ट्रंप और ज़ेलेंस्की के बीच युद्धविराम पर बातचीत",
    ),
    "hr": ("Njemačka šalje Ukrajini novo oružje.",),
    "hu": ("Németország újabb légvédelmi rendszert küld Ukrajnának.",),
    "it": (
        "L'Italia invia all'Ucraina un'altra batteria per la difesa aerea.",
        "Trump e Zelensky, colloqui a Washington sul cessate il fuoco.",
        "La Nato rafforza il sostegno a Kiev.",
    ),
    "ja": ("米国、ウクライナへの兵器供与を再開",),
    "ka": (
        "აშშ უკრაინას ახალ იარაღს მიაწვდის.",
        "ნატო-ს გენერალური მდივანი კიევში ჩავიდა.",
        "ტრამპი და ზელენსკი შეხვედრას გამართავენ.",
    ),
    "ko": (
        "미국, 우크라이나에 무기 지원 재개",
        "나토 사무총장, 우크라이나 방문",
        "트럼프와 젤렌스키, 휴전 협상 논의",
    ),
    "lt": (
        "Lietuva perduos Ukrainai daugiau šaudmenų ir oro gynybos sistemų.",
        "NATO vadovas lankosi Kyjive.",
    ),
    "lv": (
        "Latvija nosūtīs Ukrainai bruņojumu un dronus.",
        "ASV un Ukraina turpina sarunas par pamieru.",
    ),
    "nl": (
        "Nederland levert Oekraïne extra luchtafweer.",
        "Amerikaanse en Oekraïense gezanten onderhandelen over een wapenstilstand.",
    ),
    "no": ("Norge gir Ukraina nytt luftvern.",),
    "pl": (
        "Polska przekaże Ukrainie kolejne czołgi, zapowiedział minister obrony.",
        "Rozmowy pokojowe: Amerykanie i Ukraińcy spotkali się w Genewie.",
    ),
    "pt": (
        "Portugal vai enviar mais munições à Ucrânia.",
        "Reunião entre Trump e Zelensky termina sem acordo de cessar-fogo.",
        "A NATO reforça a ajuda militar à Ucrânia.",
    ),
    "ro": (
        "România va trimite Ucrainei un sistem Patriot.",
        "Macron și Zelenski discută garanții de securitate pentru Ucraina.",
    ),
    "ru": (
        "Франция поставит Украине новые зенитные ракеты и обучит экипажи.",
        "Переговоры США и Украины о перемирии пройдут в Эр-Рияде.",
        "Берлин одобрил поставку оружия Киеву.",
    ),
    "sk": ("Poľsko pošle Ukrajine ďalšie zbrane.",),
    "sv": ("Sverige skickar nytt stödpaket till Ukraina.",),
    "tr": (
        "Türkiye, Ukrayna ile Rusya arasında ateşkes müzakerelerine ev sahipliği yapacak.",
        "Almanya Ukrayna'ya hava savunma sistemi gönderecek.",
        "NATO Genel Sekreteri Kiev'i ziyaret etti.",
    ),
    "uk": (
        "Німеччина передала Україні ще дві системи протиповітряної оборони.",
        "Президент зустрівся в Києві з прем'єр-міністром Великої Британії; говорили про перемовини щодо припинення вогню.",
        "Швеція оголосила новий пакет військової допомоги для України.",
        "Генсек НАТО прибув до Одеси.",
    ),
    "vi": (
        "Đức viện trợ thêm vũ khí cho Ukraine.",
        "Tổng thống Mỹ và Ukraine đàm phán về ngừng bắn.",
    ),
    "zh": ("美国恢复向乌克兰提供武器",),
}

DOES_NOT = {
    "grain prices": "Grain prices ease as ships leave Odesa; wheat exports from Ukraine reach the EU despite higher insurance.",
    "a football match": "Ukraine beat Belgium 2-1 in their World Cup qualifier after a late goal from the substitute striker.",
    "a name that holds the letters": "Signato shares slide after the software maker cuts its forecast.",
    "the traffic around a summit": "NATO summit road closures: what Lisbon drivers should know",
    "Italian for born": "È nato a Kiev il primo figlio del tenore ucraino.",
    "a library": "У Харкові відкрили нову бібліотеку для дітей.",
    "a song contest": "Eurovision: Die Ukraine zieht ins Finale ein, Schweden gilt als Favorit.",
    "domestic politics": "Ukrainian parliament adopts a new budget code after a long night.",
    "Polish for whereas": "Natomiast w Krakowie otwarto wystawę sztuki ukraińskiej.",
    "the alliance elsewhere": "NATO allies argue over Kosovo mission.",
    "trams": "В Одессе восстановили движение трамваев.",
    "refugees": "Refugiados de Ucrania aprenden español en una escuela de Valencia.",
    "help for refugees, German": "Hilfe für ukrainische Flüchtlinge: Wie Deutschland Kindern aus Kiew Schulplätze sucht.",
    "help for refugees, Polish": "Pomoc dla uchodźców z Ukrainy: w Polsce otwarto nowe przedszkole.",
    "help for refugees, Spanish": "Ayuda a refugiados de Ucrania: España amplía las plazas escolares.",
    "the front": "Ukrainian troops hold the line near Bakhmut as Russian shelling continues overnight.",
    "shelling": "Обстріл Харкова: пошкоджено дах ліцею, двоє поранених.",
    "a harvest": "Colheita de trigo na Ucrânia cai, e preços sobem na Europa.",
    "a circus": "Un cirque ukrainien en tournée dans le Sud.",
}


@pytest.mark.parametrize(("language", "sentence"), [(language, sentence) for language, sentences in BELONGS.items() for sentence in sentences])
def test_every_language_is_heard_in_headlines_and_in_texts_without_one(shipped: CompiledTopic, language: str, sentence: str):
    assert match(shipped, title=sentence, text="", lang=language).matched
    assert match(shipped, title="", text=sentence, lang=language).matched


@pytest.mark.parametrize("sentence", [pytest.param(sentence, id=what) for what, sentence in DOES_NOT.items()])
def test_lookalikes_and_neighbours_are_left_alone(shipped: CompiledTopic, sentence: str):
    assert not match(shipped, title=sentence, text="").matched
    assert not match(shipped, title="", text=sentence).matched


def test_the_visit_to_odesa_is_told_at_once(shipped: CompiledTopic):
    story = (
        "NATO's Secretary General Mark Rutte stands beside Volodymyr Zelenskyy in Odesa two days after a ballistic missile strike on Sumy. "
        "Support is unwavering, he says, and calls for a ceasefire and for more Patriot systems."
    )

    assert match(shipped, title="", text=story).alert


def test_a_long_page_with_both_names_far_apart_is_left_alone(shipped: CompiledTopic):
    page = "The council met.\nNATO was mentioned.\n" + "The harbour was quiet that day. " * 800 + "\nMore about Ukraine"

    assert not match(shipped, title="A quiet day", text=page).matched


@pytest.mark.parametrize("topic_id", ["nato-ukraine", "floods"])
def test_no_term_of_a_shipped_topic_is_idle(topics: dict[str, CompiledTopic], topic_id: str):
    """A term is idle where a shorter one of its group finds all that it finds."""
    idle = []
    for name, group in topics[topic_id].groups.items():
        terms = [read_term(name, written) for written in group.terms]
        exact = {term.words[0][0] for term in terms if len(term.words) == 1 and not term.capitals and not term.words[0][1]}
        stems = {term.words[0][0] for term in terms if len(term.words) == 1 and not term.capitals and term.words[0][1]}
        for term in terms:
            alone = len(term.words) == 1 and not term.capitals
            shorter = stems - {term.words[0][0]} if alone and term.words[0][1] else stems
            words = exact - {term.words[0][0]} if alone and not term.words[0][1] else exact
            if any(word[:length] in shorter for word, _ in term.words for length in range(2, len(word) + 1)) or any(
                word in words and not is_open for word, is_open in term.words
            ):
                idle.append(f"{name}: {term.written}")

    assert idle == []


FLOODS = {
    "Floods in Valencia leave dozens missing": "Rescue teams searched the villages after the river burst its banks.",
    "Hochwasser in Bayern: Tausende evakuiert": "In Passau stieg die Donau weiter, ein Feuerwehrmann starb.",
    "Waldbrände auf Rhodos": "Die Feuerwehr kämpft gegen die Flammen, mehrere Dörfer wurden evakuiert.",
    "Powódź na Dolnym Śląsku": "Ewakuacja mieszkańców Kłodzka trwała całą noc, są ofiary.",
    "Alluvione in Emilia-Romagna": "Nove morti e migliaia di sfollati, intervengono i vigili del fuoco.",
    "Incendios forestales en Zamora": "Los bomberos trabajan en tres frentes, hay un fallecido.",
}
NO_FLOODS = {
    "A flood of complaints reaches the council": "Residents near the new road are angry.",
    "Rumour spreads like wildfire": "Nobody knows who killed the story.",
    "Reading group meets": "Its members chose a novel about a flood.",
    "NATO chief visits Odesa": "He met rescue workers after the missile strike.",
    "Council debates its budget": "A flood wall is among the items.",
}


def test_the_second_topic_tells_a_flood_from_a_flood_of_words(topics: dict[str, CompiledTopic]):
    watch = topics["floods"]

    assert [title for title, text in FLOODS.items() if not match(watch, title=title, text=text).matched] == []
    assert [title for title, text in NO_FLOODS.items() if match(watch, title=title, text=text).matched] == []
