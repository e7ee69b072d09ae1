"""What the place of a text on its page says: leads and lost paragraphs come back, boxes inside the body go.

trafilatura reads a page paragraph by paragraph. It loses the lead where that stands in the head of the page (on one
newspaper in four), paragraphs that stand in another box than the first ones, and headings between them; and it keeps
boxes that a newspaper sets into its body. All of that is told by the tree, in any language; the classes of elements are
only asked what kind of box something is, for those are English words nearly everywhere.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from monitor.articles.blocks import Block, body_box, is_inside, letters, matched, places_in, weight
from monitor.late import late

_GAP_BLOCKS = 12
_LINK_CHARS = 220
_CAPTION_CHARS = 600
_BLOCKS = 5_000
_TEXT_CHARS = 500_000
_LEAD_CHARS = range(30, 900)
# Names of boxes that are no part of the running text; whole words of a class or id, so that "shared" or "tagline" is none.
_ASIDE_NAMES = (
    "related|recommend(?:ed|ations?)|read-?(?:more|also|next)|see-?also|more-?(?:stories|news|on)|most-?(?:read|popular|viewed)|trending|"  # other stories
    "newsletter|subscri(?:be|ption)|sign-?up|cta|donat(?:e|ion)|promo(?:tion|box)?|advert(?:isement|ising)?|ads?|sponsor(?:ed)?|"  # offers
    "shar(?:e|ing)|social|follow(?:-us)?|cookies?|consent|breadcrumbs?|pagination|toolbar|tags?|tag-?list|topics|keywords|"  # furniture
    "comments?|disqus|poll|quiz|fact-?box|fakta-?boks?|fakta-?ruta|info-?box|byline|dateline|timestamp|copyright|disclaimer|"  # beside the story
    "author-?(?:bio|box|info|card|profile)|about-?(?:the-?)?author|bio"
)
# "no-ads" and "has-comments" say what a box is not, or holds.
_NOT_SAYING = "".join(rf"(?<!\b{word}[-_])" for word in ("no", "has", "with", "without", "hide", "hidden", "show", "is"))
_ASIDE = late(rf"(?:^|[\s_-]){_NOT_SAYING}(?:{_ASIDE_NAMES})(?:$|[\s_-])", re.IGNORECASE)
_CAPTION = late(r"caption|(?:^|[\s_-])(?:photo|image|picture|gallery)(?:$|[\s_-])|legend", re.IGNORECASE)
_LEAD_NAMES = (
    "stand-?first|lead|lead-?text|lede|intro|introduction|dek|deck|sub-?title|sub-?head(?:line|ing)?|strapline|summary|abstract|excerpt|description|"
    "ingress|vorspann|anrei(?:ss|ß)er|chapo|chapeau|sapo|perex|preamble|manchet|sommario|occhiello|catenaccio|sumario|entradilla|bajada|copete|"
    "linha-?fina|zajawka|anons|spot"
)
_LEAD = late(rf"(?:^|[\s_-])(?:{_LEAD_NAMES})(?:$|[\s_-])|{'|'.join(('standfirst', 'leadtext', 'subtitle'))}", re.IGNORECASE)
_NAMING = ("class", "id", "data-testid", "itemprop", "data-component")
_INSIDE_OF_PARENT = frozenset("p li ul ol dl h1 h2 h3 h4 h5 h6 blockquote dt dd tr td th tbody thead tfoot table".split())  # noqa: SIM905
_NO_CARDS = (_INSIDE_OF_PARENT - {"li"}) | {"header", "body", "main", "article"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """text: the article's paragraphs, headings, list items, quotes and table rows as lines, in the page's order. captions: of its pictures, likewise."""

    text: str
    captions: tuple[str, ...] = ()


def plain_places(blocks: Sequence[Block]) -> list[int]:
    """Which blocks are the article on a page whose paragraphs, headings and quotes all stand side by side in one box; none of any other page.

    Then there is nothing to weigh: the box holds nearly all paragraphs of the only article that the page marks up, or most of all
    that the page has, and hardly anything else. A fourth of newspapers' pages are so plain.
    """
    prose = [place for place, block in enumerate(blocks) if block.is_prose]
    holders = {place: _holder(blocks[place]) for place in prose}
    around: dict[HtmlElement, HtmlElement | None] = {}
    boxes = {holder: _article_around(holder, around) for holder in holders.values()}
    has_article = any(box is not None for box in boxes.values())
    weights: Counter[HtmlElement] = Counter()
    for place, holder in holders.items():
        if (boxes[holder] is not None) == has_article:
            weights[holder] += weight(blocks[place].text)
    if not weights:
        return []
    (holder, most), *_ = weights.most_common(1)
    if most < max(_PLAIN_WEIGHT, (0.8 if has_article else 0.6) * weights.total()):
        return []
    inside = places_in(holder, blocks, next(place for place in prose if holders[place] is holder))
    plain = [place for place in inside if blocks[place].link_share < 0.5 and _runs_in(blocks[place].element, holder)]
    return plain if len(inside) - len(plain) <= _ODD_BLOCKS else []


def _runs_in(element: HtmlElement, holder: HtmlElement) -> bool:
    return element.tag in _RUNNING and element.getparent() is holder


_RUNNING = frozenset("p h1 h2 h3 h4 h5 h6 blockquote".split())  # noqa: SIM905
_PLAIN_WEIGHT, _ODD_BLOCKS = 1_200, 5


def _article_around(element: HtmlElement, known: dict[HtmlElement, HtmlElement | None]) -> HtmlElement | None:
    """The outermost box that is marked up as an article. known: what was found for others, and is for those around this one."""
    if element not in known:
        parent = element.getparent()
        outer = None if parent is None else _article_around(parent, known)  # recursion is safe: `shape_problem` bounds the depth
        is_marked = element.tag == "article" or element.get("itemprop") == "articleBody"
        known[element] = element if outer is None and is_marked else outer
    return known[element]


def arranged(blocks: list[Block], text: str, *, title: str, description: str, places: Sequence[int] = ()) -> Arranged:
    """The text as blocks of its page, with what belongs to it and without what does not.

    text: another reading of the page, as lines. title, description: what the page says of itself; a block that
    repeats the description between headline and body is the lead. places: of the text's blocks, where they are known. A text that the page does not show (a script
    held it) comes back as it is, and so does one that is too large to look at so closely.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(blocks) > _BLOCKS or len(text) > _TEXT_CHARS:
        return Arranged(text=text)
    chosen = set(places) or matched(blocks, lines)
    known = sum(len(blocks[place].key) for place in chosen)
    prose = [place for place in sorted(chosen) if blocks[place].is_prose]
    if not prose or known < 0.8 * sum(len(letters(line)) for line in lines):
        return Arranged(text=text)
    body = _Body(blocks, prose)
    kept = {place for place in chosen if not body.is_beside(place)}
    if sum(len(blocks[place].key) for place in kept) < 0.5 * known:  # the names mislead: most of the article is in such a box
        body.trusts_names = False
        kept = {place for place in chosen if not body.is_beside(place)} or set(chosen)
    kept |= set(body.lost(chosen))
    start = min((place for place in prose if place in kept), default=prose[0])
    kept |= set(_leads(blocks[:start], title, description, body))
    kept -= _said_again(blocks, kept, title, start)
    in_body = next(place for place in prose if is_inside(blocks[place].element, body.box))
    inside = (blocks[place] for place in places_in(body.box, blocks, in_body))
    captions = tuple(dict.fromkeys(block.text for block in inside if body.is_caption(block) and not body.is_aside(block)))
    return Arranged(text="\n".join(blocks[place].text for place in sorted(kept)), captions=captions)


