"""When two articles that look alike are about different events.

Headlines made from one template ("… 12 dead in Lyon", "… 55 dead in Turin") and texts of one trade share
most of their words. What tells the events apart are the details: names and numbers that one article
has and the other never mentions, and whether the two share anything that not everyone says.
"""

import math
from collections.abc import Collection, Mapping
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


def objection(new: Traits, old: Traits, *, days: float, same_outlet: bool, rarities: Mapping[int, float], articles: int) -> Reason | None:
    """Why the two are different events after all; None: nothing speaks against it.

    days: between them. rarities: of the new article's stems, in nats. articles: how many that is counted from.
    """
    title, old_title = set(new.title_stems), set(old.title_stems)
    alike = _jaccard(title, old_title)
    if same_outlet and days >= _REPEAT_AFTER_DAYS and alike >= _REPEAT_JACCARD:
        return Reason.TEMPLATE_REPEAT
    said, old_said = _said(new), _said(old)
    if is_copy(new, old):
        # A copy may bring a newer toll, but not another place.
        return Reason.COPY_DISAGREES if set(new.title_names) - old_said and set(old.title_names) - said else None

    is_template = alike >= _TEMPLATE_JACCARD
    is_headline_only = not (new.phrases and old.phrases)
    unknown_to_old, unknown_to_new = _title_details(new) - old_said, _title_details(old) - said
    # One side alone often just says more; in fillings of one template with leads to compare it is suspicious as well.
    differ = bool(unknown_to_old or unknown_to_new) if is_template and not is_headline_only else bool(unknown_to_old and unknown_to_new)
    if not differ and (is_template or articles < _COLD_ARTICLES):
        return None
    both_titles_say = _title_said(new) & _title_said(old)
    if (_details(new) & _details(old)) - both_titles_say:
        return None
    shared = set(new.stems) & set(old.stems)
    if _are_telling(shared - (title & old_title) if is_template else shared, rarities):
        return None
    if not differ:
        return Reason.NOTHING_RARE
    return Reason.HEADLINE_ONLY if is_headline_only else Reason.DETAILS_DISAGREE


def is_copy(one: Traits, other: Traits) -> bool:
    """The same title, or half of the lead word for word."""
    return (bool(one.title_key) and one.title_key == other.title_key) or _jaccard(set(one.phrases), set(other.phrases)) >= _COPY_JACCARD


def _jaccard(one: set[int], other: set[int]) -> float:
    return len(one & other) / (len(one | other) or 1)


def _title_details(traits: Traits) -> set[int]:
    return set(traits.title_names).union(traits.title_numbers)


def _details(traits: Traits) -> set[int]:
    return _title_details(traits).union(traits.lead_names, traits.lead_numbers)


def _title_said(traits: Traits) -> set[int]:
    return set(traits.title_stems).union(traits.title_numbers)


def _said(traits: Traits) -> set[int]:
    return set(traits.stems).union(traits.title_numbers, traits.lead_numbers)


def _are_telling(shared: Collection[int], rarities: Mapping[int, float]) -> bool:
    points = [rarities[stem] - _COMMON_RARITY for stem in shared if rarities[stem] > _COMMON_RARITY]
    return len(points) >= _RARE_STEMS and sum(points) >= _RARE_POINTS
