"""Pages that stop extractors, each as large as it takes: every row of the table of hostile inputs."""

import gzip
import json
from collections.abc import Callable, Mapping

LEAD = "Міністри альянсу зустрілися в Одесі й домовилися надіслати на узбережжя більше засобів протиповітряної оборони до початку зими."
MORE = "Пакет оплатять одинадцять країн, а перші поставки очікуються протягом кількох тижнів, повідомили двоє посадовців."
CLOSE = "Мешканці порту сказали, що чекали на такі новини від часу ударів по гавані на початку весни цього року."
PARAGRAPHS = (LEAD, MORE, CLOSE, f"{MORE} Це був другий візит цього року.", f"{LEAD} Переговори тривають.")
CHINESE = (
    "盟国的部长们周一在敖德萨举行会谈，同意在冬季到来之前向沿海地区提供更多的防空系统。" * 2,
    "两名官员说，这一揽子计划将由十一个成员国出资，第一批物资预计在几周之内运到。" * 2,
)
JAPANESE = (
    "同盟国の閣僚は月曜日にオデーサで会談し、冬が来る前に沿岸部へさらに多くの防空システムを送ることで合意した。" * 2,
    "この計画は十一の加盟国が費用を負担し、最初の納入は数週間以内に行われる見込みだと二人の当局者が述べた。" * 2,
)
HEAD = '<meta property="og:type" content="article"><meta property="article:published_time" content="2026-11-22T07:30:00+02:00">'


def story(inside: str = "", *, paragraphs=PARAGRAPHS, head: str = "", before: str = "", charset: str = "utf-8") -> str:
    """An article's page with something hostile inside or before it."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="uk"><head><meta charset="{charset}"><title>Союзники про оборону Одеси</title>{HEAD}{head}</head><body>{before}'
        f"<article><h1>Союзники про оборону Одеси</h1>{text}{inside}</article></body></html>"
    )


def _bomb() -> bytes:
    """200 KB that unpack to 200 MB."""
    return gzip.compress(bytes(200_000_000), compresslevel=6)


# Name → how to build it, the status and the reason it must end with; "" for a page whose whole text must be kept.
Page = tuple[Callable[[], bytes], str, str]
PAGES: Mapping[str, Page] = {
    "50 MB": (lambda: (story() + "<p>слово</p>" * 3_000_000).encode()[:50_000_000], "failed", "too-large"),
    "5 MB": (lambda: story("<p>" + "слово " * 430_000 + "</p>").encode(), "failed", "too-large"),
    "1,000,000 links": (lambda: (story() + '<a href="/s">a story</a>' * 1_000_000).encode(), "failed", "too-large"),
    "100,000 links": (lambda: (story() + '<a href="/s">story</a>' * 100_000).encode(), "failed", "too-many-tags"),
    "100,000 rows": (lambda: (story() + "<table>" + "<tr><td>1<td>2" * 100_000 + "</table>").encode(), "failed", "too-many-tags"),
    "200,000 attributes": (lambda: story("<p " + "".join(f"a{number}=1 " for number in range(200_000)) + ">").encode(), "failed", "too-many-attributes"),
    "100,000 nested div": (lambda: story(before="<div>" * 100_000).encode(), "", ""),
    "40,000 nested div": (lambda: story(before="<div>" * 40_000).encode(), "", ""),
    "5,000 nested div": (lambda: story(before="<div>" * 5_000).encode(), "", ""),
    "5,000 nested div, closed": (lambda: story("<div>" * 5_000 + "</div>" * 5_000).encode(), "", ""),
    "5,000 nested span": (lambda: story(before="<span>" * 5_000).encode(), "", ""),
    "1 MB in one line": (lambda: story("<p>" + "слово " * 90_000 + "</p>").encode(), "", ""),
    "1 MB without a space": (lambda: story("<p>" + "ї" * 500_000 + "</p>").encode(), "", ""),
    "null bytes": (lambda: story().encode().replace(b"<p>", b"<p>\x00\x00"), "", ""),
    "bad surrogates": (lambda: story("<p>\ud800\udfff \ud83d</p>").encode("utf-8", "surrogatepass"), "", ""),
    "deep JSON-LD": (lambda: story(head=f'<script type="application/ld+json">{"[" * 100_000}</script>').encode(), "", ""),
    "wide JSON-LD": (
        lambda: story(head=f'<script type="application/ld+json">{json.dumps([{"@graph": [{"@type": "Thing"}] * 300}] * 300)}</script>').encode(),
        "",
        "",
    ),
    "entity bomb": (
        lambda: (
            '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(20))
            + "]>"
            + story("<p>&u;</p>")
        ).encode(),
        "",
        "",
    ),
    "unclosed comments": (lambda: story("<!--" * 200_000).encode(), "", ""),
    "scripts without end": (lambda: story("<script>" * 40_000).encode(), "", ""),
    "quotes without end": (lambda: story(f"<script>{chr(34) * 900_000}</script>").encode(), "", ""),
    "brackets": (lambda: story("<" * 900_000).encode(), "", ""),
    "wide class": (lambda: story(f'<div class="{"ad-" * 100_000}"><p>x</p></div>').encode(), "", ""),
    "20,000 short lines": (lambda: story("".join(f"<p>{number} слово</p>" for number in range(20_000))).encode(), "", ""),
    "4,000 teasers": (
        lambda: story(
            "".join(f'<div><h3><a href="/{number}">Інша новина з довгим заголовком {number}</a></h3><span>Слова</span></div>' for number in range(4_000))
        ).encode(),
        "",
        "",
    ),
    "cp1251 declared UTF-8": (lambda: story().encode("cp1251"), "", ""),
    "KOI8-U declared UTF-8": (lambda: story().encode("koi8-u", "replace"), "", ""),
    "KOI8-U declared windows-1251": (lambda: story(charset="windows-1251").encode("koi8-u", "replace"), "", ""),
    "UTF-16LE without BOM": (lambda: story().encode("utf-16-le"), "", ""),
    "UTF-16BE without BOM": (lambda: story().encode("utf-16-be"), "", ""),
    "gzip in the body": (lambda: gzip.compress(story().encode()), "", ""),
    "gzip bomb": (_bomb, "failed", "too-large"),
    "gzip twice": (lambda: gzip.compress(gzip.compress(story().encode())), "not-an-article", "not-html"),
    "broken gzip": (lambda: b"\x1f\x8bnonsense", "failed", "bad-compression"),
    "PDF": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 2_000, "not-an-article", "not-html"),
    "PNG": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2_000, "not-an-article", "not-html"),
    "JSON": (lambda: json.dumps({"text": LEAD * 50}).encode(), "not-an-article", "not-html"),
}
OTHER_TEXTS = {
    "gb18030 declared UTF-8": (lambda: story(paragraphs=CHINESE).encode("gb18030"), CHINESE),
    "Shift_JIS declared UTF-8": (lambda: story(paragraphs=JAPANESE).replace("Союзники про оборону Одеси", "防空").encode("cp932"), JAPANESE),
}
