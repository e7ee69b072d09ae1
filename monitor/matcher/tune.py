"""What labels say a topic should be: weights, bias, alert threshold, new terms and useless ones, each with what it does for labels it was not learned from.

Weights: logistic regression held near the present ones (`fit`), in steps of a tenth; what speaks for an article goes on doing so,
and a group that weighs nothing stays so. The bias: so that digest_at cuts where the fit expects the best F1.
Terms: words that labelled stories share and the topic does not know, and terms that speak mostly where they should not.
Every effect is measured by cross-validation: five times, four fifths of the labels propose and the last fifth is judged.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from monitor.matcher.fit import Bounds, fit
from monitor.matcher.match import Prepared, find, prepare
from monitor.matcher.measure import SEED, Case, Figures, Item, cases, chance_of_better, figures, folds, items
from monitor.matcher.query import CompiledTopic, Group
from monitor.matcher.rule import rule_holds
from monitor.matcher.score import Found, feature_names, features, log_odds, logistic, score, weights
from monitor.matcher.terms import Hit, Lexicon, Reading, Term, read_term
from monitor.model import Grade, Label

LEAST = 10  # labels of each kind; with fewer nothing is proposed
FEW = 40  # labels; with fewer it is said that they are
STRENGTH = 5.0  # of the pull to the present weights; between 3 and 10 did best on held-out labels, from 20 labels to 228 (docs/decisions/0025)
FOLDS = 5
MOST_WEIGHT = 6.0  # points: one mention outweighs any bias in use
_SMALLEST_MOVE = 0.15  # of a weight; smaller ones are noise to read
_SMALLEST_SHARE = 0.1
_SURE = 0.9  # of the draws in which a proposal must do better
_LEAST_RIGHT = 2  # labels that a changed word must set right, those set wrong taken off, among those that did not choose it
_WORTH_IT = 0.01  # of F1 and average precision together; surer scores alone move the bias to and fro with every handful of labels
_MOST_SHIFT = 1.0  # points that the bias may leave the even chance

_ALERT_PRECISION = 0.95
_LEAST_ALERTS = 5
_MORE_ALERTS = 0.05  # of what belongs; for less the threshold is not lowered

_CANDIDATES = 40
_IDEAS = 8
_SHORTEST, _STEM_LETTERS = 4, (5, 6, 7)
_LEAST_STORIES = 3  # in which a new term must stand
_LEAST_LIFT = 3.0  # times as often where it belongs as where it does not
_LEAST_GAIN = 1.0  # log-loss; less is what chance gives to some of forty words
_RARE = 0.2  # against the share of labelled stories, how common a new term may be in all stored articles
_READ_WORDS = 400  # of a text


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightChange:
    """name: of a group, or of a pair as "ukraine NEAR/35 nato". yes, no: labelled stories in which it is heard, that belong and do not.

    gain: how much less log-loss on labels that the change was not learned from; above 0 it helps.
    """

    name: str
    before: float
    after: float
    yes: int
    no: int
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TermChange:
    """A term to add, or to leave out. gain: as of WeightChange. right, wrong: labels set right and set wrong. covered_by: another term that finds the same."""

    group: str
    term: str
    is_new: bool
    yes: int
    no: int
    gain: float
    right: int
    wrong: int
    covered_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """precision, share: of what is told at once from there on, how much belongs, and how much of all that belongs it is."""

    at: float
    precision: float | None
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """before: the topic as it is. after, with_terms: what proposals from four fifths of the labels do on the last fifth, five times; without and with new terms.

    ideas: words that the labels share and do not prove; they are no part of the proposal. bias: as proposed, the present one where nothing is to be changed. alert: None where the threshold stays.
    silent: how many terms were heard nowhere. trouble: why nothing, or little, is proposed; "" otherwise.
    """

    positives: int
    negatives: int
    before: Figures
    after: Figures | None
    with_terms: Figures | None
    loss_before: float
    loss_after: float | None
    bias_before: float
    bias: float
    weights: tuple[WeightChange, ...] = ()
    terms: tuple[TermChange, ...] = ()
    ideas: tuple[TermChange, ...] = ()
    alert_before: Alert | None = None
    alert: Alert | None = None
    heard_terms: int = 0
    silent: int = 0
    trouble: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.weights or self.terms or self.alert or self.bias != self.bias_before)


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature, and a bias, that a topic could have."""

    bias: float
    weights: Mapping[str, float]


