"""Walls, error pages and lists are told from articles."""

import pytest

from monitor.articles.blocks import weight
from monitor.articles.extract import extract
from monitor.articles.grade import is_cut

STORY = "https://news.example/2026/11/22/allies-agree-on-air-defence"


@pytest.mark.parametrize(
    ("title", "text", "status", "reason"),
    [
        pytest.param("Ми дбаємо про вашу приватність", "Ми та наші партнери використовуємо файли cookie. Надайте згоду на обробку персональних даних.", "blocked", "consent", id="consent uk"),
        pytest.param("Twoja prywatność", "My i nasi partnerzy używamy plików cookies. Wyraź zgodę na przetwarzanie danych osobowych.", "blocked", "consent", id="consent pl"),
        pytest.param("Un momento", "Verifying you are human. This may take a few seconds.", "blocked", "challenge", id="challenge"),
        pytest.param("Erreur", "Ce contenu n'est pas disponible dans votre pays.", "blocked", "geo-block", id="geo block fr"),
        pytest.param("Strona nie istnieje", "Przepraszamy, wróć na stronę główną.", "not-an-article", "not-found", id="not found pl"),
        pytest.param("Технічні роботи", "На сайті тривають технічні роботи, завітайте пізніше.", "not-an-article", "maintenance", id="maintenance uk"),
    ],
)  # fmt: skip
def test_C52_stubs_are_known_by_their_words(page, title, text, status, reason):
    found = extract(page(title=title, inside=[text]), STORY)

    assert (found.status, found.reason) == (status, reason)


def test_C52_a_login_form_is_a_wall(page):
    form = '<form><input name="mail"><input type="password"></form>'

    assert extract(page(title="Sign in to continue", inside=["Create a free account to go on."], body=form), STORY).reason == "login"


def test_a_captcha_is_known_by_its_script():
    shell = b'<html><title>news.example</title><body><script src="https://ct.captcha-delivery.com/c.js"></script><p>Please enable JS.</p></body></html>'

    assert extract(shell, STORY).reason == "challenge"


@pytest.mark.parametrize(
    "sentence",
    [
        "Passengers wait for the security check at the harbour, where a scanner is temporarily unavailable after the storm.",
        "The ferry stayed in port because of technical problems, the company said, and access was denied to all visitors.",
        "The film is not available in your country, says a notice that viewers in eleven countries saw on Monday evening.",
    ],
)
def test_a_short_report_that_speaks_of_a_wall_is_none(page, sentence):
    short = page(title="Ferry waits for a day", inside=[f"{sentence} It was the {number}th day." for number in range(7)])

    assert extract(short, STORY).status == "full"


def test_an_article_about_cookies_is_an_article(page):
    privacy = "The regulator said consent banners that hide the button to reject all cookies break the law on personal data, and fined three firms."

    assert (
        extract(
            page(title="Regulator fines firms over cookie consent", inside=[f"{privacy} It was case {number} of this year." for number in range(15)]), STORY
        ).status
        == "full"
    )


def test_a_list_of_teasers_is_no_article():
    card = "<div><h2><a href='/s/{n}'>A headline of another story</a></h2><p>One sentence of a teaser, long enough to look like a paragraph of an article, more or less {n}.</p></div>"
    listing = "<html><head><title>World</title></head><body>" + "".join(card.format(n=n) for n in range(20)) + "</body></html>"

    assert extract(listing.encode(), "https://news.example/world").status == "not-an-article"


def test_a_product_is_no_article(page):
    shop = {"@type": "Product", "name": "Mug", "offers": {"@type": "Offer", "price": 7}}

    assert extract(page(ld=shop), "https://shop.example/product/enamel-mug-with-a-lid").status == "not-an-article"


def test_an_offer_of_a_subscription_makes_no_product_of_an_article(page):
    assert extract(page(ld={"@type": ["CreativeWork", "Product"], "name": "Plus"}), STORY).status == "full"


def test_a_review_of_a_product_is_an_article(page):
    assert extract(page(ld={"@type": "Review", "itemReviewed": {"@type": "Product", "name": "Mug"}}), STORY).status == "full"


def test_the_front_page_is_no_article(page):
    assert extract(page(), "https://news.example/").status == "not-an-article"


def test_without_an_address_the_page_alone_decides(page):
    assert extract(page(), "").status == "full"


def test_paragraphs_wrapped_one_by_one_are_one_body(page, paragraphs):
    wrapped = page(inside=()).replace(b"</article>", "".join(f"<div class='text'><p>{text}</p></div>" for text in paragraphs).encode() + b"</article>")

    assert extract(wrapped, STORY).status == "full"


def test_an_old_page_with_breaks_instead_of_paragraphs_is_an_article(paragraphs):
    old = f"<html><title>Allies agree</title><body><table><tr><td><h1>Allies agree</h1>{'<br><br>'.join(paragraphs)}</td></tr></table></body></html>"

    assert extract(old.encode(), STORY).status == "full"


@pytest.mark.parametrize("text", ["He said that …", "He said that...", "He said that [...]", "He left. Read more »", "Він сказав. Читати далі"])
def test_teasers_break_off(text):
    assert is_cut(text)


def test_chinese_says_more_in_fewer_signs():
    assert weight("盟国同意") == 12
    assert weight("allies") == 6
