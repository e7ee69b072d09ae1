"""Where a feed passes on what others publish, the publisher's address is the entry's."""

from monitor.feeds.parse import parse

NEWS = "https://publisher.example/2026/1.html"


def item(link):
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>'
        f"<item><title>News</title><link>{link}</link><guid isPermaLink='false'>1</guid></item></channel></rss>"
    ).encode()


def test_Q45_the_address_inside_a_google_alert_is_the_address():
    body = item(f"https://www.google.com/url?rct=j&amp;sa=t&amp;url={NEWS}&amp;ct=ga")

    assert [entry.url for entry in parse(body).entries] == [NEWS]