def tune(topic: CompiledTopic, labels: Sequence[Label], background: Iterable[tuple[str, str]] = (), *, seed: int = SEED) -> Tuning:
    """What the labels propose. background: title and text of stored articles, by which a word is known to be common."""
    judged = [case for case in cases(topic, labels) if case.label.grade != Grade.PARTLY]
    now = present(topic)
    positives = sum(case.label.grade == Grade.YES for case in judged)
    before = figures(items(judged))
    nothing = Tuning(
        positives=positives,
        negatives=len(judged) - positives,
        before=before,
        after=None,
        with_terms=None,
        loss_before=_loss(topic, now, judged),
        loss_after=None,
        bias_before=now.bias,
        bias=now.bias,
    )
    covered = tuple(_covered(topic))
    if min(positives, len(judged) - positives) < LEAST:
        return replace(nothing, terms=covered, trouble=f"{LEAST} stories that belong and {LEAST} that do not are needed to propose weights and words")
    parts = folds([case.label for case in judged], FOLDS, seed=seed)
    learned = [proposed(topic, [judged[place] for place in _others(parts, part)]) for part in parts]
    tested = list(zip(parts, learned, strict=True))
    out = [(judged[place], model) for part, model in tested for place in part]
    loss_after = sum(_loss(topic, model, [case]) for case, model in out)
    model = proposed(topic, judged)
    changes = tuple(_weight_changes(topic, model, out))
    model = _without(topic, model, judged, {change.name for change in changes if change.gain <= 0})
    changes = tuple(change for change in changes if change.gain > 0)
    was, scored = [verdict_by(topic, now, case, case.found) for case, _ in out], [verdict_by(topic, each, case, case.found) for case, each in out]
    after = figures(scored)
    if not ((changes or model.bias != now.bias) and loss_after < nothing.loss_before and _is_surely_better(was, scored)):
        # What does no better on labels it has not seen is not proposed, however well it fits those that it has.
        changes, model, tested, scored = (), now, [(part, now) for part in parts], was
    background = list(background)
    changed = _Edits(topic, model, judged, [_others(parts, part) for part in parts], background)
    chosen = [changed.chosen(_others(parts, part)) for part in parts]
    terms = tuple(changed.proposals(parts, chosen))
    both = [
        verdict_by(topic, model, judged[place], changed.found(picked, place)) for (part, model), picked in zip(tested, chosen, strict=True) for place in part
    ]
    if not _is_surely_better(scored, both):
        terms = ()
    here, there = _alerts(topic, scored)
    heard = _heard(topic, judged, background)
    return replace(
        nothing,
        after=after,
        with_terms=figures(both) if terms else None,
        loss_after=loss_after,
        bias=model.bias,
        weights=changes,
        ideas=tuple(each for each in changed.ideas() if each.term not in {term.term for term in terms})[:_IDEAS],
        terms=(*terms, *(each for each in covered if (each.group, each.term) not in {(term.group, term.term) for term in terms})),
        alert_before=here,
        alert=there,
        heard_terms=len(heard),
        silent=len(topic.lexicon.terms) - len(heard),
        trouble=_trouble(len(judged), is_changed=model is not now),
    )


def _others(parts: Sequence[Sequence[int]], part: Sequence[int]) -> list[int]:
    """The labels of all folds but one."""
    return [place for other in parts if other is not part for place in other]


