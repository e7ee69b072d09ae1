"""Is it an article, and how much of it do we have?"""

import re
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from monitor.articles.blocks import weight
from monitor.articles.body import offer_line
from monitor.articles.metadata import Metadata
from monitor.articles.phrases import CART, CHALLENGE, CONSENT, CUT_OFF, GEO, LOGIN, MAINTENANCE, NOT_FOUND, compiled, joined
from monitor.late import late
from monitor.status import ArticleStatus

# Below this, a page without any mark of an article may be a wall or an error page.
STUB_WEIGHT = 1_800
SHORT_WEIGHT = 1_200
# Below this, what a page shows is a teaser: no newspaper's shortest report is shorter.
TEASER_WEIGHT = 250
COHESIVE_WEIGHT = 400
# Nothing but an article has so much running text.
LONG_WEIGHT = 2_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """reason: a stable code for why, the same in log and test."""

    status: ArticleStatus
    reason: str


def stub_grade(tree: HtmlElement, text: str, title: str, url: str = "") -> Grade | None:
    """Walls and error pages; None for everything else. Only short pages can be one.

    The page's make is asked first (forms, scripts, the host), its words after that.
    """
    shown = text if weight(text) > 80 else f"{text}\n{_body_text(tree)}"
    if weight(shown) > STUB_WEIGHT:
        return None
    head = f"{title}\n{_first_heading(tree)}"
    words = f"{head}\n{shown}"
    visible = weight(_body_text(tree))
    has_password = tree.find(".//input[@type='password']") is not None
    if _has_script(tree, _CHALLENGE_SCRIPT) and visible < STUB_WEIGHT:
        return Grade(status=ArticleStatus.BLOCKED, reason="challenge")
    if _CONSENT_HOST.match(urlsplit(url).hostname or ""):
        return Grade(status=ArticleStatus.BLOCKED, reason="consent")
    if has_password and _LOGIN.search(head):
        return Grade(status=ArticleStatus.BLOCKED, reason="login")
    if _NOT_FOUND.search(head):
        return Grade(status=ArticleStatus.NOT_AN_ARTICLE, reason="not-found")
    # A report of a few paragraphs may speak of security checks and repairs; a wall has hardly any words.
    telling = words if weight(shown) < STUB_WEIGHT // 3 else head
    if _MAINTENANCE.search(telling):
        return Grade(status=ArticleStatus.NOT_AN_ARTICLE, reason="maintenance")
    if _GEO.search(telling):
        return Grade(status=ArticleStatus.BLOCKED, reason="geo-block")
    if _CHALLENGE.search(telling) or (visible < SHORT_WEIGHT // 2 and _has_script(tree, _CAPTCHA_SCRIPT)):
        return Grade(status=ArticleStatus.BLOCKED, reason="challenge")
    if len({found.lower() for found in _CONSENT.findall(words)}) >= _CONSENT_WORDS:
        return Grade(status=ArticleStatus.BLOCKED, reason="consent")
    if has_password and visible < SHORT_WEIGHT and _LOGIN.search(words):
        return Grade(status=ArticleStatus.BLOCKED, reason="login")
    return None


def other_page(tree: HtmlElement, metadata: Metadata, text: str, url: str) -> Grade | None:
    """What the page is instead of one article: a front page, a list, a product, a film. None where it is an article.

    JSON-LD's word is taken. Without it two of three marks are needed: the page's tags hint at an article, long
    paragraphs stand together, the address looks like a story's; and fewer marks of a list than that.
    """
    if metadata.claims_article:
        return None
    if metadata.claims_other:
        return _other("list" if metadata.claims_other == "list" else metadata.claims_other)
    if url and _depth(url) == 0:
        return _other("front-page")
    names = _body_names(tree)
    path = urlsplit(url).path
    if not metadata.is_dated and (_SHOP_PATH.search(path) or _sells(tree, names, hints_article=metadata.hints_article)):
        return _other("product")
    if metadata.claims_video and weight(text) < SHORT_WEIGHT:
        return _other("video")
    looks_like_story = _looks_like_story(url)
    if metadata.is_dated and metadata.hints_article and looks_like_story:
        return None  # two marks, which nothing outweighs where the page is dated
    body = cohesive_weight(tree)
    marks = metadata.hints_article + (body >= COHESIVE_WEIGHT) + (body >= LONG_WEIGHT) + looks_like_story
    against = sum((bool(_LIST_BODY.search(names)), _shows_many(tree), bool(_LIST_PATH.search(path)), _has_pages(tree)))
    if marks < 2 or (against >= 2 and not metadata.is_dated) or (against >= 1 and body < SHORT_WEIGHT and not metadata.hints_article):
        return _other("list")
    return None


def _other(reason: str) -> Grade:
    return Grade(status=ArticleStatus.NOT_AN_ARTICLE, reason=reason)


# What content management systems name a page's body: WordPress, Drupal and those who copied them.
_LIST_BODY = late(
    r"(?:^|\s)(?:archive|category|tag|blog|home|front-?page|search(?:-results)?|author|tax-[\w-]+|post-type-archive[\w-]*|path-(?:taxonomy|frontpage|search)|page-taxonomy[\w-]*|section-front)(?:\s|$)"
)
_SHOP_BODY = late(r"(?:^|\s)(?:single-product|product-template[\w-]*|template-product|product-page|catalog-product-view|woocommerce-page)(?:\s|$)")
_CART = compiled(CART)
_HEADLINES, _LINKS = 8, 15


def _body_names(tree: HtmlElement) -> str:
    body = tree.find(".//body")
    return f"{body.get('class') or ''} {body.get('id') or ''}".lower() if body is not None else ""


def _sells(tree: HtmlElement, names: str, *, hints_article: bool) -> bool:
    """A price that is stated, or a way to buy on a page that calls itself nothing else."""
    if _SHOP_BODY.search(names) or tree.xpath("(.//meta[@property='product:price:amount' or @property='og:price:amount'])[1]"):
        return True
    buttons = islice(tree.iter("button", "a", "input"), 2_000)
    has_cart = any(_CART.match((button.text or button.get("value") or "").strip() or " ".join(button.itertext()).strip()[:60]) for button in buttons)
    has_price = bool(tree.xpath("(.//*[@itemprop='price' or @itemprop='offers'])[1]"))
    return has_cart and (has_price or not hints_article)


def _shows_many(tree: HtmlElement) -> bool:
    """Whether the page's main part is full of teasers: linked headlines, or linked sentences."""
    headlines = {
        heading
        for heading in islice(tree.iter("h2", "h3", "h4"), 400)
        if (heading.getparent().tag == "a" or next(heading.iter("a"), None) is not None) and len(heading.text_content().strip()) >= 20 and _is_in_main(heading)
    }
    if len(headlines) >= _HEADLINES:
        return True
    addresses = {link.get("href") for link in islice(tree.iter("a"), 3_000) if len(link.text_content().strip()) >= 30 and _is_in_main(link)}
    return len(addresses) >= _LINKS


def _is_in_main(element: HtmlElement) -> bool:
    return not any(above.tag in ("nav", "aside", "footer", "header") for above in element.iterancestors())


def _has_pages(tree: HtmlElement) -> bool:
    return any("next" in (link.get("rel") or "").lower().split() for link in tree.iter("link", "a"))


def completeness(text: str, metadata: Metadata) -> Grade:
    """How much of an article the text is: the page may sell the rest, state how long all of it is, or break off."""
    words = len(text.split())
    # Some sites count characters as words, so a long text is not doubted.
    falls_short = metadata.word_count > 2 * words and len(text) == weight(text) < 2 * SHORT_WEIGHT
    is_short = weight(text) < SHORT_WEIGHT or falls_short
    if is_short and (metadata.is_locked or offer_line(text) is not None):
        return Grade(status=ArticleStatus.PAYWALLED, reason="locked-and-short")
    if falls_short:
        return Grade(status=ArticleStatus.PARTIAL, reason="shorter-than-stated")
    if weight(text) < TEASER_WEIGHT:
        return Grade(status=ArticleStatus.PARTIAL, reason="teaser")
    if weight(text) < SHORT_WEIGHT and is_cut(text):
        return Grade(status=ArticleStatus.PARTIAL, reason="cut-off")
    return Grade(status=ArticleStatus.FULL, reason="complete")


_CUT = compiled(rf"(?:\[?…\]?|\[?\.\.\.\]?|{CUT_OFF})\s*[»>→]*$")


def is_cut(text: str) -> bool:
    """Whether a text breaks off, as feeds and teasers do."""
    return bool(_CUT.search(text[-60:].rstrip()))


# ------------------------------------------------------------------------------------ stubs' words
_NOT_FOUND, _MAINTENANCE, _GEO, _CHALLENGE, _LOGIN = (compiled(joined(phrases)) for phrases in (NOT_FOUND, MAINTENANCE, GEO, CHALLENGE, LOGIN))
_CONSENT = compiled(rf"\b(?:{joined(CONSENT)})")
_CONSENT_WORDS = 3
_CHALLENGE_SCRIPT = late(r"challenge-platform|captcha-delivery|_Incapsula_Resource|px-captcha|cf-chl|awsWaf|/_sec/cp_challenge", re.IGNORECASE)
# Comment forms and newsletters load these, too.
_CAPTCHA_SCRIPT = late(r"/recaptcha/|hcaptcha\.com|turnstile", re.IGNORECASE)
_CONSENT_HOST = late(r"^(?:consent|guce|cmp|privacy|myprivacy|cookies?)\.", re.IGNORECASE)


def _body_text(tree: HtmlElement) -> str:
    body = tree.find(".//body")
    if body is None:
        return ""
    from monitor.articles.feed_text import text_of

    return text_of(body)[:4_000]


def _first_heading(tree: HtmlElement) -> str:
    heading = tree.find(".//h1")
    return " ".join(heading.text_content().split())[:300] if heading is not None else ""


def _has_script(tree: HtmlElement, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search((script.get("src") or "") + (script.text or "")[:5_000]) for script in tree.iter("script"))


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


_STORY_PATH = late(
    r"\d{4,}|[^/]+[-_][^/]+[-_][^/]+[-_][^/]+|\.s?html?$|/\d{4}/\d\d?/|/(?:articles?|story|stories|news|post)/(?:[^/]+/)*(?=[^/]*\d)[a-z0-9]{8,}/?$",
    re.IGNORECASE,
)
_LIST_PATH = late(
    r"/(?:tags?|topics?|categor(?:y|ies|ia|ie)|sections?|authors?|autor(?:es|en)?|search|page|archive[s]?|thema|themen|rubrik\w*|rubriques?|temas?|tema|tagi?|seccion|list)(?:/|$)",
    re.IGNORECASE,
)
_SHOP_PATH = late(r"/(?:products?|shop|store|produkt\w*|produit|producto|tovar|item|collections?)(?:/|$)", re.IGNORECASE)


def _looks_like_story(url: str) -> bool:
    """A long slug, a number or a date in the path. An unknown address says nothing against the page."""
    if not url:
        return True
    path = urlsplit(url).path
    return bool(_STORY_PATH.search(path)) and not _LIST_PATH.search(path) and not _SHOP_PATH.search(path)


def _depth(url: str) -> int:
    parts = urlsplit(url)
    return len([part for part in parts.path.split("/") if part]) + bool(parts.query)
