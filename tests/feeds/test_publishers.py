"""Where a feed passes on what others publish, the publisher's address is the entry's."""

from monitor.feeds.parse import parse

NEWS = "https://publisher.example/2026/1.html"


def item(link, more=""):
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><title>Feed</title>'
        f"<item><title>News</title><link>{link}</link><guid isPermaLink='false'>1</guid>{more}</item></channel></rss>"
    ).encode()


def test_Q45_feedburners_original_link_is_the_address():
    body = item("http://feedproxy.google.com/~r/feed/~3/abc/", f"<feedburner:origLink>{NEWS}</feedburner:origLink>")

    assert [entry.url for entry in parse(body, url="https://feeds.feedburner.com/feed").entries] == [NEWS]


def test_Q45_the_address_inside_a_google_alert_is_the_address():
    body = item(f"https://www.google.com/url?rct=j&amp;sa=t&amp;url={NEWS}&amp;ct=ga")

    assert [entry.url for entry in parse(body).entries] == [NEWS]


def test_Q45_an_original_link_that_is_none_does_not_cost_the_link():
    body = item(NEWS, "<feedburner:origLink>javascript:alert(1)</feedburner:origLink>")

    assert [entry.url for entry in parse(body).entries] == [NEWS]