def _is_surely_better(before: Sequence[Item], after: Sequence[Item]) -> bool:
    """By enough to be worth a line, and not by the luck of which stories were labelled."""
    one, other = figures(before), figures(after)
    is_worth_it = (other.f1 or 0.0) + (other.ap or 0.0) >= (one.f1 or 0.0) + (one.ap or 0.0) + _WORTH_IT
    return is_worth_it and chance_of_better(before, after) >= _SURE


def _trouble(count: int, *, is_changed: bool) -> str:
    if not is_changed:
        return "the labels give no reason to change the weights: on labels that they were not learned from, new ones do no better"
    return f"with fewer than {FEW} labels this is a beginning; give some more, and look again" if count < FEW else ""


# ---------------------------------------------------------------------------------------------- weights
def present(topic: CompiledTopic) -> Model:
    """The topic's own weights and bias."""
    return Model(topic.bias, weights(topic))


def proposed(topic: CompiledTopic, judged: Sequence[Case], *, start: Model | None = None, strength: float = STRENGTH) -> Model:
    """Weights in steps of a tenth and a bias, learned from labels. start: what they are held near to; the topic's own unless given.

    Only articles count for which the rule holds: the others are decided. PARTLY counts neither for nor against.
    """
    start = start or present(topic)
    names = feature_names(topic)
    limits = [_bounds(start.weights[name]) for name in names]
    rows, belongs, missed = _rows(topic, judged)
    first = fit(rows, belongs, present=[start.weights[name] for name in names], present_bias=start.bias, strength=strength, bounds=limits)
    held = [
        limit if _is_worth_reading(start.weights[name], weight) else (start.weights[name], start.weights[name])
        for name, weight, limit in zip(names, first.weights, limits, strict=True)
    ]
    second = fit(rows, belongs, present=[start.weights[name] for name in names], present_bias=start.bias, strength=strength, bounds=held)
    found = {name: start.weights[name] if limit[0] == limit[1] else round(weight, 1) for name, weight, limit in zip(names, second.weights, held, strict=True)}
    return Model(_bias(topic, rows, belongs, missed, found, start.bias), found)


def _rows(topic: CompiledTopic, judged: Sequence[Case]) -> tuple[list[list[float]], list[bool], int]:
    """Features and judgement of the articles for which the rule holds, and how many belong for which it does not."""
    decided = [case for case in judged if case.label.grade != Grade.PARTLY]
    counted = [case for case in decided if case.found and rule_holds(topic.rule, case.found)]
    belongs = [case.label.grade == Grade.YES for case in counted]
    missed = sum(case.label.grade == Grade.YES for case in decided) - sum(belongs)
    return [list(features(topic, case.found).values()) for case in counted], belongs, missed


def _bias(topic: CompiledTopic, rows: Sequence[Sequence[float]], belongs: Sequence[bool], missed: int, found: Mapping[str, float], start: float) -> float:
    """The bias by which digest_at cuts where the fit expects the best F1.

    Where chances are right, articles that make up for it are let through below an even one: F1 forgives a false alarm more than a miss.
    missed: how many belong that the rule keeps out anyway; the more they are, the more is gained by those that can be had.
    """
    fixed = [found[name] for name in feature_names(topic)]
    fair = fit(rows, belongs, present=fixed, present_bias=start, bounds=[(weight, weight) for weight in fixed]).bias
    points = [fair + sum(weight * value for weight, value in zip(fixed, row, strict=True)) for row in rows]
    cut = max(-_MOST_SHIFT, min(_best_cut(points, missed), _MOST_SHIFT)) if points else 0.0
    return round(fair - cut + log_odds(topic.digest_at), 2)


def _best_cut(points: Sequence[float], missed: int) -> float:
    """The log-odds from which on flagging gives the best F1, if the chances are right."""
    ordered = sorted(points, reverse=True)
    chances = [logistic(each) for each in ordered]
    total = sum(chances) + missed
    best, cut, taken = -1.0, 0.0, 0.0
    for count, chance in enumerate(chances, 1):
        taken += chance
        expected = 2 * taken / (count + total)
        if expected > best:
            best, cut = expected, (ordered[count - 1] + ordered[count]) / 2 if count < len(ordered) else ordered[count - 1] - 1.0
    return cut


