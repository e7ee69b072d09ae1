"""Which articles are one event: an index of the last three days, asked once per article.

An article is compared with earlier ones of its language and joins the story of the most similar one to
which nothing objects (`details.objection`), or opens a story of its own. A false join hides an event and a
missed one only repeats it, so doubt opens a new story.
"""

import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import nlargest
from itertools import islice, repeat
from operator import attrgetter, mul
from typing import NamedTuple, Protocol

from monitor.stories import traits as reading
from monitor.stories.details import Facts, Reason, is_copy, objection, telling
from monitor.stories.traits import Traits

WINDOW = timedelta(hours=72)
THRESHOLD = 0.35

_DAY_S = 86400.0
MOST_REMEMBERED = 10_000  # articles, at about 2 KB each; more in three days are those of thousands of feeds
_HEAVIEST_STEMS = 12  # of the new article, looked up to find candidates; with all of them no more were found
_POSTINGS_READ = 400  # the newest per stem: bounds what a stem costs that everyone uses, and the memory it takes
_SCORED = 30  # with more no other story was found on the labelled ones
# Short words are the common ones in every language that we measured. On the dev corpus 20 to 50 such articles
# add .02 to pair F1 and precision stays; with 100 and more precision falls.
_IMAGINED_ARTICLES = 30
_IMAGINED = {2: 0.3 * _IMAGINED_ARTICLES, 3: 0.2 * _IMAGINED_ARTICLES}  # length of a stem to the number of them that have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An article as clustering sees it.

    lead: the beginning of the text, "" where a feed gives titles only; of title and lead 600 characters are read.
    at: when it was published, or else seen.
    """

    id: int
    title: str
    lead: str
    outlet: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where an article belongs, why, and what must be saved with it.

    story_id: None opens a new story. score: 0…1, likeness to the best member of the story, 0 for a new one.
    copy_of: the member that this article repeats.
    vector: what `Index.restore` needs after a restart. stems: their document frequencies rise by one.
    """

    piece: Piece
    story_id: int | None
    score: float = 0.0
    reason: Reason
    copy_of: int | None = None
    vector: bytes
    stems: tuple[str, ...] = ()


