"""A page as the blocks of text a reader sees, in their order, and which of them are the article.

trafilatura says which lines it believes in; nearly all of them are whole blocks of the page. What it cannot know
is where they stand: a lead between headline and body, a paragraph between two paragraphs that it took, a box of
related stories inside the body. Those are told by the tree, in any language.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import InitVar, dataclass, field
from functools import partial

from lxml import etree  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from monitor.late import late

_UNSEEN = frozenset(
    "script style noscript template iframe object embed svg math canvas audio video picture form button input select textarea head rt rp dialog".split()  # noqa: SIM905
)
_BLOCKS = frozenset(
    "p div li ul ol dl dt dd table tr td th thead tbody tfoot caption h1 h2 h3 h4 h5 h6 blockquote pre section article header footer aside main "  # noqa: SIM905
    "figure figcaption nav body center address hgroup details summary fieldset menu".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())  # noqa: SIM905
_CELL_CHARS = 200
PROSE_WEIGHT = 60


@dataclass(slots=True, eq=False)
class Block:
    """One run of text without a break inside.

    element: the block element it stands in. link_share: how much of it is links. key: its letters and digits only.
    is_prose: long enough for a paragraph, no heading, and not mostly links.
    """

    text: str
    element: HtmlElement
    link_chars: InitVar[int]
    link_share: float = field(init=False)
    is_heading: bool = field(init=False)
    is_prose: bool = field(init=False)
    _key: str | None = None

    def __post_init__(self, link_chars: int) -> None:
        self.link_share = link_chars / max(len(self.text), 1)
        self.is_heading = self.element.tag in _HEADINGS
        self.is_prose = not self.is_heading and self.link_share < 0.5 and weight(self.text) >= PROSE_WEIGHT

    @property
    def key(self) -> str:
        if self._key is None:
            self._key = letters(self.text)
        return self._key


_NO_LETTER = re.compile(r"[\W_]+")
_NO_ASCII_LETTER = bytes(sign for sign in range(128) if not chr(sign).isalnum())


def letters(text: str) -> str:
    """What is left of a text for comparing: letters and digits, in one case."""
    if text.isascii():  # the same, at once
        return text.lower().encode().translate(None, _NO_ASCII_LETTER).decode()
    return _NO_LETTER.sub("", text.casefold())


def weight(text: str) -> int:
    """Length in characters, with Chinese, Japanese and Korean ones counted three times: they say more each."""
    return len(text) if text.isascii() else len(text) + 2 * len(_DENSE.findall(text))


_DENSE = late(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def blocks_of(tree: HtmlElement) -> list[Block]:
    """The blocks of a page in reading order; scripts, forms, media and what else is no text are left out. Rows of a table of short cells are one block each."""
    body = tree.find(".//body")
    body = tree if body is None else body
    blocks: list[Block] = []
    parts: list[str] = []
    open_blocks: list[HtmlElement] = [body]
    link_chars = open_links = 0

    def end_block() -> None:
        nonlocal link_chars
        if not parts:
            return
        text = " ".join("".join(parts).split())
        if text:
            blocks.append(Block(text, open_blocks[-1], link_chars))
        parts.clear()
        link_chars = 0

    def add(text: str) -> None:
        nonlocal link_chars
        parts.append(text)
        if open_links:
            link_chars += len(text.strip())

    rows: list[HtmlElement] = []
    walk = etree.iterwalk(body, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            tag = element.tag
            if tag in _UNSEEN:
                walk.skip_subtree()
                continue
            if tag == "tr" and not rows and _is_row_of_data(element):
                rows.append(element)
            if rows and element is not rows[0]:
                parts.append(" | " if tag in ("td", "th") and element.getprevious() is not None else " " if tag in _BLOCKS else "")
            elif tag == "br":
                end_block()
            elif tag in _BLOCKS:
                end_block()
                open_blocks.append(element)
            if tag == "a":
                open_links += 1
            if element.text:
                add(element.text)
            continue
        if event == "end":
            if rows and element is rows[0]:
                rows.clear()
            if not rows and element is open_blocks[-1] and element is not body:
                end_block()
                open_blocks.pop()
            elif element.tag == "a":
                open_links = max(open_links - 1, 0)
        if element.tail and element is not body:
            add(element.tail)
    end_block()
    return blocks


def _is_row_of_data(row: HtmlElement) -> bool:
    """Cells of a few words each; tables also lay out old pages."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    return len(cells) >= 2 and all(len(cell.text_content()) <= _CELL_CHARS and cell.find(".//table") is None for cell in cells)


def matched(blocks: Sequence[Block], lines: Iterable[str]) -> set[int]:
    """Which blocks the lines of another reading of the same page are.

    A short block must be a line of its own; a long one may also be broken into several. Of blocks that say the
    same, those nearest to the others are meant.
    """
    keys = [key for line in lines if (key := letters(line))]
    wanted = Counter(keys)
    whole = "".join(keys)
    places: dict[str, list[int]] = {}
    for place, block in enumerate(blocks):
        if block.key and (block.key in wanted or (len(block.key) >= 40 and block.key in whole)):
            places.setdefault(block.key, []).append(place)
    sure = {found[0] for found in places.values() if len(found) == 1}
    box = body_box([blocks[place] for place in sorted(sure)])
    for key, found in places.items():
        if len(found) > 1:
            inside = [place for place in found if box is None or is_inside(blocks[place].element, box)]
            sure.update((inside or found)[: max(wanted[key], 1)])
    return sure


def body_box(blocks: Sequence[Block]) -> HtmlElement | None:
    """The deepest element that holds nearly all (85 %) of the blocks' letters, None without any."""
    total = sum(len(block.text) for block in blocks)
    inside: Counter[HtmlElement] = Counter()
    for block in blocks:
        for element in (block.element, *block.element.iterancestors()):
            inside[element] += len(block.text)
    holding = [element for element, chars in inside.items() if chars >= 0.85 * total]
    return max(holding, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)


def places_in(box: HtmlElement, blocks: Sequence[Block], known: int, *, holds: Callable[[HtmlElement], bool] | None = None) -> list[int]:
    """Which blocks stand in a box. They follow each other in reading order, so most of a page need not be asked.

    known: one that does. holds: whether the box holds an element, for who knows it sooner than its ancestors tell.
    """
    holds = holds or partial(is_inside, box=box)
    above = {*box.iterancestors()}  # a box of the line, such as <article-body>, has bare words that count for the box around it

    def as_far_as_it_goes(places: Iterable[int]) -> Iterator[int]:
        for place in places:
            if holds(blocks[place].element):
                yield place
            elif blocks[place].element not in above:
                return

    before = [*as_far_as_it_goes(range(known - 1, -1, -1))]
    return [*reversed(before), known, *as_far_as_it_goes(range(known + 1, len(blocks)))]


def is_inside(element: HtmlElement, box: HtmlElement) -> bool:
    place: HtmlElement | None = element
    while place is not None and place is not box:
        place = place.getparent()
    return place is not None