def _bounds(weight: float) -> Bounds:
    if weight == 0:
        return 0.0, 0.0
    return (0.0, max(MOST_WEIGHT, weight)) if weight > 0 else (min(-MOST_WEIGHT, weight), 0.0)


def _is_worth_reading(before: float, after: float) -> bool:
    return abs(after - before) >= max(_SMALLEST_MOVE, _SMALLEST_SHARE * abs(before))


def _weight_changes(topic: CompiledTopic, model: Model, out: Sequence[tuple[Case, Model]]) -> Iterable[WeightChange]:
    """Each weight that moves, with what the move alone does: the models of the folds with and without it."""
    now = present(topic)
    values = [features(topic, case.found) for case, _ in out]
    for name, after in model.weights.items():
        if after == now.weights[name]:
            continue
        heard = [place for place, value in enumerate(values) if value[name]]
        gain = sum(_loss(topic, _reverted(out[place][1], name, now), [out[place][0]]) - _loss(topic, out[place][1], [out[place][0]]) for place in heard)
        yes = sum(out[place][0].label.grade == Grade.YES for place in heard)
        yield WeightChange(name=name, before=now.weights[name], after=after, yes=yes, no=len(heard) - yes, gain=gain)


def _reverted(model: Model, name: str, to: Model) -> Model:
    return Model(model.bias, {**model.weights, name: to.weights[name]})


def _without(topic: CompiledTopic, model: Model, judged: Sequence[Case], names: set[str]) -> Model:
    """The model with these weights as they are now, and a bias that fits."""
    now = present(topic)
    kept = {name: now.weights[name] if name in names else weight for name, weight in model.weights.items()}
    return Model(_bias(topic, *_rows(topic, judged), kept, now.bias), kept)


# -------------------------------------------------------------------------------------------- verdicts
def _points(topic: CompiledTopic, model: Model, found: Mapping[str, Found]) -> float:
    return model.bias + sum(model.weights[name] * value for name, value in features(topic, found).items() if value)


def verdict_by(topic: CompiledTopic, model: Model, case: Case, found: Mapping[str, Found]) -> Item:
    """What the topic would say with these weights, for `figures`. found: what is hit in the case's text."""
    if not found:
        return case.label.grade, False, 0.0
    holds = rule_holds(topic.rule, found)
    total = score(topic, _points(topic, model, found), rule_holds=holds)
    return case.label.grade, holds and total >= topic.digest_at, total


def _loss_of(topic: CompiledTopic, model: Model, case: Case, found: Mapping[str, Found]) -> float:
    """Log-loss of the score that people see, the one that the rule lowers included."""
    # Without any term the score is 0, and a word that is heard at all would seem to be worth much.
    total = verdict_by(topic, model, case, found)[2] if found else score(topic, model.bias, rule_holds=False)
    total = min(max(total, 1e-4), 1 - 1e-4)
    return -math.log(total if case.label.grade == Grade.YES else 1 - total)


def _loss(topic: CompiledTopic, model: Model, judged: Iterable[Case]) -> float:
    return sum(_loss_of(topic, model, case, case.found) for case in judged)


def _alerts(topic: CompiledTopic, scored: Sequence[Item]) -> tuple[Alert, Alert | None]:
    """The present threshold, and the lowest above digest_at from which nearly all that is told at once belongs; None where it stays."""
    here = _alert(topic.alert_at, scored)
    for step in range(math.floor(topic.digest_at * 20) + 1, 20):
        there = _alert(step / 20, scored)
        told = sum(flagged and total >= there.at for grade, flagged, total in scored)
        if told < _LEAST_ALERTS:
            break
        if there.precision is not None and there.precision >= _ALERT_PRECISION:
            is_another = abs(there.at - topic.alert_at) >= 0.05 and (
                there.share >= here.share + _MORE_ALERTS if there.at < topic.alert_at else (here.precision or 0) < _ALERT_PRECISION
            )
            return here, there if is_another else None
    return here, None


