"""What the visitor of `monitor demo` sees: eight acts on the terminal, each short enough to be read at a glance.

Every act takes plain values and prints once; only the poll board redraws itself, and only on a terminal. Without a
terminal the same words come as plain lines, and a found term stands in ›‹ instead of under a marker pen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from monitor.model import Evidence

WIDTH = 100
ACCENT = "bold cyan"
MARKER = "black on bright_yellow"  # a marker pen; readable on dark and on light terminals
GOOD, BAD, QUIET = "green", "red", "dim"
DIGEST_LINES = 28
EXCERPT_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRow:
    """A newspaper of the world. note: what is wrong with it, "" where nothing is."""

    title: str
    language: str
    format: str
    articles: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRow:
    """What asking one feed brought. problem: the reason code where it failed or was odd, "" otherwise."""

    outlet: str
    status: str
    new_entries: int
    problem: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One article of a story. published: as it shall be shown, "12:04"."""

    outlet: str
    title: str
    published: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggedStory:
    """A story with the evidence of the article that scored highest. title, text: of that article; offsets count in them."""

    topic: str
    score: float
    title: str
    text: str
    evidence: Sequence[Evidence]
    sources: Sequence[SourceRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentRow:
    """An article nobody was told of. reason: in the words of the decision, "below-threshold"."""

    title: str
    outlet: str
    reason: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A story that broke while the daemon ran. seconds: from its publication to the inbox."""

    title: str
    outlet: str
    seconds: float
    joined_title: str
    joined_outlet: str


def console(*, stderr: bool = False) -> Console:
    """A console of a calm width; colours, NO_COLOR and pipes are rich's own business."""
    plain = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if plain.is_terminal and plain.width <= WIDTH:
        return plain
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=WIDTH)


def act_world(out: Console, outlets: Sequence[OutletRow]) -> None:
    articles, languages = sum(row.articles for row in outlets), len({row.language for row in outlets})
    _open_act(out, 1, "A small world", f"{len(outlets)} newspapers on this machine have published {articles} articles in {languages} languages.")
    table = _table("newspaper", "language", "feed", "articles", "", numbers=("articles",))
    for row in outlets:
        table.add_row(Text(row.title), row.language, row.format, str(row.articles), Text(row.note, QUIET))
    _say(out, table)


