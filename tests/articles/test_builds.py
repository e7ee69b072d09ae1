"""The page builds that most newspapers use, each with one invented article and what stands around it."""

import pytest

from monitor.articles.extract import extract

LEAD = "He was there for a day and saw soldiers in a hospital."
PARAGRAPHS = [
    "The alliance's secretary general visited Odesa on Tuesday, two days after a ballistic missile strike on Sumy killed 35 people.",
    "He called the support of the alliance unwavering, while Washington brokers a ceasefire and Kyiv asks for Patriot air defence.",
    "In a hospital near the harbour he saw wounded soldiers, and then he travelled on to Moldova, where he met President Maia Sandu.",
    "“Nobody leaves this coast alone,” said Ann Harbour, a spokeswoman, beside the president of Ukraine on the square.",
    "Residents of the port said that they had waited for such news since the strikes on the harbour in the early spring.",
]
INSIDE = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
STORY = "https://news.example/world/2026/04/15/alliance-chief-visits-odesa"
HEAD = '<!doctype html><html lang="en"><head><title>Alliance chief visits Odesa - News</title><meta property="og:type" content="article">{}</head><body class="{}">'
PAGES: dict[str, str] = {}
PAGES["wordpress"] = (
    HEAD.format("", "single single-post postid-1")
    + f"""<div id="page"><header id="masthead"><nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav></header><div id="primary"><main><article class="post-1 post type-post"><header class="entry-header"><h1 class="entry-title">Alliance chief visits Odesa</h1><div class="entry-meta"><span class="posted-on">Posted on <time datetime="2026-04-15T12:00:00+00:00">April 15, 2026</time></span><span class="byline"> by <span class="author vcard"><a class="url fn n" href="/author/ann">Ann Lee</a></span></span></div></header><div class="post-thumbnail"><img src="x"></div><div class="entry-content">{INSIDE}<div class="sharedaddy sd-sharing-enabled"><div class="robots-nocontent sd-block sd-social"><h3 class="sd-title">Share this:</h3><ul><li><a href="#">Click to share on Facebook (Opens in new window)</a></li></ul></div></div><div id="jp-relatedposts" class="jp-relatedposts"><h3 class="jp-relatedposts-headline"><em>Related</em></h3><p>Another story about the port that was published last week in the same category</p></div></div><footer class="entry-footer"><span class="cat-links">Posted in <a href="/c">World</a></span><span class="tags-links">Tagged <a>NATO</a>, <a>Odesa</a></span></footer></article><nav class="navigation post-navigation"><h2>Post navigation</h2><a href="/p">Grain prices fall for the third day in a row at the exchange</a></nav><div id="comments" class="comments-area"><h2 class="comments-title">2 thoughts on “Alliance chief visits Odesa”</h2><ol><li><article><footer>Bob says:</footer><div class="comment-content"><p>I think that this is a very good thing and that more people should say so, honestly.</p></div></article></li></ol><div id="respond"><h3>Leave a Reply</h3><p>Your email address will not be published. Required fields are marked *</p></div></div></main></div><aside id="secondary"><section><h2>Recent Posts</h2><ul><li><a href="/1">Grain prices fall for the third day in a row at the exchange</a></li></ul></section></aside></div>"""
)
PAGES["drupal"] = (
    HEAD.format("", "path-node page-node-type-article")
    + f"""<div class="dialog-off-canvas-main-canvas"><main role="main"><div class="region region-content"><article class="node node--type-article node--view-mode-full"><h1><span class="field field--name-title">Alliance chief visits Odesa</span></h1><div class="node__meta">Submitted by Ann Lee on Wed, 04/15/2026 - 12:00</div><div class="node__content"><div class="clearfix text-formatted field field--name-body field--type-text-with-summary field__item">{INSIDE}</div><div class="field field--name-field-tags field__items"><div class="field__item"><a href="/t">NATO</a></div></div><section class="field comment-wrapper"><h2>Add new comment</h2></section></div></article></div></main></div>"""
)
PAGES["arc"] = (
    HEAD.format('<meta property="og:description" content="He was there for a day and saw soldiers in a hospital.">', "")
    + f"""<div id="fusion-app"><header class="b-header"></header><main><div class="b-headline"><h1 class="b-headline__text">Alliance chief visits Odesa</h1><h2 class="b-subheadline">He was there for a day and saw soldiers in a hospital.</h2></div><div class="b-byline"><span>By </span><a href="/author/ann-lee/">Ann Lee</a></div><div class="b-date">April 15, 2026 at 12:00 pm EDT</div><article class="b-article-body">{"".join(f'<p class="c-paragraph">{p}</p><div class="b-ads-block"><span>Advertisement</span></div>' for p in PARAGRAPHS[:3])}<div class="c-interstitial-link"><b>[ </b><a href="/2">Grain prices fall for the third day in a row at the exchange</a><b> ]</b></div>{"".join(f'<p class="c-paragraph">{p}</p>' for p in PARAGRAPHS[3:])}</article><div class="b-author-bio"><p>Ann Lee is the Kyiv correspondent of the paper and has covered the region since 2014 for us.</p></div><div class="b-results-list"><div class="c-grid"><a href="/3"><h2>Two ships leave the port with wheat for the first time this year</h2></a><p>They carry thirty thousand tonnes, the port authority said on Monday in a statement to reporters.</p></div></div></main></div>"""
)
PAGES["blogger"] = (
    HEAD.format("", "")
    + f"""<div class="main section"><div class="date-outer"><h2 class="date-header"><span>Wednesday, April 15, 2026</span></h2><div class="post hentry"><h3 class="post-title entry-title">Alliance chief visits Odesa</h3><div class="post-body entry-content">{"<br /><br />".join(PARAGRAPHS)}<div style="clear: both;"></div></div><div class="post-footer"><span class="post-author vcard">Posted by Ann Lee</span> at 12:00</div></div></div></div>"""
)
PAGES["divs"] = (
    HEAD.format("", "")
    + f"""<div class="x1"><h1>Alliance chief visits Odesa</h1><div class="x2">{"".join(f'<div class="x3">{p}</div>' for p in PARAGRAPHS)}</div></div>"""
)
PAGES["spans"] = (
    HEAD.format("", "")
    + f"""<div class="x1"><h1>Alliance chief visits Odesa</h1><div class="x2">{"".join(f'<div class="blk"><div class="inner"><span class="t">{p}</span></div></div>' for p in PARAGRAPHS)}</div></div>"""
)
PAGES["dle"] = (
    HEAD.format("", "").replace('lang="en"', "")
    + f"""<table width="100%"><tr><td class="left"><ul><li><a href="/1">World</a></li></ul></td><td class="center"><div class="speedbar"><a href="/">News.example</a> » <a href="/w">World</a> » Alliance chief visits Odesa</div><div class="story fullstory"><h1 class="title">Alliance chief visits Odesa</h1><div class="maincont"><div id="news-id-1">{"<br><br>".join(PARAGRAPHS)}</div><div class="infa">Author: admin | 15-04-2026, 12:00 | Views: 120</div></div></div><div class="berrors">Dear visitor, you are not registered. We recommend that you register or log in under your name to see all of the site.</div><div class="related"><h4>See also:</h4><ul><li><a href="/2">Grain prices fall for the third day in a row at the exchange</a></li></ul></div></td></tr></table>"""
)
PAGES["cssmodules"] = (
    HEAD.format("", "")
    + f"""<div id="__next"><div class="sc-1a2b3c kLmNoP"><div class="sc-9z hX"><h1 class="sc-q">Alliance chief visits Odesa</h1></div><div class="sc-4d5e6f"><div class="sc-7g"><p class="sc-h">{PARAGRAPHS[0]}</p></div></div><div class="sc-ad"><div>Advertisement</div></div><div class="sc-4d5e6f"><div class="sc-7g"><p class="sc-h">{PARAGRAPHS[1]}</p></div></div><div class="sc-4d5e6f"><div class="sc-7g"><p class="sc-h">{PARAGRAPHS[2]}</p></div></div><div class="sc-4d5e6f"><div class="sc-7g"><p class="sc-h">{PARAGRAPHS[3]}</p></div></div><div class="sc-4d5e6f"><div class="sc-7g"><p class="sc-h">{PARAGRAPHS[4]}</p></div></div><div class="sc-rel"><div class="sc-card"><a href="/2"><h3>Grain prices fall for the third day in a row at the exchange</h3></a><p class="sc-h">Wheat lost two per cent in a day, traders in the capital said on Monday evening after the close.</p></div><div class="sc-card"><a href="/3"><h3>Two ships leave the port with wheat for the first time this year</h3></a><p class="sc-h">They carry thirty thousand tonnes, the port authority said on Monday in a statement to reporters.</p></div></div></div></div>"""
)
PAGES["amp"] = (
    '<!doctype html><html ⚡ lang="en">'
    + HEAD.format("", "")[28:]
    + f"""<header class="amp-header"><a href="/">News</a></header><amp-sidebar id="s" layout="nodisplay"><ul><li>Home</li></ul></amp-sidebar><article class="amp-wp-article"><header class="amp-wp-article-header"><h1 class="amp-wp-title">Alliance chief visits Odesa</h1></header><div class="amp-wp-article-content">{INSIDE}<amp-ad></amp-ad></div></article>"""
)
PAGES["gutenberg"] = (
    HEAD.format("", "")
    + f"""<main><h1>Alliance chief visits Odesa</h1><div class="entry-content wp-block-post-content has-global-padding is-layout-constrained"><p>{PARAGRAPHS[0]}</p><figure class="wp-block-image"><img><figcaption>The harbour of Odesa in the spring</figcaption></figure><p>{PARAGRAPHS[1]}</p><blockquote class="wp-block-quote"><p>{PARAGRAPHS[3]}</p></blockquote><div class="wp-block-group has-background"><p>{PARAGRAPHS[2]}</p></div><p>{PARAGRAPHS[4]}</p><div class="wp-block-buttons"><a class="wp-block-button__link">Donate</a></div></div></main>"""
)


ORDERS = {"arc": [LEAD, *PARAGRAPHS], "gutenberg": [PARAGRAPHS[place] for place in (0, 1, 3, 2, 4)]}


@pytest.mark.parametrize("build", PAGES)
def test_the_text_is_the_article_and_nothing_else(build):
    article = extract(PAGES[build].encode(), STORY)

    assert (article.status, article.title) == ("full", "Alliance chief visits Odesa")
    assert article.text.splitlines() == ORDERS.get(build, PARAGRAPHS)


@pytest.mark.parametrize("build", ["wordpress", "drupal", "arc", "blogger"])
def test_the_author_is_found_where_the_build_has_it(build):
    assert extract(PAGES[build].encode(), STORY).authors == ("Ann Lee",)