def _alert(at: float, scored: Sequence[Item]) -> Alert:
    told = [grade == Grade.YES for grade, flagged, total in scored if flagged and total >= at]
    belong = sum(grade == Grade.YES for grade, _, _ in scored)
    return Alert(at=at, precision=sum(told) / len(told) if told else None, share=sum(told) / belong if belong else 0.0)


# ----------------------------------------------------------------------------------------------- terms
@dataclass(frozen=True, slots=True)
class _Edit:
    """One term more or less in a group. By place of the label: gains, less log-loss; turned, +1 set right, -1 set wrong;
    found, what the new term hits, or what is left of the group without the old one."""

    group: str
    term: str
    is_new: bool
    gains: Mapping[int, float]
    turned: Mapping[int, int]
    found: Mapping[int, Found | None]

    def gain(self, places: Iterable[int]) -> float:
        return sum(self.gains.get(place, 0.0) for place in places)


class _Edits:
    """The terms that might come or go, and which of them some of the labels ask for: looking at no others, or the rest could not judge them."""

    def __init__(self, topic: CompiledTopic, model: Model, judged: Sequence[Case], samples: Sequence[Sequence[int]], background: Sequence[tuple[str, str]]):
        self._topic, self._model, self._judged = topic, model, judged
        self._texts = [prepare(case.label.title, case.label.text) for case in judged]
        self._belong = {place for place, case in enumerate(judged) if case.label.grade == Grade.YES}
        self._stories, self._variants = _unknown_words(judged, self._texts)
        words = list(dict.fromkeys(word for places in (range(len(judged)), *samples) for word in self._telling(places)))
        if background and words:
            words = _rare(topic, words, judged, self._texts, background)
        self._additions = dict(self._new(words))
        self._removals = list(self._old())

    def chosen(self, places: Sequence[int]) -> list[_Edit]:
        """What these labels ask for: of each word that tells them apart the group in which it does most, and terms that speak where they should not."""
        best = [max(self._additions[word], key=lambda edit: edit.gain(places)) for word in self._telling(places) if word in self._additions]
        return [edit for edit in (*self._removals, *best) if edit.gain(places) >= _LEAST_GAIN and (edit.is_new or self._is_mostly_wrong(edit, places))]

    def proposals(self, parts: Sequence[Sequence[int]], chosen: Sequence[Sequence[_Edit]]) -> Iterable[TermChange]:
        """What all labels ask for, and most folds, and what helps in the folds that did not choose it."""
        for edit in self.chosen(range(len(self._judged))):
            places = [place for part, picked in zip(parts, chosen, strict=True) if edit in picked for place in part]
            asked = sum(edit in picked for picked in chosen)
            # A word that only makes right verdicts surer is not worth a line: weights do that.
            if asked > len(parts) / 2 and edit.gain(places) >= _LEAST_GAIN and sum(edit.turned.get(place, 0) for place in places) >= _LEAST_RIGHT:
                yield self._change(edit, places)

    def ideas(self) -> Iterable[TermChange]:
        """New words that all labels ask for, those that do most first."""
        everything = range(len(self._judged))
        best = sorted((edit for edit in self.chosen(everything) if edit.is_new), key=lambda edit: -edit.gain(everything))
        return (self._change(edit, everything) for edit in best)

    def _change(self, edit: _Edit, places: Iterable[int]) -> TermChange:
        """The edit, by its effect on these labels."""
        yes = len(edit.gains.keys() & self._belong)
        turned = [edit.turned.get(place, 0) for place in places]
        right, wrong = sum(each > 0 for each in turned), sum(each < 0 for each in turned)
        return TermChange(
            group=edit.group, term=edit.term, is_new=edit.is_new, yes=yes, no=len(edit.gains) - yes, gain=edit.gain(places), right=right, wrong=wrong
        )

    def found(self, edits: Sequence[_Edit], place: int) -> Mapping[str, Found]:
        """What would be hit in a label's text with these changes. edits: terms that go before those that come."""
        found: dict[str, Found | None] = dict(self._judged[place].found)
        for edit in edits:
            if place in edit.found:
                hits = edit.found[place]
                found[edit.group] = _together(found.get(edit.group), hits) if edit.is_new and hits else hits
        return {name: each for name in self._topic.groups if (each := found.get(name)) is not None}

    def _telling(self, places: Iterable[int]) -> list[str]:
        """The words that tell these labels apart, the most telling first."""
        here = set(places)
        belong = len(here & self._belong)
        telling: dict[str, float] = {}
        for word, stories in self._stories.items():
            yes, all_ = len(stories & here & self._belong), len(stories & here)
            lift = ((yes + 0.5) / (belong + 1)) / ((all_ - yes + 0.5) / (len(here) - belong + 1))
            if yes >= _LEAST_STORIES and lift >= _LEAST_LIFT and len(self._variants.get(word, "..")) > 1:
                telling[word] = yes * math.log(lift)
        found: list[str] = []
        taken: set[frozenset[int]] = set()
        for word in sorted(telling, key=lambda word: (-telling[word], len(word), word)):
            mine = frozenset(self._stories[word])
            if mine not in taken and not any(_is_of_one_stem(word, other) for other in found):
                taken.add(mine)
                found.append(word)
        return found[:_CANDIDATES]

    def _is_mostly_wrong(self, edit: _Edit, places: Sequence[int]) -> bool:
        here = edit.gains.keys() & set(places)
        yes = len(here & self._belong)
        return len(here) - yes >= max(_LEAST_STORIES, _LEAST_LIFT * yes)

    def _new(self, words: Sequence[str]) -> Iterable[tuple[str, list[_Edit]]]:
        """Each word in each group that speaks for an article."""
        looking = _looking_for(self._topic, words)
        hits = [find(looking, text) for text in self._texts]
        for word in words:
            there = {place: found[word] for place, found in enumerate(hits) if word in found}
            yield word, [self._tried(name, word, there, is_new=True) for name, group in self._topic.groups.items() if group.weight >= 0]

    def _old(self) -> Iterable[_Edit]:
        """Each term that is heard mostly where it should not be, by all labels at most."""
        heard: dict[tuple[str, str], list[int]] = {}
        for place, case in enumerate(self._judged):
            for name, found in case.found.items():
                if self._topic.groups[name].weight >= 0:
                    for written in {hit.term.written for hit in chain(found.title, found.text)}:
                        heard.setdefault((name, written), []).append(place)
        for (name, written), there in heard.items():
            if len(self._topic.groups[name].terms) > 1 and len(set(there) - self._belong) >= _LEAST_STORIES:
                rest = _with_terms(self._topic, {name: [term for term in self._topic.lexicon.terms if term.group == name and term.written != written]})
                yield self._tried(name, written, {place: find(rest, self._texts[place]).get(name) for place in there}, is_new=False)

    def _tried(self, group: str, term: str, found: Mapping[int, Found | None], *, is_new: bool) -> _Edit:
        gains: dict[int, float] = {}
        turned: dict[int, int] = {}
        edit = _Edit(group, term, is_new, gains, turned, found)
        for place in found:
            case, other = self._judged[place], self.found([edit], place)
            gains[place] = _loss_of(self._topic, self._model, case, case.found) - _loss_of(self._topic, self._model, case, other)
            was, is_ = (verdict_by(self._topic, self._model, case, hits)[1] == (place in self._belong) for hits in (case.found, other))
            turned[place] = is_ - was
        return edit