class _Held(NamedTuple):
    """What a box holds: blocks, letters of blocks that are links, other letters, paragraphs."""

    blocks: int
    linked: int
    other: int
    paragraphs: int


class _Body:
    """The box of the running text: where its paragraphs stand, and what stands between them."""

    def __init__(self, blocks: list[Block], prose: list[int]) -> None:
        self.blocks = blocks
        self.prose = prose
        self.trusts_names = True
        box = body_box([blocks[place] for place in prose])
        assert box is not None  # one that holds all of them, if no smaller one
        self.box: HtmlElement = box
        letters_in: Counter[HtmlElement] = Counter()
        for place in prose:
            letters_in[_holder(blocks[place])] += len(blocks[place].text)
        self.chars = total = letters_in.total()
        self.holders = {holder for holder, held in letters_in.items() if held >= 0.15 * total or held >= 600}
        self.kinds = [kind for holder in self.holders if (kind := _kind(holder))]
        self._above = {*box.iterancestors()}
        self._places = {block.element: place for place, block in enumerate(blocks)}  # a block in each box that was asked for
        # Every box is asked for once, not once for each block in it. Names are judged on `trusts_names`, so that is part of the question.
        self._held: dict[HtmlElement, _Held] = {}
        self._lines: dict[HtmlElement, tuple[HtmlElement, ...]] = {}
        self._asides: dict[tuple[HtmlElement, bool], bool] = {}
        self._pictured: dict[HtmlElement, bool] = {}

    def _inside(self, box: HtmlElement) -> "_Held":
        """What a box out of a block's line holds; of one around the body, beside it."""
        held = self._held.get(box)
        if held is None:
            if box in self._above:
                blocks = [block for block in self.blocks if box in self._boxes(block)]
            else:
                places = places_in(box, self.blocks, self._places[box], holds=lambda element: box in self._line(element))
                blocks = [self.blocks[place] for place in places]
            linked = sum(len(block.text) for block in blocks if block.link_share > 0.9)
            held = self._held[box] = _Held(len(blocks), linked, sum(len(block.text) for block in blocks) - linked, sum(block.is_prose for block in blocks))
        return held

    def _boxes(self, block: Block) -> tuple[HtmlElement, ...]:
        """The elements a block stands in, from its own up to the body's box; all up to the page's body where it stands outside."""
        return self._line(block.element)

    def _line(self, element: HtmlElement | None) -> tuple[HtmlElement, ...]:
        if element is None or element is self.box or element.tag == "body":
            return ()
        line = self._lines.get(element)
        if line is None:
            parent = element.getparent()
            self._places.setdefault(parent, self._places[element])
            line = self._lines[element] = (element, *self._line(parent))
        return line

    def is_beside(self, place: int) -> bool:
        """Whether a block is no part of the running text: a box beside it, a picture's caption, or a line that is only a link."""
        block = self.blocks[place]
        return self.is_aside(block) or self.is_caption(block) or self._is_lone_link(block)

    def is_aside(self, block: Block) -> bool:
        """Whether a block stands in a box of its own: named so, or the card of a teaser."""
        return any(map(self._is_aside_box, self._boxes(block)))

    def _is_aside_box(self, element: HtmlElement) -> bool:
        question = element, self.trusts_names
        answer = self._asides.get(question)
        if answer is None:
            answer = self._asides[question] = (self.trusts_names and self._is_named_aside(element)) or self._is_card(element)
        return answer

    def _is_named_aside(self, element: HtmlElement) -> bool:
        """A box that calls itself one, unless much of the article is in it."""
        return _ASIDE.search(_names(element)) is not None and not 3 * self._inside(element).other > self.chars

    def _is_card(self, element: HtmlElement) -> bool:
        """A linked headline with at most a few words of its own: a teaser of another story."""
        if element in self.holders or element.tag in _NO_CARDS:
            return False
        held = self._inside(element)
        return held.blocks > 1 and held.linked >= 25 and held.other <= 400 and held.paragraphs <= 1

    def is_caption(self, block: Block) -> bool:
        boxes = self._boxes(block)
        return any(map(self._is_pictures_box, boxes)) and all(element.tag != "blockquote" for element in boxes)

    def _is_pictures_box(self, element: HtmlElement) -> bool:
        answer = self._pictured.get(element)
        if answer is None:
            answer = element.tag in ("figure", "figcaption") or (_CAPTION.search(element.get("class") or "") is not None and not self._tells(element))
            self._pictured[element] = answer
        return answer

    def _tells(self, element: HtmlElement) -> bool:
        """Whether a box holds paragraphs of the story: "image-left" may be how they are laid out."""
        held = self._inside(element)
        return held.paragraphs > 1 or held.other > _CAPTION_CHARS

    def _is_lone_link(self, block: Block) -> bool:
        if block.link_share < 0.75 or len(block.text) > _LINK_CHARS or block.element.tag in ("li", "tr"):
            return False
        link = next(block.element.iter("a"), None)
        return not (block.is_heading and link is not None and (link.get("href") or "#").startswith("#"))

    def lost(self, chosen: Collection[int]) -> list[int]:
        """Blocks between the article's own that were not chosen, though they stand where its paragraphs do.

        An article may go on in further boxes of the same kind, after a picture or an advertisement; not behind a
        headline, because pages that scroll on have the next article there.
        """
        found: list[int] = []
        gap = 0
        for place in range(self._first(), len(self.blocks)):
            block = self.blocks[place]
            holder = _holder(block)
            if holder in self.holders or place in chosen:
                gap = 0
            elif block.element.tag == "h1":
                break
            else:
                gap += 1
            is_running_text = block.is_prose or block.is_heading or block.element.tag == "li"
            if place in chosen or not is_running_text or block.link_share >= 0.5:
                continue
            is_like_the_body = holder in self.holders or (gap <= _GAP_BLOCKS and self._is_of_a_kind(holder))
            if (is_like_the_body or self._is_set_apart(block)) and not self.is_beside(place) and (block.is_prose or block.is_heading or self._is_item(block)):
                found.append(place)
                gap = 0
        # A heading at the very end leads to something else.
        ends = max((place for place in (*found, *self.prose) if not self.blocks[place].is_heading), default=0)
        return [place for place in found if place <= ends]

    def _is_of_a_kind(self, holder: HtmlElement) -> bool:
        """Whether a box has most of its names in common with a box of the body."""
        names = _kind(holder)
        return any(2 * len(names & kind) > len(names | kind) for kind in self.kinds)

    def _first(self) -> int:
        """Where the article may begin: below the last headline above its first known paragraph, or there."""
        heads = [place for place in range(self.prose[0]) if self.blocks[place].element.tag == "h1"]
        return heads[-1] + 1 if heads else self.prose[0]

    def _is_set_apart(self, block: Block) -> bool:
        """A quotation or a list in a wrapping of its own between the paragraphs."""
        elements = list(self._boxes(block))
        apart = [place for place, element in enumerate(elements) if element.tag in ("blockquote", "ul", "ol")]
        return bool(apart) and any(element.getparent() in (self.box, *self.holders) for element in elements[apart[0] : apart[0] + 4])

    def _is_item(self, block: Block) -> bool:
        """An item of a list of sentences or facts, not of a menu. block: of a list."""
        items = list(block.element.getparent().iterchildren("li"))
        return sum(len(item.text_content()) for item in items[:50]) >= 25 * len(items[:50])


