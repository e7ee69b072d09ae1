"""When two articles that look alike are about different events.

Headlines made from one template ("… 12 dead in Lyon", "… 55 dead in Turin") and texts of one trade share
most of their words. What tells the events apart are the details: names and numbers that one article
has and the other never mentions, and whether the two share anything that not everyone says.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.stories.traits import Traits

# Chosen so that no made-up template headline joins another (tests/stories/test_cluster.py); around these values
# pair F1 of the labelled stories moves by less than .01 (tests/quality/test_story_corpus.py).
_COPY_JACCARD = 0.5
_TEMPLATE_JACCARD = 0.5  # titles that share this much are fillings of one template
_REPEAT_JACCARD = 0.8
_REPEAT_AFTER_DAYS = 0.25
_COMMON_RARITY = math.log(4)  # nats: what every fourth article says tells nothing about an event
_RARE_STEMS = 2
_RARE_POINTS = 2.5  # nats above the common ones
_COLD_ARTICLES = 12  # before so many were seen, no stem can be called rare


class Reason(StrEnum):
    """Why an article joins a story, or why it opens one."""

    JOINED = "joined"
    ALREADY_PLACED = "already-placed"  # it has its story; asking again changes nothing
    NO_CANDIDATE = "no-candidate"  # nothing of the last three days shares a heavy stem
    BELOW_THRESHOLD = "below-threshold"
    TEMPLATE_REPEAT = "template-repeat"  # the outlet's daily bulletin or live page, hours later
    COPY_DISAGREES = "copy-disagrees"  # the same text about another place or person
    DETAILS_DISAGREE = "details-disagree"  # other numbers or names, and nothing rare in common
    HEADLINE_ONLY = "headline-only"  # the same, and one has no lead that could make up for it
    NOTHING_RARE = "nothing-rare"  # only words in common that everyone uses


@dataclass(frozen=True, slots=True)
class Facts:
    """What a new article says, as sets: made once, and compared with every candidate."""

    traits: Traits
    title: frozenset[int]  # stems
    title_details: frozenset[int]  # names and numbers
    title_said: frozenset[int]  # stems and numbers
    details: frozenset[int]  # of title and lead
    said: frozenset[int]
    phrases: frozenset[int]

    @classmethod
    def of(cls, traits: Traits) -> "Facts":
        title, numbers = frozenset(traits.title_stems), traits.title_numbers
        title_details = frozenset(traits.title_names).union(numbers)
        return cls(
            traits=traits,
            title=title,
            title_details=title_details,
            title_said=title.union(numbers),
            details=title_details.union(traits.lead_names, traits.lead_numbers),
            said=frozenset(traits.stems).union(numbers, traits.lead_numbers),
            phrases=frozenset(traits.phrases),
        )


def telling(rarities: Mapping[int, float]) -> dict[int, float]:
    """The stems that not every fourth article has, each with its nats beyond those of one that has."""
    return {stem: rarity - _COMMON_RARITY for stem, rarity in rarities.items() if rarity > _COMMON_RARITY}


def objection(new: Facts, old: Traits, *, days: float, same_outlet: bool, rare: Mapping[int, float], articles: int) -> Reason | None:
    """Why the two are different events after all; None: nothing speaks against it.

    days: between them. rare: of the new article's stems the `telling` ones. articles: how many that is counted from.
    """
    alike = _jaccard(new.title, old.title_stems)
    if same_outlet and days >= _REPEAT_AFTER_DAYS and alike >= _REPEAT_JACCARD:
        return Reason.TEMPLATE_REPEAT
    if is_copy(new, old):
        # A copy may bring a newer toll, but not another place.
        new_names = frozenset(new.traits.title_names).difference(old.stems, old.title_numbers, old.lead_numbers)
        return Reason.COPY_DISAGREES if new_names and not new.said.issuperset(old.title_names) else None

    is_template = alike >= _TEMPLATE_JACCARD
    is_headline_only = not (new.phrases and old.phrases)
    unknown_to_old = new.title_details.difference(old.stems, old.title_numbers, old.lead_numbers)
    old_details = {*old.title_names, *old.title_numbers}
    unknown_to_new = old_details - new.said
    # One side alone often just says more; in fillings of one template with leads to compare it is suspicious as well.
    differ = bool(unknown_to_old or unknown_to_new) if is_template and not is_headline_only else bool(unknown_to_old and unknown_to_new)
    if not differ and (is_template or articles < _COLD_ARTICLES):
        return None
    both_titles_say = new.title_said.intersection((*old.title_stems, *old.title_numbers))
    if new.details.intersection(old_details.union(old.lead_names, old.lead_numbers)) - both_titles_say:
        return None
    shared = rare.keys() & old.stems
    if _are_telling(shared - new.title.intersection(old.title_stems) if is_template else shared, rare):
        return None
    if not differ:
        return Reason.NOTHING_RARE
    return Reason.HEADLINE_ONLY if is_headline_only else Reason.DETAILS_DISAGREE


def is_copy(new: Facts, old: Traits) -> bool:
    """The same title, or half of the lead word for word."""
    return (bool(old.title_key) and new.traits.title_key == old.title_key) or _jaccard(new.phrases, old.phrases) >= _COPY_JACCARD


def _jaccard(one: frozenset[int], other: Sequence[int]) -> float:
    """other: each number once."""
    common = len(one.intersection(other))
    return common / (len(one) + len(other) - common or 1)


def _are_telling(shared: Collection[int], rare: Mapping[int, float]) -> bool:
    return len(shared) >= _RARE_STEMS and sum(rare[stem] for stem in shared) >= _RARE_POINTS
