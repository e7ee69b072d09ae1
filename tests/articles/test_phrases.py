"""The words around articles, in the languages of the feeds."""

import pytest

from monitor.articles import phrases
from monitor.articles.body import without_asides

FIRST = "A first paragraph that is long enough to be one, whatever language it were written in, and that says something."
SECOND = "A second paragraph that is long enough to be one, whatever language it were written in, and that says more."

# In the order of the tables: it leads to another story, is furniture, asks to follow, states rights, stands above comments.
LINES = {
    "en": (
        "Read more: The port waits",
        "Share this article",
        "Sign up to our newsletter for more.",
        "© 2026 The Quay Herald. All rights reserved.",
        "12 Comments",
    ),
    "uk": ("Читайте також: Порт чекає", "Поділитися", "Підписуйтесь на наш Telegram-канал", "Усі права захищені", "Коментарі (3)"),
    "ru": ("Читайте также: Порт ждёт", "Поделиться", "Подписывайтесь на наш канал в Telegram", "Все права защищены", "Комментарии (3)"),
    "de": ("Lesen Sie auch: Der Hafen wartet", "Artikel teilen", "Folgen Sie uns auf WhatsApp", "Alle Rechte vorbehalten", "3 Kommentare"),
    "fr": ("À lire aussi : Le port attend", "Passer la publicité", "Abonnez-vous à notre newsletter", "Tous droits réservés", "Commentaires (3)"),
    "es": ("Lee también: El puerto espera", "Compartir en Facebook", "Suscríbete a nuestro boletín", "Todos los derechos reservados", "3 comentarios"),
    "pt": ("Leia também: O porto espera", "Continua após a publicidade", "Siga-nos no Instagram", "Todos os direitos reservados", "Comentários"),
    "it": ("Leggi anche: Il porto aspetta", "Condividi su Facebook", "Iscriviti alla newsletter", "Riproduzione riservata", "Lascia un commento"),
    "nl": ("Lees ook: De haven wacht", "Deel dit artikel", "Volg ons op Instagram", "Alle rechten voorbehouden", "Reacties (3)"),
    "sv": ("Läs också: Hamnen väntar", "Dela artikeln", "Prenumerera på vårt nyhetsbrev", "Källa: TT", "Kommentarer"),
    "no": ("Les også: Havnen venter", "Del saken", "Meld deg på nyhetsbrevet", "Kilde: NTB", "Kommentarer (3)"),
    "da": ("Læs også: Havnen venter", "Annonce", "Tilmeld dig nyhedsbrevet", "Kilde: Ritzau", "Skriv en kommentar"),
    "fi": ("Lue myös: Satama odottaa", "Mainos", "Tilaa uutiskirje tästä", "Lähde: STT", "Kommentit"),
    "pl": ("Czytaj także: Port czeka", "Udostępnij na Facebooku", "Zapisz się do newslettera", "Wszelkie prawa zastrzeżone", "Komentarze (3)"),
    "cs": ("Čtěte také: Přístav čeká", "Sdílet na Facebooku", "Sledujte nás na Facebooku", "Zdroj: ČTK", "Diskuse (3)"),
    "sk": ("Čítajte aj: Prístav čaká", "Zdieľať na Facebooku", "Prihláste sa na odber noviniek", "Zdroj: TASR", "Diskusia (3)"),
    "hu": ("Olvassa el: A kikötő vár", "Megosztás", "Iratkozzon fel hírlevelünkre", "Minden jog fenntartva", "Hozzászólások"),
    "ro": ("Citește și: Portul așteaptă", "Distribuie pe Facebook", "Abonează-te la newsletter", "Toate drepturile rezervate", "Comentarii (3)"),
    "bg": ("Прочетете още: Пристанището чака", "Сподели във Фейсбук", "Последвайте ни във Фейсбук", "Всички права запазени", "Коментари (3)"),
    "el": ("Διαβάστε επίσης: Το λιμάνι περιμένει", "Διαφήμιση", "Ακολουθήστε μας στο Google News", "Πηγή: ΑΠΕ", "Σχόλια (3)"),
    "tr": ("İlgili Haber: Liman bekliyor", "Haberi paylaş", "Abone olun, haberdar olun", "Tüm hakları saklıdır", "Yorumlar (3)"),
    "et": ("Loe ka: Sadam ootab", "Jaga", "Jälgi meid Facebookis", "Allikas: BNS", "Kommentaarid"),
    "lv": ("Lasi arī: Osta gaida", "Dalies", "Seko mums Facebook", "Avots: LETA", "Komentāri (3)"),
    "lt": ("Taip pat skaitykite: Uostas laukia", "Dalintis", "Sekite mus Facebook", "Visos teisės saugomos", "Komentarai (3)"),
    "ka": ("წაიკითხეთ ასევე: პორტი ელოდება", "გაზიარება", "გამოიწერეთ ჩვენი არხი", "ყველა უფლება დაცულია", "კომენტარები"),
    "hy": ("Կարդացեք նաև: Նավահանգիստը սպասում է", "Կիսվել", "Հետևեք մեզ Telegram-ում", "", "Մեկնաբանություններ"),
    "az": ("Həmçinin oxu: Liman gözləyir", "Paylaş", "Abunə olun", "", ""),
    "ar": ("اقرأ أيضا: الميناء ينتظر", "شارك هذا المقال", "اشترك في النشرة", "جميع الحقوق محفوظة", "التعليقات (3)"),
    "fa": ("بیشتر بخوانید: بندر در انتظار است", "تبلیغات", "مشترک شوید", "", "نظرات کاربران"),
    "he": ("קראו גם: הנמל ממתין", "שתפו", "הצטרפו לערוץ שלנו", "כל הזכויות שמורות", "תגובות"),
    "hi": ("यह भी पढ़ें: बंदरगाह", "विज्ञापन", "हमें फेसबुक पर फॉलो करें", "", ""),
    "id": ("Baca juga: Pelabuhan menunggu", "Bagikan", "Ikuti kami di Google News", "Hak cipta dilindungi undang-undang", "Tulis komentar"),
    "vi": ("Xem thêm: Bến cảng chờ", "Chia sẻ", "Theo dõi chúng tôi trên Facebook", "Nguồn: TTXVN", "Bình luận (3)"),
    "th": ("อ่านเพิ่มเติม: ท่าเรือรอ", "แชร์", "ติดตามเราทางเฟซบุ๊ก", "", "ความคิดเห็น"),
    "sw": ("Soma pia: Bandari inasubiri", "Tangazo", "Tufuatilie Facebook", "", "Acha maoni"),
    "zh": ("延伸阅读：港口在等待", "分享到微信", "关注我们的公众号", "（责任编辑：李海）", "网友评论(3)"),
    "ja": ("あわせて読みたい", "この記事をシェア", "公式アカウントをフォローする", "無断転載を禁じます", "コメントを書く"),
    "ko": ("관련 기사", "공유하기", "네이버에서 본지를 구독하세요", "무단 전재 및 재배포 금지", "전체 댓글 3개"),
}
PLACES = ("between", "between", "end", "end", "above comments")