def _said_again(blocks: list[Block], kept: Collection[int], title: str, start: int) -> set[int]:
    """Blocks that repeat another one: the headline above the text, and sentences set large between the paragraphs."""
    said = letters(title)
    again = {place for place in kept if place <= start and _is_headline(blocks[place].key, said)}
    whole = {place: blocks[place].key for place in sorted(kept)}
    times, letters_kept = Counter(whole.values()), sum(map(len, whole.values()))
    first = {key: place for place, key in reversed(whole.items())}
    for place, key in whole.items():
        # The same words three times are an offer between the paragraphs; twice, a layout for two sizes of screens.
        is_offer = times[key] >= 3 and 3 * times[key] * len(key) <= letters_kept
        if len(key) >= 15 and (is_offer or place != first[key]):
            again.add(place)
        is_set_apart = len(key) >= 30 and (blocks[place].is_heading or any(element.tag == "blockquote" for element in _near(blocks[place].element)))
        if is_set_apart and any(key in other and other != key for other in whole.values()):
            again.add(place)
    return again


def _is_headline(key: str, said: str) -> bool:
    """The headline, or most of it: some pages add a section or a second line to one of the two."""
    shorter, longer = sorted((key, said), key=len)
    return bool(shorter) and longer.startswith(shorter) and 10 * len(shorter) >= 6 * len(longer)