def _unknown_words(judged: Sequence[Case], texts: Sequence[Prepared]) -> tuple[dict[str, set[int]], dict[str, set[str]]]:
    """Words that no term covers, and beginnings of them, each with the labels whose text holds it; and the words of each beginning."""
    stories: dict[str, set[int]] = {}
    variants: dict[str, set[str]] = {}
    for place, (case, text) in enumerate(zip(judged, texts, strict=True)):
        known = {number for found in case.found.values() for first, last in found.words for number in range(first, last + 1)}
        numbered = chain(enumerate(text.title.words, -len(text.title.words)), enumerate(text.text.words[:_READ_WORDS]))
        for word in {word for number, word in numbered if number not in known and len(word) >= _SHORTEST and word.isalpha()}:
            stories.setdefault(word, set()).add(place)
            for letters in _STEM_LETTERS:
                if letters < len(word):
                    stories.setdefault(f"{word[:letters]}*", set()).add(place)
                    variants.setdefault(f"{word[:letters]}*", set()).add(word)
    return stories, variants


def _is_of_one_stem(one: str, other: str) -> bool:
    """Whether one of two candidates finds words that the other finds too."""
    return (other.endswith("*") and one.startswith(other[:-1])) or (one.endswith("*") and other.startswith(one[:-1]))


