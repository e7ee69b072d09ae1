"""Is it an article, and how much of it do we have?"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from monitor.articles.metadata import Metadata
from monitor.model import ArticleStatus

# Below this, a page without any mark of an article may be a wall or an error page.
STUB_WEIGHT = 1_800
SHORT_WEIGHT = 1_200
# Below this, what a page shows is a teaser: no newspaper's shortest report is shorter.
TEASER_WEIGHT = 250
COHESIVE_WEIGHT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """reason: a stable code for why, the same in log and test."""

    status: ArticleStatus
    reason: str


def weight(text: str) -> int:
    """Length in characters, with Chinese, Japanese and Korean ones counted three times: they say more each."""
    return len(text) + 2 * len(_DENSE.findall(text))


_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def stub_grade(tree: HtmlElement, text: str, title: str) -> Grade | None:
    """Walls and error pages, known by their words; None for everything else. Only short pages can be one."""
    shown = text if weight(text) > 80 else f"{text}\n{_body_text(tree)}"
    if weight(shown) > STUB_WEIGHT:
        return None
    head = f"{title}\n{_first_heading(tree)}"
    words = f"{head}\n{shown}"
    if _NOT_FOUND.search(head):
        return Grade(status=ArticleStatus.NOT_AN_ARTICLE, reason="not-found")
    if _MAINTENANCE.search(head) or _MAINTENANCE.search(shown[:400]):
        return Grade(status=ArticleStatus.NOT_AN_ARTICLE, reason="maintenance")
    if _GEO.search(words):
        return Grade(status=ArticleStatus.BLOCKED, reason="geo-block")
    if _CHALLENGE.search(words) or _has_challenge_script(tree):
        return Grade(status=ArticleStatus.BLOCKED, reason="challenge")
    if len({found.lower() for found in _CONSENT.findall(words)}) >= 3:
        return Grade(status=ArticleStatus.BLOCKED, reason="consent")
    if _LOGIN.search(head) and tree.find(".//input[@type='password']") is not None:
        return Grade(status=ArticleStatus.BLOCKED, reason="login")
    return None


def other_page(tree: HtmlElement, metadata: Metadata, url: str) -> Grade | None:
    """What the page is instead of one article: a list, a product, a section. None where it is one.

    JSON-LD's word is taken. Without it two of three marks are needed: the page's tags hint at an article,
    long paragraphs stand together, the address looks like a story's.
    """
    if metadata.claims_article:
        return None
    if metadata.claims_other or (url and _depth(url) == 0):
        return Grade(status=ArticleStatus.NOT_AN_ARTICLE, reason="list-or-product")
    has_body = cohesive_weight(tree) >= COHESIVE_WEIGHT
    if metadata.hints_article + has_body + _looks_like_story(url) >= 2:
        return None
    return Grade(status=ArticleStatus.NOT_AN_ARTICLE, reason="list-or-product")


def completeness(text: str, metadata: Metadata, *, has_offer: bool, was_cut: bool) -> Grade:
    """How much of an article the text is. has_offer: the page sells the rest. was_cut: it ends in mid-sentence or points on."""
    words = len(text.split())
    # Some sites count characters as words, so a long text is not doubted.
    falls_short = metadata.word_count > 2 * words and weight(text) < 2 * SHORT_WEIGHT and not _DENSE.search(text)
    is_short = weight(text) < SHORT_WEIGHT or falls_short
    if (metadata.is_locked or has_offer) and is_short:
        return Grade(status=ArticleStatus.PAYWALLED, reason="locked-and-short")
    if falls_short:
        return Grade(status=ArticleStatus.PARTIAL, reason="shorter-than-stated")
    if weight(text) < TEASER_WEIGHT:
        return Grade(status=ArticleStatus.PARTIAL, reason="teaser")
    if was_cut and weight(text) < SHORT_WEIGHT:
        return Grade(status=ArticleStatus.PARTIAL, reason="cut-off")
    return Grade(status=ArticleStatus.FULL, reason="complete")


_CUT = re.compile(r"(?:\[?…\]?|\[?\.\.\.\]?|read more|weiterlesen|lire la suite|leer más|читати далі|читать далее|czytaj dalej)\s*[»>→]*$", re.IGNORECASE)


def is_cut(text: str) -> bool:
    """Whether a text breaks off, as feeds and teasers do."""
    return bool(_CUT.search(text[-60:].rstrip()))


# ------------------------------------------------------------------------------------ stubs' words
_NOT_FOUND = re.compile(
    r"\b(?:404|410)\b|(?:page|article|content|document|story) (?:was |is |could )?(?:not|no longer) (?:be )?(?:found|available|exist)|page does(?:n['’]t| not) exist|"
    r"seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouvée)|página no encontrada|página não encontrada|pagina non trovata|pagina niet gevonden|"
    r"nie znaleziono (?:strony|artykułu)|strona nie (?:istnieje|została znaleziona)|сторінк\w+ не (?:знайдено|існує|існувала)|страниц\w+ не (?:найдена|существует)|"
    r"pagina nu (?:a fost găsită|există)|sayfa bulunamadı|sivua ei löydy|sidan (?:kunde inte hittas|finns inte)|siden (?:ble|blev) ikke funne|puslapis nerastas|lapa nav atrasta",
    re.IGNORECASE,
)
_MAINTENANCE = re.compile(
    r"scheduled maintenance|under maintenance|down for maintenance|temporarily (?:unavailable|offline)|we(?:['’]ll| will) be back (?:soon|shortly)|\b50[234]\b (?:bad|service|gateway)|"
    r"backend fetch failed|wartungsarbeiten|en maintenance|en mantenimiento|in manutenzione|przerwa techniczna|prace techniczne|"
    r"технічн\w+ робот|техническ\w+ работ|bakım çalışma|lucrări de mentenanță",
    re.IGNORECASE,
)
_GEO = re.compile(
    r"unavailable (?:for|due to) legal reasons|not available in your (?:country|region|location)|access cannot be granted|"
    r"in ihrem land nicht verfügbar|pas disponible dans votre (?:pays|région)|no está disponible en (?:su|tu) (?:país|región)|"
    r"niedostępn\w+ w (?:twoim|państwa) kraju|недоступн\w+ (?:у вашій країні|в вашей стране|у вашому регіоні|в вашем регионе)",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"just a moment\.\.\.|checking (?:if the site connection is secure|your browser)|verify(?:ing)? (?:that )?you are (?:a )?human|are you a robot|"
    r"unusual (?:traffic|activity) from your|attention required|access (?:to this page has been )?denied|pardon our interruption|request unsuccessful|"
    r"ddos[- ]protection|ray id:|ich bin kein roboter|je ne suis pas un robot|перевірка браузера|проверка браузера|підтвердьте, що ви не робот|подтвердите, что вы не робот|nie jesteś robotem",
    re.IGNORECASE,
)
_CHALLENGE_SCRIPT = re.compile(r"challenge-platform|captcha-delivery|_Incapsula_Resource|px-captcha|cf-chl|/recaptcha/|hcaptcha\.com|awsWaf", re.IGNORECASE)
_CONSENT = re.compile(
    r"cookies?|consent|our \d+ partners|partners process|personal data|accept all|reject all|manage preferences|privacy center|gdpr|unique identifiers|"
    r"zustimm\w+|einwillig\w+|datenschutz\w*|werbetracking|tracking|personenbezogen\w+|akzeptieren|"
    r"partenaires|consentement|données personnelles|accepter|intérêt légitime|"
    r"consentimiento|datos personales|aceptar|consenso|dati personali|accetta\w*|zgod[aęy]\w*|danych osobowych|partnerzy|akceptuj\w*|"
    r"згод[аиу]\w*|персональн\w+ даних|файл\w* cookie|согласи\w+|персональн\w+ данн\w+|toestemming|persoonsgegevens|samtyck\w+|personuppgifter|consimțământ\w*|date(?:lor)? personale|çerez\w*|kişisel veri\w*",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"\b(?:sign|log) ?in\b|register to continue|anmelden|einloggen|se connecter|connectez-vous|connexion|iniciar sesión|inicia sesión|accedi|zaloguj|logowanie|увійти|вхід|войти|вход|"
    r"inloggen|logga in|logg inn|autentificare|giriş yap",
    re.IGNORECASE,
)


def _body_text(tree: HtmlElement) -> str:
    body = tree.find(".//body")
    if body is None:
        return ""
    from monitor.articles.feed_text import text_of

    return text_of(body)[:4_000]


def _first_heading(tree: HtmlElement) -> str:
    heading = tree.find(".//h1")
    return " ".join(heading.text_content().split())[:300] if heading is not None else ""


def _has_challenge_script(tree: HtmlElement) -> bool:
    return any(_CHALLENGE_SCRIPT.search((script.get("src") or "") + (script.text or "")[:5_000]) for script in tree.iter("script"))


# ------------------------------------------------------------------------------------ page's shape
_OWN_TEXT_TAGS = ("div", "td", "section", "article", "main", "span")


def cohesive_weight(tree: HtmlElement) -> int:
    """Weight of the long paragraphs that stand together in one box, the heaviest box of the page.

    An article's paragraphs are siblings; the teasers of a list stand each in its own card, beside its headline.
    """
    boxes: dict[HtmlElement, int] = {}
    for paragraph in tree.iter("p", *_OWN_TEXT_TAGS):
        if paragraph.tag == "p":
            text = " ".join(paragraph.text_content().split())
            box = _box(paragraph, len(text))
        else:
            text = " ".join(f"{paragraph.text or ''} {' '.join(child.tail or '' for child in paragraph)}".split())
            box = paragraph
        if weight(text) < 80 or box is None or _link_share(paragraph, text) > 0.5:
            continue
        boxes[box] = boxes.get(box, 0) + weight(text)
    return max(boxes.values(), default=0)


def _box(paragraph: HtmlElement, text_chars: int) -> HtmlElement | None:
    """The paragraph's parent, or a higher one where each paragraph is wrapped by itself."""
    part, box = paragraph, paragraph.getparent()
    for _ in range(3):
        # Siblings are asked for, not counted: lxml counts children one by one, which costs the square on long pages.
        has_siblings = part.getprevious() is not None or part.getnext() is not None
        if box is None or box.getparent() is None or has_siblings or len(box.text_content().strip()) > 1.2 * text_chars:
            break
        part, box = box, box.getparent()
    return box


def _link_share(paragraph: HtmlElement, text: str) -> float:
    return sum(len(link.text_content()) for link in paragraph.iter("a")) / max(len(text), 1) if paragraph.tag == "p" else 0.0


_STORY_PATH = re.compile(r"\d{4,}|[^/]+[-_][^/]+[-_][^/]+[-_][^/]+|\.s?html?$|/\d{4}/\d\d?/")
_LIST_PATH = re.compile(r"/(?:tags?|topics?|category|categories|section|authors?|search|page|product|shop|thema|themen|rubrik\w*)(?:/|$)", re.IGNORECASE)


def _looks_like_story(url: str) -> bool:
    """A long slug, a number or a date in the path. An unknown address says nothing against the page."""
    if not url:
        return True
    path = urlsplit(url).path
    return bool(_STORY_PATH.search(path)) and not _LIST_PATH.search(path)


def _depth(url: str) -> int:
    parts = urlsplit(url)
    return len([part for part in parts.path.split("/") if part]) + bool(parts.query)
