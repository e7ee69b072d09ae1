"""One page has one address, however a feed spells it."""

import base64
import re
import subprocess
import sys
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import urls
from monitor.urls import canonical, host_for_people, outlet, publisher, registrable_domain, url_key


@pytest.mark.parametrize(
    ("spelling", "address"),
    [
        pytest.param("HTTPS://News.Example.ORG/A?id=3", "https://news.example.org/A?id=3", id="scheme and host are lower case, the path is not"),
        pytest.param("https://example.org", "https://example.org/", id="an empty path is the root"),
        pytest.param("https://example.org:443/a", "https://example.org/a", id="default port"),
        pytest.param("http://example.org:8080/a", "http://example.org:8080/a", id="other port stays"),
        pytest.param("https://example.org./a", "https://example.org/a", id="the root's dot"),
        pytest.param("https://example.org/a#b", "https://example.org/a", id="fragment"),
        pytest.param("  https://example.org/a\n", "https://example.org/a", id="blanks around it"),
        pytest.param("https://приклад.укр/новини", "https://xn--80aikifvh.xn--j1amh/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8", id="idna and escapes"),
        pytest.param("https://straße.de/", "https://xn--strae-oqa.de/", id="idna of 2008: ß is a letter of its own"),
        pytest.param("https://example.org/%d0%bd", "https://example.org/%D0%BD", id="escapes in upper case"),
        pytest.param("https://example.org/a b", "https://example.org/a%20b", id="a blank in the path"),
        pytest.param("https://example.org/?utm_source=rss&id=7&UTM_medium=x&b", "https://example.org/?id=7&b", id="utm off, order kept"),
        pytest.param("https://example.org/?fbclid=1&gclid=2&at_medium=RSS&at_campaign=KARANGA", "https://example.org/", id="click ids off"),
        pytest.param("https://www.lemonde.fr/a.html?xtor=RSS-3208", "https://www.lemonde.fr/a.html", id="xtor off"),
        pytest.param("https://example.org/?ref=home&id=1", "https://example.org/?ref=home&id=1", id="a parameter that can matter stays"),
        pytest.param("https://[2001:DB8::1]:443/x", "https://[2001:db8::1]/x", id="ipv6"),
        pytest.param("ftp://example.org/a", "", id="other scheme"),
        pytest.param("javascript:alert(1)", "", id="script"),
        pytest.param("mailto:desk@example.org", "", id="mail"),
        pytest.param("/a/relative", "", id="relative"),
        pytest.param("", "", id="empty"),
        pytest.param("https://", "", id="no host"),
        pytest.param("https://example.com\r\nX-Injected: 1/", "", id="line ends inside"),
        pytest.param("https://exa\tmple.com/", "", id="tab inside"),
        pytest.param("https://example.com/\x00", "", id="NUL"),
        pytest.param("http://good.example\\@10.0.0.1/", "", id="backslash"),
        pytest.param("http://good.example@10.0.0.1/", "", id="user info"),
        pytest.param("https://example.org:99999/", "", id="impossible port"),
        pytest.param("https://example.org:0/", "", id="port zero"),
        pytest.param("https://exa%2emple.org/", "", id="escaped dot in the host"),
        pytest.param("https://" + "a" * 64 + ".org/", "", id="label too long"),
        pytest.param("https://[::1/", "", id="broken bracket"),
        pytest.param("https://example.org/" + "a" * 5000, "", id="too long"),
    ],
)
def test_C46_every_spelling_comes_out_as_one_address(spelling, address):
    assert canonical(spelling) == address


@pytest.mark.parametrize(
    "other",
    [
        "http://www.example.org/news/1/",
        "https://m.example.org/news/1",
        "https://amp.example.org/news/1?utm_campaign=x",
        "https://www.m.example.org/news/1#top",
        "https://example.org/news/1?fbclid=abc&amp;utm_source=rss&at_medium=RSS",
        "https://example.org/news/1/amp",
        "https://example.org/news/1/amp/",
        "https://example.org/amp/news/1",
        "https://example.org/news/1?amp",
        "https://example.org/news/1?amp=1&utm_source=x",
        "https://example.org/news/1?outputType=amp",
        "https://example.org/news/1.amp",
    ],
)
def test_C46_C48_Q46_the_same_page_behind_another_door_has_the_same_key(other):
    assert url_key(other) == url_key("https://example.org/news/1") == "example.org/news/1"


def test_C48_an_amp_page_in_html_is_the_same_page():
    assert url_key("https://example.org/a-1.amp.html") == url_key("https://example.org/a-1.html")


@pytest.mark.parametrize(
    "address",
    ["https://example.org/wiki/amp", "https://example.org/amp/", "https://example.org/amp", "https://example.org/?amp=50", "https://example.org/camp/1"],
)
def test_C46_what_only_looks_like_amp_stays(address):
    assert "amp" in url_key(address)


NEWS = "https://publisher.example/2026/nato-chief-visits-odesa.html"


