"""What matching costs: topics of 500 and 50,000 terms on invented news of 10 KB, loading them, hostile patterns, and a stream of texts.

Everything is invented here, from one seed: words of two alphabets that are met as often as words are in life (Zipf), and terms among them.
"""

import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

from monitor.matcher.match import Topics, prepare
from monitor.matcher.query import CompiledTopic, Group, compile_topic
from monitor.matcher.terms import hostile_texts, read_term, search_all

CHARACTERS = 10_000
TEXTS = 60
_LATIN, _CYRILLIC = "aabcdeeefghiijklmnnooprrssttuvwyzéü", "ааабвгдеееєжзииийкклммнннооопрррсссттуфхцчшщіїя"  # about as often as in life
_VOCABULARY = 30_000


class News:
    """Invented texts, and terms that some of their words answer to."""

    def __init__(self, seed: int = 1):
        self._chance = random.Random(seed)
        self.words = [self._word(number) for number in range(_VOCABULARY)]
        self._often = list(accumulate(1 / (rank + 3) for rank in range(_VOCABULARY)))

    def text(self, characters: int = CHARACTERS) -> str:
        words: list[str] = []
        length = 0
        while length < characters:
            word = self._chance.choices(self.words, cum_weights=self._often)[0]
            words.append(word.capitalize() if self._chance.random() < 0.1 else word)
            length += len(word) + 1
        return " ".join(words)[:characters]

    def terms(self, count: int) -> tuple[str, ...]:
        """Half stems, a quarter words, a quarter phrases; most of them seldom or never met, as in a list of twenty languages."""
        made: dict[str, None] = {}
        while len(made) < count:
            word = self._chance.choice(self.words) if self._chance.random() < 0.3 else self._word(self._chance.randrange(2))
            kind = self._chance.random()
            made[f"{word[:6]}*" if kind < 0.5 and len(word) > 4 else word if kind < 0.75 else f'"{word} {self._chance.choice(self.words)}*"'] = None
        return tuple(made)

    def _word(self, number: int) -> str:
        letters = _LATIN if number % 2 else _CYRILLIC
        return "".join(self._chance.choices(letters, k=self._chance.randint(3, 10)))


def topic_of(terms: tuple[str, ...]) -> CompiledTopic:
    """A topic of five groups that share the terms."""
    groups = {f"group{number}": Group(terms=terms[number::5]) for number in range(5)}
    return compile_topic("bench", title="", rule="group0 AND group1 NEAR/30 group2", groups=groups, digest_at=0.5, alert_at=0.8)


def cpu_s(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


def judging_ms(terms: tuple[str, ...], texts: list[str]) -> float:
    """CPU for one text, folding included; the words of the first texts are new, as at a start."""
    topics = Topics([topic_of(terms)])
    return 1000 * min(cpu_s(lambda: [topics.judge(prepare("", text)) for text in texts]) for _ in range(15)) / len(texts)


def alternation_ms(terms: tuple[str, ...], texts: list[str]) -> float:
    """The same words by one large regular expression, without folding, groups, distances or a score."""
    plain = (re.escape(term.strip('"*')).replace("\\ ", r"\s+") + (r"\w*" if term.strip('"').endswith("*") else "") for term in terms)
    pattern = re.compile(rf"\b(?:{'|'.join(plain)})\b", re.IGNORECASE)
    return 1000 * min(cpu_s(lambda: [list(pattern.finditer(text)) for text in texts]) for _ in range(2)) / len(texts)


HOSTILE = ("re:a{1,99}b", "re:[a-z]{1,9}?[a-z]{1,9}?b", "re:(?:a|a|a){1}a{1,30}b", "re:x.{0,80}y", r"re:\w{1,30}kyiv")


def hostile_ms() -> float:
    """The most that a pattern takes which is allowed, on texts made against it."""
    terms = [read_term("g", pattern) for pattern in HOSTILE]
    return max(1000 * min(cpu_s(lambda term=term, text=text: search_all(term, text)) for _ in range(9)) for term in terms for text in hostile_texts(term))


_CONFIG = """version = 1
[topics.bench]
rule = "group AND other"
[topics.bench.groups]
group = {{ terms = {terms} }}
other = {{ terms = {others} }}
"""


def stream_mib(lines: int, news: News) -> float:
    """Peak memory of `topics score --batch` over so many lines."""
    with tempfile.TemporaryDirectory(prefix="bench-topics-") as folder:
        terms = news.terms(500)
        config = Path(folder) / "config.toml"
        config.write_text(_CONFIG.format(terms=json.dumps(terms[::2], ensure_ascii=False), others=json.dumps(terms[1::2], ensure_ascii=False)), "utf-8")
        given = Path(folder) / "texts.jsonl"
        texts = [news.text(1000) for _ in range(50)]
        with given.open("w", encoding="utf-8") as out:
            for number in range(lines):
                out.write(json.dumps({"id": number, "title": texts[number % 50][:60], "text": f"{number} {texts[number % 50]}"}, ensure_ascii=False) + "\n")
        command = [sys.executable, "-m", "monitor", "--config", str(config), "topics", "score", "--topic", "bench", "--batch"]
        with given.open("rb") as source:
            child = subprocess.Popen(command, stdin=source, stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")
        return _mib(usage)


def _mib(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024