@pytest.mark.parametrize(
    ("line", "place"),
    [pytest.param(line, place, id=f"{code} {line}") for code, lines in LINES.items() for line, place in zip(lines, PLACES, strict=True) if line],
)
def test_what_stands_around_an_article_goes(line, place):
    text = {
        "between": f"{FIRST}\n{line}\n{SECOND}",
        "end": f"{FIRST}\n{SECOND}\n{line}",
        "above comments": f"{FIRST}\n{SECOND}\n{line}\nI have waited for such a story for weeks, thank you.",
    }[place]

    assert without_asides(text, "") == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    "line",
    [
        "Share prices fell for the third day.",
        "Comments by the minister angered the neighbours.",
        "Поддержать Украину готовы двадцать стран, сообщил министр.",
        "Підтримати пропозицію готові двадцять країн, сказав міністр.",
        "Folgen Sie dem Geld, sagte der Ermittler.",
        "Подписка на облигации началась в понедельник.",
        "Також міністр подякував за візит.",
        "Además, el ministro agradeció la visita.",
        "Save the Children said that two hundred were hurt.",
        "“Follow the law,” the judge told the ministers.",
        "Les plus pauvres attendent, dit le maire.",
    ],
)
def test_a_sentence_that_begins_alike_stays(line):
    assert without_asides(f"{FIRST}\n{line}\n{SECOND}\n{line}", "") == f"{FIRST}\n{line}\n{SECOND}\n{line}"