class PollBoard:
    """What comes in, feed by feed, while the daemon polls: a table that fills up.

    outlets: their names in the order of the table. On a terminal it is drawn anew after each row; elsewhere once, at the end.
    """

    def __init__(self, out: Console, outlets: Sequence[str]) -> None:
        _open_act(out, 2, "What came in", "The daemon asks every feed, and reads the pages that may be about the topic.")
        self._out = out
        self._rows: dict[str, PollRow | None] = dict.fromkeys(outlets)
        self._live = Live(console=out, auto_refresh=False, transient=False) if out.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
            self._live.update(self._table(), refresh=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()
        else:
            self._out.print(self._table())

    def add(self, row: PollRow) -> None:
        self._rows[row.outlet] = row
        if self._live:
            self._live.update(self._table(), refresh=True)

    def _table(self) -> RenderableType:
        table = _table("newspaper", "answer", "new", "", numbers=("new",))
        for outlet, row in self._rows.items():
            if row is None:
                table.add_row(Text(outlet, QUIET), Text("…", QUIET), "", "")
            else:
                table.add_row(Text(outlet), Text(row.status, BAD if row.failed else GOOD), str(row.new_entries or "–"), Text(row.problem, QUIET))
        return Padding.indent(table, 2)


def act_poll(out: Console, rows: Sequence[PollRow]) -> None:
    """The same board at once, for when polling is over."""
    with PollBoard(out, [row.outlet for row in rows]) as board:
        for row in rows:
            board.add(row)


def act_flagged(out: Console, story: FlaggedStory) -> None:
    sources = len({source.outlet for source in story.sources})
    several = f"{sources} newspapers report the same event in different words. It is one story, and it is told once."
    _open_act(out, 3, "What was flagged, and why", several if sources > 1 else "One newspaper has it so far.")
    marked = not out.is_terminal
    head = Text.assemble(("● ", ACCENT), _highlight(story.title, _hits(story, "title"), marked=marked))
    head.stylize("bold")
    _say(out, head)
    _say(out, Text(f"  {story.topic} · score {story.score:.2f} · {_count(sources, 'source')}", QUIET), gap=True)
    _say(out, _highlight(*_excerpt(story.text, _hits(story, "text")), marked=marked), gap=True)
    why = _table("because of", "as in", "found", "points", numbers=("found", "points"))
    for group, words, times, points in _reasons(story):
        why.add_row(group, Text(words), f"{times}×", f"{points:+.1f}")
    _say(out, why, gap=True)
    sources_table = _table("newspaper", "headline", "published", narrow=("newspaper", "published"))
    for source in story.sources:
        sources_table.add_row(Text(source.outlet), _one_line(source.title), source.published)
    _say(out, sources_table)


def act_not_flagged(out: Console, rows: Sequence[SilentRow]) -> None:
    _open_act(out, 4, "What was left alone, and why", "A no has a reason too.")
    table = _table("headline", "newspaper", "reason", "score", narrow=("newspaper", "reason", "score"), numbers=("score",))
    for row in rows:
        table.add_row(_one_line(row.title), Text(row.outlet, QUIET), Text(row.reason), f"{row.score:.2f}")
    _say(out, table)


def act_breaking(out: Console, arrival: Arrival) -> None:
    _open_act(out, 5, "Then news broke", "Two articles were published while you were reading.")
    _say(out, Text.assemble(("● ", ACCENT), (arrival.title, "bold"), (f"  {arrival.outlet}", QUIET)))
    _say(out, Text.assemble("  in the inbox ", (f"{arrival.seconds:.1f} s", GOOD), " after it was published"))
    _say(out, Text.assemble(("● ", ACCENT), (arrival.joined_title, "bold"), (f"  {arrival.joined_outlet}", QUIET)))
    _say(out, Text("  the same event: joined the story, nobody was told twice"))


def act_digest(out: Console, text: str) -> None:
    _open_act(out, 6, "The digest", "For those who would rather read it once, at half past seven.")
    lines = text.strip().splitlines()
    shown = lines[:DIGEST_LINES]
    rest = len(lines) - len(shown)
    paper = Text("\n".join(shown))
    if rest:
        paper.append(f"\n… {_count(rest, 'more line')} in digest.eml", QUIET)
    _say(out, Panel(paper, border_style=QUIET, padding=(1, 2)))


def act_received(out: Console, mail_headers: Mapping[str, str], webhook: Mapping[str, object], *, signature_ok: bool) -> None:
    """mail_headers: those worth showing, in order. webhook: the JSON document as it arrived."""
    _open_act(out, 7, "What arrived", "A real mail server and a real webhook took these in, on this machine.")
    mail = Table.grid(padding=(0, 2))
    for name, value in mail_headers.items():
        mail.add_row(Text(name, QUIET), _one_line(value))
    _say(out, Panel(mail, title="mail", title_align="left", border_style=QUIET, padding=(0, 2)))
    verdict = Text("✓ signature verified", GOOD) if signature_ok else Text("✗ signature does not verify", BAD)
    _say(out, Panel(Group(Text("\n".join(_json_lines(webhook))), verdict), title="webhook", title_align="left", border_style=QUIET, padding=(0, 2)))


def act_files(out: Console, paths: Mapping[str, Path], console_url: str) -> None:
    """paths: what each file is → where it lies."""
    _open_act(out, 8, "Look for yourself", "Everything you have seen lies in files.")
    table = Table.grid(padding=(0, 2))
    for label, path in paths.items():
        table.add_row(Text(label, QUIET), Text(str(path), overflow="fold"))
    if console_url:
        table.add_row(Text("console", QUIET), Text(console_url, f"link {console_url}"))
    _say(out, table, gap=True)
    _say(out, Text.assemble("Next: ", ("monitor init", "bold"), " writes a config.toml of your own, ", ("monitor run", "bold"), " keeps watch."), gap=True)


def _open_act(out: Console, number: int, title: str, sentence: str) -> None:
    out.print()
    out.rule(Text.assemble((f"{number}  ", QUIET), (title, ACCENT)), align="left", style=QUIET, characters="─")
    _say(out, Text(sentence), gap=True)


def _say(out: Console, what: RenderableType, *, gap: bool = False) -> None:
    out.print(Padding.indent(what, 2))
    if gap:
        out.print()


def _table(*columns: str, narrow: Sequence[str] = (), numbers: Sequence[str] = ()) -> Table:
    """narrow: columns that keep their width when the terminal is narrow, so that the others give way."""
    table = Table(box=SIMPLE_HEAD, header_style=QUIET, border_style=QUIET, show_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, justify="right" if name in numbers else "left", no_wrap=name in narrow)
    return table


def _one_line(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="ellipsis")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


Span = tuple[int, int]


def _hits(story: FlaggedStory, field: str) -> list[Span]:
    return sorted({(found.start, found.stop) for found in story.evidence if found.field == field and found.points > 0})


def _highlight(text: str, hits: Sequence[Span], *, marked: bool) -> Text:
    """The text with its hits under a marker pen, or in ›‹ where there are no pens."""
    shown, at = Text(), 0
    for start, stop in hits:
        if start < at:
            continue  # Hits may lie inside one another: the outer one is enough for the eye.
        shown.append(text[at:start])
        shown.append(f"›{text[start:stop]}‹" if marked else text[start:stop], MARKER)
        at = stop
    return shown.append(text[at:])


def _excerpt(text: str, hits: Sequence[Span]) -> tuple[str, list[Span]]:
    """The paragraph with the most hits, cut at a word, and the hits in it."""
    best, best_start, start = "", 0, 0
    most = -1
    for paragraph in text.split("\n"):
        inside = sum(start <= hit[0] < start + len(paragraph) for hit in hits)
        if inside > most:
            best, best_start, most = paragraph, start, inside
        start += len(paragraph) + 1
    if len(best) > EXCERPT_CHARACTERS:
        best = best[:EXCERPT_CHARACTERS].rsplit(" ", 1)[0] + " …"
    return best, [(first - best_start, last - best_start) for first, last in hits if best_start <= first and last <= best_start + len(best)]


def _reasons(story: FlaggedStory) -> list[tuple[str, str, int, float]]:
    """Per group: its name, the words as they stand in the article, how often, and their points; strongest first."""
    groups: dict[str, list[Evidence]] = {}
    for found in story.evidence:
        groups.setdefault(found.group, []).append(found)
    rows = []
    for group, members in groups.items():
        words = dict.fromkeys((story.title if found.field == "title" else story.text)[found.start : found.stop] for found in members)
        rows.append((group, ", ".join([*words][:5]), len(members), sum(found.points for found in members)))
    return sorted(rows, key=lambda row: -row[3])


def _json_lines(document: Mapping[str, object], indent: str = "") -> list[str]:
    """The document in few lines: long lists as their length, long strings cut."""
    lines = []
    for key, value in document.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}{key}:", *_json_lines(value, indent + "  ")]
        elif isinstance(value, list):
            lines.append(f"{indent}{key}: [{_count(len(value), 'item')}]")
        else:
            lines.append(f"{indent}{key}: {value if len(str(value)) <= 80 else str(value)[:79] + '…'}")
    return lines