def _rare(topic: CompiledTopic, words: Sequence[str], judged: Sequence[Case], texts: Sequence[Prepared], background: Sequence[tuple[str, str]]) -> list[str]:
    """Without those that are common in all stored articles."""
    looking = _looking_for(topic, words)
    common = Counter(word for title, text in background for word in find(looking, prepare(title, text)))
    labelled = Counter(word for case, text in zip(judged, texts, strict=True) if case.label.grade == Grade.YES for word in find(looking, text))
    belong = sum(case.label.grade == Grade.YES for case in judged)
    return [word for word in words if common[word] / len(background) <= _RARE * labelled[word] / belong]


def _looking_for(topic: CompiledTopic, words: Sequence[str]) -> CompiledTopic:
    """A topic with a group for each word; its rule is not to be asked."""
    return _with_terms(topic, {word: [read_term(word, word)] for word in words})


def _with_terms(topic: CompiledTopic, groups: Mapping[str, Sequence[Term]]) -> CompiledTopic:
    terms = [replace(term, topic=topic.id) for some in groups.values() for term in some]
    lexicon = Lexicon(terms, look_alikes=topic.lexicon.look_alikes)
    return replace(topic, groups={name: Group(terms=tuple(term.written for term in some)) for name, some in groups.items()}, lexicon=lexicon)


def _together(one: Found | None, other: Found) -> Found:
    """The hits of both; they share no word."""
    if one is None:
        return other

    def merged(left: list[Hit], right: list[Hit]) -> list[Hit]:
        return sorted([*left, *right], key=lambda hit: (hit.first, hit.last))

    return Found(title=merged(one.title, other.title), text=merged(one.text, other.text), words=[*one.words, *other.words])


def _covered(topic: CompiledTopic) -> Iterable[TermChange]:
    """Terms that another one of their group finds anyway: "ukrainian" beside "ukrain*"."""
    for term in topic.lexicon.terms:
        if term.pattern or len(term.words) != 1:
            continue
        word, is_stem = term.words[0]
        for hit in topic.lexicon.hits(Reading(word)):
            other = hit.term
            is_simple = not other.pattern and len(other.words) == 1 and not other.capitals
            if other.group == term.group and other is not term and is_simple and (other.words[0][1] or not is_stem) and other.words[0] != term.words[0]:
                yield TermChange(group=term.group, term=term.written, is_new=False, yes=0, no=0, gain=0.0, right=0, wrong=0, covered_by=other.written)
                break


def _heard(topic: CompiledTopic, judged: Sequence[Case], background: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """The terms that occur anywhere, those in the shade of a longer one too."""
    texts = chain(((case.label.title, case.label.text) for case in judged), background)
    return {(hit.term.group, hit.term.written) for title, text in texts for reading in (Reading(title), Reading(text)) for hit in topic.lexicon.hits(reading)}