def _near(element: HtmlElement) -> list[HtmlElement]:
    return [element, *islice(element.iterancestors(), 2)]


def _leads(above: list[Block], title: str, description: str, body: _Body) -> list[int]:
    """Blocks between the headline and the body that are the lead: they say what the description says, or are named so."""
    said = letters(title)
    heads = [place for place, block in enumerate(above) if block.element.tag == "h1"] or [
        place for place, block in enumerate(above) if said and block.key == said
    ]
    if not heads:
        return []
    found = []
    for place in range(heads[-1] + 1, len(above)):
        block = above[place]
        if len(block.text) not in _LEAD_CHARS or block.link_share > 0.4 or _CAPTION.search(_names(block.element)):
            continue
        if _says_the_same(block.text, description) or _is_named_lead(block.element, body.box):
            found.append(place)
    return found


def _says_the_same(text: str, description: str) -> bool:
    """Nearly all letters of the shorter one stand in the longer one, as a whole."""
    one, other = letters(text), letters(description.rstrip(" .…"))
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= 20 and shorter[: max(20, int(0.8 * len(shorter)))] in longer


def _is_named_lead(element: HtmlElement, box: HtmlElement | None) -> bool:
    place: HtmlElement | None = element
    for _ in range(3):
        if place is None or place is box or place.tag in ("article", "main", "body"):
            return False
        if _LEAD.search(_names(place)):
            return True
        place = place.getparent()
    return False


def _holder(block: Block) -> HtmlElement:
    """The box a paragraph or a list stands in, or the block's element itself where the text stands in a box directly."""
    element = block.element
    while element.tag in _INSIDE_OF_PARENT and element.getparent() is not None:
        element = element.getparent()
    return element


def _kind(element: HtmlElement) -> frozenset[str]:
    """The names by which boxes of one kind are known; empty where nothing names the kind."""
    return frozenset() if element.tag in ("li", "body") else frozenset((element.get("class") or "").split())


def _names(element: HtmlElement) -> str:
    return " ".join(value for name in _NAMING if (value := element.get(name)))