def in_google_news(address, prefix=b'\x08\x13"', suffix=b"\xd2\x01\x00"):
    length = len(address)
    size = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
    return base64.urlsafe_b64encode(prefix + size + address.encode() + suffix).decode().rstrip("=")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param(f"https://news.google.com/rss/articles/{in_google_news(NEWS)}?oc=5", NEWS, id="Google News"),
        pytest.param(f"https://news.google.com/rss/articles/{in_google_news(NEWS + 'x' * 100)}", NEWS + "x" * 100, id="Google News, a long address"),
        pytest.param(f"https://www.google.com/url?rct=j&sa=t&url={quote(NEWS)}&ct=ga", NEWS, id="Google Alerts"),
        pytest.param(f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url={quote(NEWS)}&c=1", NEWS, id="Bing News"),
        pytest.param(NEWS, NEWS, id="the publisher's own"),
        pytest.param("https://evil.example/url?url=https://other.example/1", "https://evil.example/url?url=https://other.example/1", id="anybody's redirect"),
    ],
)
def test_Q45_the_publishers_address_is_read_out_of_one_that_leads_there(address, expected):
    assert publisher(address) == expected


@pytest.mark.parametrize("token", ["", "CBMiAA", "!!!", in_google_news("javascript:alert(1)"), in_google_news(NEWS, prefix=b"AU_yqL"), "CBMi_4A"])
def test_Q45_an_address_that_names_nothing_stays(token):
    address = f"https://news.google.com/rss/articles/{token}"

    assert publisher(address) == address


def test_C46_other_pages_have_other_keys():
    pages = ["https://example.org/?id=1", "https://example.org/?id=2", "https://example.org/", "https://m.co/", "https://co.m.example/"]

    assert len({url_key(page) for page in pages}) == len(pages)


def test_a_name_that_only_looks_like_a_prefix_stays_whole():
    assert url_key("https://m.co/a") == "m.co/a"


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://feeds.bbc.co.uk/news", "bbc.co.uk"),
        ("www.nato.int", "nato.int"),
        ("https://www.pravda.com.ua/", "pravda.com.ua"),
        ("http://127.1.0.9:8900/feed", "127.1.0.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("http://[2001:db8::1]/", "2001:db8::1"),
        ("localhost", "localhost"),
        ("a.blogspot.com", "blogspot.com"),
        ("", ""),
        ("http://", ""),
        ("not a host", ""),
    ],
)
def test_the_registrable_domain_is_what_somebody_registered(address, domain):
    assert registrable_domain(address) == domain


def test_an_outlet_is_the_domain_but_on_hosting_sites_the_customer():
    assert outlet("https://news.bbc.co.uk/1") == "bbc.co.uk"
    assert outlet("https://frontline.blogspot.com/1") == "frontline.blogspot.com"
    assert outlet("nonsense\x00") == ""


@given(st.one_of(st.text(), st.text().map("https://{}".format), st.text().map("http://example.org{}".format)))
def test_nothing_raises_and_the_canonical_form_is_final(text):
    address = canonical(text)

    assert canonical(address) == address
    assert (url_key(text) == "") == (address == "")
    assert publisher(publisher(text)) == publisher(text)
    assert isinstance(registrable_domain(text) + outlet(text), str)


def test_the_suffix_list_is_not_loaded_before_somebody_asks():
    probe = "import sys, monitor.urls as urls; urls.url_key('https://www.example.org/a'); print({'tldextract', 'idna'} & set(sys.modules))"

    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("https://nаto.int/rss", ("nаto.int (xn--nto-6cd.int)", True), id="A15 a Cyrillic letter in a Latin word"),
        pytest.param("https://xn--nto-6cd.int/rss", ("nаto.int (xn--nto-6cd.int)", True), id="A15 the same, as it is asked"),
        pytest.param("https://президент.укр/", ("президент.укр (xn--d1abbgf6aiiy.xn--j1amh)", False), id="A15 one alphabet"),
        pytest.param("https://münchen.example/", ("münchen.example (xn--mnchen-3ya.example)", False), id="A15 accents"),
        pytest.param("https://日本テレビ.jp/", ("日本テレビ.jp (xn--ddk0a0ew52yzlb.jp)", False), id="A15 scripts that belong together"),
        pytest.param("https://nato.int/", ("nato.int", False), id="plain"),
        pytest.param("nonsense nonsense", ("", False), id="no host"),
    ],
)
def test_A15_a_host_is_shown_with_what_is_really_asked_and_look_alikes_are_flagged(url, shown):
    assert host_for_people(url) == shown


@given(
    st.sampled_from(["http", "https", "HTTP"]),
    st.text("abz09-_.AÄ%", max_size=12),
    st.sampled_from(["", ":80", ":443", ":8080", ":08", ":70000", ":"]),
    st.text("aB9._~!$&'()*+,;=:@/|-% []\\?#ü\t", max_size=12),
)
def test_the_short_way_to_a_canonical_address_gives_what_the_long_one_gives(scheme, host, port, rest):
    url = f"{scheme}://{host}{port}/{rest}"
    short = urls.canonical.__wrapped__(url)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(urls, "_CANONICAL", re.compile("(?!)"))
        assert urls.canonical.__wrapped__(url) == short
