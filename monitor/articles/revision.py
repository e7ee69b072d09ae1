"""Whether a text that was read again is another version of the article."""

from collections import Counter

from monitor.text import fold, words

OTHER_WORDS = 0.1


def changed_ratio(before: str, after: str) -> float:
    """The share of words that are in one of two texts only, of those of the longer one; their order, case and accents do not count."""
    old, new = Counter(words(fold(before).text)), Counter(words(fold(after).text))
    most = max(old.total(), new.total())
    return 1 - (old & new).total() / most if most else 0.0


def is_new_version(before: str, after: str) -> bool:
    """More than a tenth of the words are other ones: less is a typo mended, a line added, a number put right."""
    return changed_ratio(before, after) > OTHER_WORDS
