"""Whether a headline that was edited says something else now.

The rule: case, accents, punctuation, word order, endings, typos and clock times do not count. What is left differs
materially when

- a number is another one, is gone or has come ("12 dead" → "20 dead");
- the headline is denied, or is not any more ("will resign" → "will not resign");
- a name took the place of another ("visits Odesa" → "visits Kyiv"); names are words in capitals, or with one inside a
  headline that does not write most of its words so;
- at least half of the words that both have together are in one of them only.

A few words that are only added, or only left out, are detail and not another message.
"""

import re

from monitor.text import fold, words

OTHER_WORDS = 0.5
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.]\d{2}(?!\d)(?:\s?[ap]\.?m\b)?|(?<!\d)\d{1,2}\s?[ap]\.?m\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d)[.,'’\s](?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d+")
_DENIAL = re.compile(
    r"\b(?:not|no|never|nor|denies|denied|nicht|keine?[mnrs]?|nie|pas|jamais|non|ne|niet|geen|nem|nao|inte|ikke|ei|не|ни|нет|нема|немае|никогда|николи)\b|n['’]t\b"
)  # in folded text; of the languages that the shipped topic watches, and their neighbours


def differs_materially(before: str, after: str) -> bool:
    """Whether somebody who read the one headline should be told of the other; the rule stands above."""
    old, new = _CLOCK.sub(" ", before), _CLOCK.sub(" ", after)
    old_words, new_words = _words(old), _words(new)
    if not old_words or not new_words:
        return False
    if _numbers(old) != _numbers(new) or _is_denied(old) != _is_denied(new):
        return True
    gone, come = _unlike(old_words - new_words, new_words - old_words)
    if gone & _names(old) and come & _names(new):
        return True
    kept = len(old_words | new_words) - len(old_words ^ new_words)
    same = kept + (len(old_words ^ new_words) - len(gone) - len(come)) / 2
    return len(gone) + len(come) >= OTHER_WORDS * (same + len(gone) + len(come))


def _words(headline: str) -> set[str]:
    return {word for word in words(fold(headline).text) if not word.isdigit()}


def _is_denied(headline: str) -> bool:
    return bool(_DENIAL.search(fold(headline).text))


def _numbers(headline: str) -> list[int]:
    return sorted(int(number[:18]) for number in _NUMBER.findall(_THOUSANDS.sub("", headline)))


def _unlike(gone: set[str], come: set[str]) -> tuple[set[str], set[str]]:
    """The words that changed, without those that only have another ending or a letter put right."""
    pairs = {(old, new) for old in gone for new in come if _is_like(old, new)}
    return gone - {old for old, _ in pairs}, come - {new for _, new in pairs}


def _is_like(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 4:
        return False
    stem = next((length for length, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(shorter))
    if stem >= 4 and len(shorter) - stem <= 3 and len(longer) - stem <= 4:
        return True
    return _is_one_slip(shorter, longer)


def _is_one_slip(shorter: str, longer: str) -> bool:
    """One letter changed, missing, added, or two neighbours in each other's place."""
    start = next((at for at, letter in enumerate(shorter) if letter != longer[at]), len(shorter))
    if len(shorter) == len(longer):
        is_swapped = shorter[start : start + 2] == longer[start : start + 2][::-1] and shorter[start + 2 :] == longer[start + 2 :]
        return is_swapped or shorter[start + 1 :] == longer[start + 1 :]
    return len(longer) - len(shorter) == 1 and shorter[start:] == longer[start + 1 :]


def _names(headline: str) -> set[str]:
    """Folded words that are written like names."""
    written = re.findall(r"[^\W\d_]+", headline)
    is_shouting = not any(word[1:] != word[1:].upper() for word in written)
    capitalised = [word for word in written if word[:1].isupper()]
    acronyms = [] if is_shouting else [word for word in written if len(word) > 1 and word.isupper()]
    inside = capitalised if len(capitalised) * 2 <= len(written) else []
    return {fold(word).text for word in (*acronyms, *inside)}