@pytest.mark.parametrize("name", [name for name, table in vars(phrases).items() if name.isupper() and isinstance(table, dict)])
def test_every_language_of_a_table_compiles_by_itself(name):
    table = getattr(phrases, name)

    assert [code for code, pattern in table.items() if phrases.compiled(pattern).match("")] == []  # what matches nothing would match everywhere


@pytest.mark.parametrize("mark", ["By Ann Lee", "Ann Lee", "ANN LEE, Kyiv", "Von Ann Lee (dpa)", "22 November 2026 – Ann Lee"])
def test_a_byline_above_the_text_goes(mark):
    assert without_asides(f"{mark}\n{FIRST}\n{SECOND}", "", ["Ann Lee"]) == f"{FIRST}\n{SECOND}"


def test_a_sentence_about_an_author_stays():
    sentence = "Ann Lee said: “I saw the ships leave.”"

    assert without_asides(f"{sentence}\n{FIRST}\n{SECOND}\n{sentence}", "", ["Ann Lee"]).count(sentence) == 2


def test_who_wrote_it_is_no_part_of_the_text():
    biography = "Ann Lee covers the Black Sea and has written three books about its ports."

    assert without_asides(f"{FIRST}\n{SECOND}\n{FIRST}\n{biography}", "", ["Ann Lee"]) == f"{FIRST}\n{SECOND}\n{FIRST}"


def test_a_text_never_loses_more_than_two_thirds():
    assert without_asides(f"{SECOND[:30]}\n" + "Follow us on everything that there is\n" * 4, "").count("\n") >= 4


def test_what_stands_below_a_call_to_follow_goes_with_it():
    assert without_asides(f"{FIRST}\n{SECOND}\nNewsletter: Sport inside\nEvery Monday the stories of the week", "") == f"{FIRST}\n{SECOND}"


def test_a_last_line_that_announces_a_film_goes():
    assert without_asides(f"{FIRST}\n{SECOND}\nThis is how it looked from the harbour:", "") == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize("mark", ["$$ARTICLEAD$$", "[[AD_1]]", "{{ image-2 }}"])
def test_a_place_for_an_advertisement_goes(mark):
    assert without_asides(f"{FIRST}\n{mark}\n{SECOND}", "") == f"{FIRST}\n{SECOND}"


@pytest.mark.parametrize("table", [phrases.LEADS_AWAY, phrases.FURNITURE, phrases.FOLLOW, phrases.RIGHTS])
def test_the_phrases_that_share_a_lines_first_letter_find_what_all_of_them_find(table):
    openings, whole = phrases.Openings(table), phrases.compiled(phrases.joined(table))
    lines = [line for said in LINES.values() for each in said for line in (each, each.upper(), f"ı{each}", f"…{each}", "")]

    assert [bool(openings.match(line)) for line in lines] == [bool(whole.match(line)) for line in lines]
    assert [bool(openings.fullmatch(line)) for line in lines] == [bool(whole.fullmatch(line)) for line in lines]
    assert any(map(openings.match, lines))