class CountedMember(Protocol):
    """What counting sources asks of a story's article."""

    @property
    def outlet(self) -> str: ...
    @property
    def copy_of(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class _Member:
    """packed: its traits as they are saved, a kilobyte; as arrays they would take four, and tens of thousands may be remembered."""

    id: int
    story_id: int
    outlet: str
    at_s: float
    packed: bytes

    @property
    def traits(self) -> Traits:
        return _unpacked(self.packed)


_unpacked = lru_cache(maxsize=1024)(reading.unpack)  # the newest are asked for again and again


class _Scored(NamedTuple):
    member: _Member
    score: float


class Index:
    """The articles of the last 72 hours and how common each stem is, per language.

    frequencies: language to (documents, stem to documents), as saved; only `add` changes them.
    """

    def __init__(self, frequencies: Mapping[str, tuple[int, Mapping[str, int]]] | None = None):
        self._shelves = {language: _Shelf(documents, stems) for language, (documents, stems) in (frequencies or {}).items()}

    def __len__(self) -> int:
        return sum(len(shelf.members) for shelf in self._shelves.values())

    def place(self, piece: Piece) -> Placement:
        """The story of an article. Changes nothing: `add` does, once the caller has saved the placement."""
        if known := self._find(piece.id):
            return Placement(piece=piece, story_id=known.story_id, score=1.0, reason=Reason.ALREADY_PLACED, vector=known.packed)
        return self._shelf(piece.language).place(piece)

    def add(self, placement: Placement, story_id: int) -> None:
        """Take in an article whose place was saved. Doing it twice changes nothing."""
        piece = placement.piece
        if self._find(piece.id):
            return
        self._shelf(piece.language).count(placement.stems)
        self.restore(piece.id, story_id, outlet=piece.outlet, language=piece.language, at=piece.at, vector=placement.vector)

    def restore(self, article_id: int, story_id: int, *, outlet: str, language: str, at: datetime, vector: bytes) -> None:
        """Take in a saved article at start, in the order in which they were added; the saved frequencies know it already."""
        self._shelf(language).insert(_Member(article_id, story_id, sys.intern(outlet), at.timestamp(), vector))

    def forget(self, before: datetime, *, most: int = MOST_REMEMBERED) -> int:
        """Drop the articles older than a time, and the oldest where there are a tenth more than `most`; gives how many. Frequencies stay."""
        before_s = before.timestamp()
        if len(self) > most * 1.1:
            ages = (member.at_s for shelf in self._shelves.values() for member in shelf.members.values())
            before_s = max(before_s, nlargest(most, ages)[-1])
        return sum(shelf.drop(before_s) for shelf in self._shelves.values())

    def _shelf(self, language: str) -> "_Shelf":
        if language not in self._shelves:
            self._shelves[language] = _Shelf(0, {})
        return self._shelves[language]

    def _find(self, article_id: int) -> _Member | None:
        return next((shelf.members[article_id] for shelf in self._shelves.values() if article_id in shelf.members), None)


def source_counts(members: Iterable[CountedMember]) -> tuple[int, int]:
    """Distinct outlets of a story, and how many of them wrote something of their own."""
    members = list(members)
    return len({member.outlet for member in members}), len({member.outlet for member in members if member.copy_of is None})


def group(articles: Sequence[Mapping[str, str | None]]) -> list[str]:
    """A story's name for each article, in the order given, which is time order; an article's story never depends on later ones.

    articles: {id, title, text, outlet, lang, published}, as `monitor stories group --batch` reads them.
    A story is named after the first article in it.
    """
    index = Index()
    stories: list[int] = []
    for number, article in enumerate(articles):
        piece = Piece(
            id=number,
            title=article["title"] or "",
            lead=article.get("text") or "",
            outlet=article.get("outlet") or "",
            language=article.get("lang") or "",
            at=datetime.fromisoformat(article["published"] or ""),
        )
        placement = index.place(piece)
        story_id = number if placement.story_id is None else placement.story_id
        index.add(placement, story_id)
        stories.append(story_id)
    return [str(articles[story_id]["id"]) for story_id in stories]


class _Shelf:
    """The articles of one language."""

    def __init__(self, documents: int, frequencies: Mapping[str, int]):
        self.members: dict[int, _Member] = {}
        self._documents = documents
        self._frequencies = dict(frequencies)
        self._postings: dict[int, list[int]] = defaultdict(list)  # stem to article ids, in the order in which they came
        self._inserted = 0

    def count(self, stems: Iterable[str]) -> None:
        self._documents += 1
        for stem in stems:
            self._frequencies[stem] = self._frequencies.get(stem, 0) + 1

    def insert(self, member: _Member) -> None:
        self.members[member.id] = member
        article_id, postings = member.id, self._postings
        for stem in reading.stems_in(member.packed):  # all that a start does a hundred thousand times and more
            postings[stem].append(article_id)
        self._inserted += 1
        if self._inserted % _POSTINGS_READ == 0:
            for posting in postings.values():
                del posting[:-_POSTINGS_READ]

    def drop(self, before_s: float) -> int:
        gone = [member for member in self.members.values() if member.at_s < before_s]
        for member in gone:
            del self.members[member.id]
        for stem in {stem for member in gone for stem in reading.stems_in(member.packed)} & self._postings.keys():
            kept = [article_id for article_id in self._postings[stem] if article_id in self.members]
            if kept:
                self._postings[stem] = kept
            else:
                del self._postings[stem]
        return len(gone)

    def place(self, piece: Piece) -> Placement:
        opening = reading.Opening(piece.title, piece.lead)
        traits = reading.read(opening, self._weights(opening.crcs))
        new = _Member(piece.id, 0, piece.outlet, piece.at.timestamp(), reading.pack(traits))
        scored, facts = self._scored(new, traits), Facts.of(traits)
        joined, declined = self._best(new, facts, scored, opening.crcs)
        story_id = joined.member.story_id if joined else None
        return Placement(
            piece=piece,
            story_id=story_id,
            score=joined.score if joined else 0.0,
            reason=Reason.JOINED if joined else declined or (Reason.BELOW_THRESHOLD if scored else Reason.NO_CANDIDATE),
            copy_of=next((each.member.id for each in scored if each.member.story_id == story_id and is_copy(facts, each.member.traits)), None),
            vector=new.packed,
            stems=tuple(sorted(opening.crcs)),
        )

    def _weights(self, stems: Iterable[str]) -> dict[str, float]:
        """How much each stem says, in nats: its rarity among the articles seen and some imagined ones, which matter at a cold start only.

        Without them two reports of one event at the start share nothing rare, since whatever they share is in every article so far.
        """
        articles, seen = self._documents + _IMAGINED_ARTICLES + 2, self._frequencies
        return {stem: math.log(articles / (seen.get(stem, 0) + _IMAGINED.get(len(stem), 0.0) + 1.5)) for stem in stems}

    def _rarities(self, crcs: Mapping[str, int]) -> dict[int, float]:
        """Inverse document frequencies in nats, of what was really seen: the stricter measure, for doubts."""
        articles, seen = self._documents + 2, self._frequencies
        return {crc: math.log(articles / (seen.get(stem, 0) + 1.5)) for stem, crc in crcs.items()}

    def _scored(self, new: _Member, traits: Traits) -> list[_Scored]:
        """The most similar articles, best first."""
        weights, title_weights = _by_stem(traits.stems, traits.weights), _by_stem(traits.title_stems, traits.title_weights)
        scored = [_Scored(member, _likeness(new, member, weights, title_weights)) for member in self._similar(new, weights)]
        return sorted(scored, key=attrgetter("score"), reverse=True)

    def _similar(self, new: _Member, weights: Mapping[int, float]) -> list[_Member]:
        """The articles of the window that share most of the heaviest stems."""
        shared: dict[int, float] = {}
        so_far = shared.get
        for stem in nlargest(_HEAVIEST_STEMS, weights, key=weights.__getitem__):
            posting = self._postings.get(stem, ())[-_POSTINGS_READ:]
            weight = weights[stem]
            for article_id in posting:
                shared[article_id] = so_far(article_id, 0.0) + weight
        window_s, members = WINDOW.total_seconds(), self.members
        most_first = (members[article_id] for article_id in sorted(shared, key=shared.__getitem__, reverse=True))
        return list(islice((member for member in most_first if abs(new.at_s - member.at_s) <= window_s), _SCORED))

    def _best(self, new: _Member, facts: Facts, scored: Sequence[_Scored], crcs: Mapping[str, int]) -> tuple[_Scored | None, Reason | None]:
        """The best article to join, or why the most similar one is not."""
        declined = rare = None
        for each in scored:
            if each.score < THRESHOLD:
                break
            rare = telling(self._rarities(crcs)) if rare is None else rare
            reason = objection(
                facts,
                each.member.traits,
                days=_days_apart(new, each.member),
                same_outlet=_is_same_outlet(new, each.member),
                rare=rare,
                articles=self._documents,
            )
            if reason is None:
                return each, None
            declined = declined or reason
        return None, declined


def _likeness(new: _Member, old: _Member, weights: dict[int, float], title_weights: dict[int, float]) -> float:
    """The chance that two articles are about one event, from a logistic regression on labelled headlines of five languages."""
    days, traits = abs(new.at_s - old.at_s) / _DAY_S, old.traits
    log_odds = (
        14.1 * _cosine(weights, traits.stems, traits.weights)
        + 4.1 * _cosine(title_weights, traits.title_stems, traits.title_weights)
        - 2.7 * days
        # One outlet seldom tells the same event twice: its next article is the next event.
        - (8.2 * min(days, 1.0) if new.outlet == old.outlet and new.outlet else 0.0)
        - 5.5
    )
    return 1 / (1 + math.exp(-log_odds))


def _days_apart(new: _Member, old: _Member) -> float:
    return abs(new.at_s - old.at_s) / _DAY_S


def _is_same_outlet(new: _Member, old: _Member) -> bool:
    return bool(new.outlet) and new.outlet == old.outlet


def _by_stem(stems: Sequence[int], weights: Sequence[float]) -> dict[int, float]:
    return dict(zip(stems, weights, strict=True))


def _cosine(wanted: dict[int, float], stems: Sequence[int], weights: Sequence[float]) -> float:
    products: Iterable[float] = map(mul, weights, map(wanted.get, stems, repeat(0.0)))  # in C: this is most of what placing costs
    return sum(products)
