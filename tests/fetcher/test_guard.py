"""Which addresses the guard lets through, by text and by number."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import Refused
from monitor.fetcher.guard import FORBIDDEN_IPV4, Guard, is_public

EVERYTHING_PUBLIC = Guard()


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTPS://Example.COM:443/Feed.xml#top", "https://example.com/Feed.xml"),
        ("feed:https://example.com/rss", "https://example.com/rss"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://example.com:8443/a?b=c&d", "https://example.com:8443/a?b=c&d"),
        ("http://example.com./a", "http://example.com/a"),
        ("http://a_b.example.com/", "http://a_b.example.com/"),
        ("http://example.com/a b/ä?q=ö%20x", "http://example.com/a%20b/%C3%A4?q=%C3%B6%20x"),
        ("http://example.com/a%2Fb/../c", "http://example.com/a%2Fb/../c"),
        ("https://правда.example/", "https://xn--80aafi6cg.example/"),
        ("https://ПРАВДА。example/", "https://xn--80aafi6cg.example/"),
        ("https://ｅｘａｍｐｌｅ.com/", "https://example.com/"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("feed://example.com/rss", "https://example.com/rss"),
        ("feed:http://example.com/rss", "http://example.com/rss"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://134744072/", "http://8.8.8.8/"),
        ("http://[2606:4700:0:0::6810:1]/", "http://[2606:4700::6810:1]/"),
        ("http://[2606:4700::6810:1]:8080/a", "http://[2606:4700::6810:1]:8080/a"),
    ],
)
def test_A16_an_address_is_asked_in_one_spelling(url: str, asked: str):
    assert EVERYTHING_PUBLIC.check_url(url) == asked
    assert EVERYTHING_PUBLIC.check_url(asked) == asked


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "127.255.255.254",
        "2130706433",
        "0x7f000001",
        "0X7F000001",
        "0x7f.1",
        "0177.0.0.1",
        "0177.0x0.1",
        "017700000001",
        "0",
        "0x",
        "0.0.0.0",
        "①②⑦.0.0.1",
        "１２７．０．０．１",
        "127。0。0。1",
        "10.0.0.1",
        "10.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.168.257",
        "100.64.0.1",
        "100.127.255.255",
        "169.254.169.254",
        "0xa9fea9fe",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::127.0.0.1]",
        "[::8.8.8.8]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::169.254.169.254]",
        "[64:ff9b:1::7f00:1]",
        "[64:ff9b:1::808:808]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[2001:2::1]",
        "[2001:10::1]",
        "[2001:db8::1]",
        "[3fff::1]",
        "[100::1]",
        "100.100.100.200",
        "168.63.129.16",
        "[5f00::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[ff0e::1]",
    ],
)
def test_A01_A02_A03_A04_A05_A06_A07_no_spelling_of_an_address_that_is_not_public_gets_through(host: str):
    with pytest.raises(Refused) as refused:
        EVERYTHING_PUBLIC.check_url(f"http://{host}/")

    assert refused.value.reason == "private-address"
    assert refused.value.url == f"http://{host}/"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "bad-scheme"),
        ("example.com/feed", "bad-scheme"),
        ("//example.com/", "bad-scheme"),
        ("file:///etc/passwd", "bad-scheme"),
        ("ftp://example.com/", "bad-scheme"),
        ("gopher://example.com/", "bad-scheme"),
        ("data:text/html,x", "bad-scheme"),
        ("javascript:alert(1)", "bad-scheme"),
        ("feed:file:///etc/passwd", "bad-scheme"),
        ("feed:feed:http://example.com/", "bad-scheme"),
        ("http:///path", "bad-url"),
        ("http://", "bad-url"),
        ("http://user@example.com/", "bad-url"),
        ("http://good.example@10.0.0.1/", "bad-url"),
        ("http://good.example\\@10.0.0.1/", "bad-url"),
        ("http://good.example\\.evil.example/", "bad-url"),
        ("http://example.com\r\nX: y/", "bad-url"),
        ("http://exam\tple.com/", "bad-url"),
        (" http://example.com/", "bad-url"),
        ("http://example.com/\x00", "bad-url"),
        ("http://example.com/\ud800", "bad-url"),
        ("http://exa mple.com/", "bad-url"),
        ("http://exa%2emple.com/", "bad-url"),
        ("http://example..com/", "bad-url"),
        ("http://.example.com/", "bad-url"),
        (f"http://{'a' * 64}.example/", "bad-url"),
        (f"http://{'a.' * 127}example/", "bad-url"),
        (f"http://example.com/{'a' * 5000}", "bad-url"),
        ("http://☃.example/", "bad-url"),
        ("http://[::1/", "bad-url"),
        ("http://[2606:4700::1]evil.example/", "bad-url"),
        ("http://evil.example[2606:4700::1]/", "bad-url"),
        ("http://[fe80::1%25eth0]/", "bad-url"),
        ("http://[2606:4700::1%25eth0]/", "bad-url"),
        ("http://256.1.1.1/", "bad-url"),
        ("http://1.2.3.4.5/", "bad-url"),
        ("http://09.1.1.1/", "bad-url"),
        ("http://example.1/", "bad-url"),
        ("http://4294967296/", "bad-url"),
        ("http://example.com:0/", "bad-port"),
        ("http://example.com:22/", "bad-port"),
        ("http://example.com:25/", "bad-port"),
        ("http://example.com:6379/", "bad-port"),
        ("http://example.com:11211/", "bad-port"),
        ("http://example.com:70000/", "bad-port"),
        ("http://example.com:abc/", "bad-port"),
        ("http://example.com:-1/", "bad-port"),
    ],
)
def test_A11_A12_A13_A14_A16_what_cannot_be_asked_is_refused_with_its_reason(url: str, reason: str):
    with pytest.raises(Refused) as refused:
        EVERYTHING_PUBLIC.check_url(url)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "100.63.255.255", "100.128.0.0", "172.32.0.1", "192.0.1.1", "198.20.0.1", "223.255.255.255", "2001:200::1", "2a00:1450::1"]
)
def test_public_addresses_may_be_dialled(address: str):
    EVERYTHING_PUBLIC.check_address(ip_address(address))


def test_A05_an_ipv4_address_behind_nat64_is_judged_as_itself():
    EVERYTHING_PUBLIC.check_address(ip_address("64:ff9b::8.8.8.8"))


def test_what_the_operator_allows_is_allowed_and_nothing_beside_it():
    guard = Guard(allow_private=(ip_network("10.20.0.0/16"), ip_network("fd00::/64")))

    assert guard.check_url("http://10.20.3.4:8900/") == "http://10.20.3.4:8900/"
    guard.check_address(ip_address("fd00::5"))
    guard.check_address(ip_address("::ffff:10.20.0.1"))
    for outside in ("10.21.0.1", "fd00:0:0:1::5", "127.0.0.1"):
        with pytest.raises(Refused, match="private-address"):
            guard.check_address(ip_address(outside))


@given(st.text(max_size=60) | st.from_regex(r"(feed:)?https?://[^/]{0,30}(:\d{0,6})?/.{0,20}", fullmatch=True))
def test_every_text_gives_an_address_that_stays_as_it_is_or_a_refusal(text: str):
    try:
        asked = EVERYTHING_PUBLIC.check_url(text)
    except Refused:
        return
    assert asked.isascii()
    assert EVERYTHING_PUBLIC.check_url(asked) == asked


PIECES = ["a", "news.example", "127.0.0.1", "8.8.8.8", "01.1.1.1", "256.1.1.1", "1.2.3.4.5", "0x7f.1", "example.1", "xn--a.b", "-a.b", "a..b", "A.b", "a_b.c1"]


@given(
    st.sampled_from(["http", "https", "HTTP", "ftp", "feed"]),
    st.sampled_from(PIECES) | st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True) | st.ip_addresses(v=4).map(str),
    st.sampled_from(["", ":80", ":443", ":8080", ":6379", ":65536", ":99999", ":01234", ":22"]),
    st.sampled_from(["", "/"]) | st.from_regex(r"/[ -~]{0,10}(\?[ -~]{0,10})?", fullmatch=True),
)
def test_the_short_way_judges_as_the_long_one(scheme: str, host: str, port: str, path: str):
    url = f"{scheme}://{host}{port}{path}"
    guard = Guard(allow_private=(ip_network("127.0.0.0/8"),))

    if guard._is_usual(url):
        assert LongWay(allow_private=guard.allow_private).check_url(url) == url


class LongWay(Guard):
    def _is_usual(self, url: str) -> bool:
        return False


@given(st.ip_addresses(v=4))
def test_the_table_of_forbidden_networks_is_searched_right(address):
    assert is_public(address) is not any(address in network for network in FORBIDDEN_IPV4)


def test_the_table_of_forbidden_networks_is_in_order_and_without_overlaps():
    firsts_and_lasts = [int(end) for network in FORBIDDEN_IPV4 for end in (network.network_address, network.broadcast_address)]

    assert firsts_and_lasts == sorted(firsts_and_lasts)
    for network in FORBIDDEN_IPV4:
        assert [is_public(end) for end in (network.network_address, network.broadcast_address)] == [False, False]


@given(st.ip_addresses(v=4))
def test_A02_A04_A05_every_spelling_of_an_ipv4_address_is_judged_alike(address):
    number = int(address)
    spellings = [str(address), str(number), hex(number), f"0{number:o}", f"[::ffff:{address}]", f"[64:ff9b::{address}]"]

    verdicts = set()
    for spelling in spellings:
        try:
            EVERYTHING_PUBLIC.check_url(f"http://{spelling}/")
            verdicts.add("allowed")
        except Refused as refusal:
            verdicts.add(refusal.reason)

    assert len(verdicts) == 1


@pytest.mark.parametrize(
    ("address", "following", "is_fine"),
    [
        pytest.param("http://127.1.0.5/feed", "http://127.1.9.9/feed", True, id="within one allowed network"),
        pytest.param("http://127.1.0.5/feed", "http://127.0.0.1/canary", False, id="from one allowed network into another"),
        pytest.param("https://press.example/feed", "http://127.0.0.1/canary", False, id="from the web into an allowed network"),
        pytest.param("https://press.example/feed", "http://8.8.8.8/feed", True, id="to a public address"),
        pytest.param("http://127.0.0.1/feed", "https://press.example/feed", True, id="to a name, which is checked when it is dialled"),
    ],
)
def test_A08_an_allowed_network_is_for_those_that_the_operator_names(address, following, is_fine):
    guard = Guard(allow_private=(ip_network("127.1.0.0/16"), ip_network("127.0.0.1/32")))

    if is_fine:
        guard.check_hop(address, following)
        return
    with pytest.raises(Refused) as refusal:
        guard.check_hop(address, following)
    assert refusal.value.reason == "private-address"
