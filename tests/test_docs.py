"""Every command, option, metric and reason is in the reference, and every example there can be typed."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import monitor as package
from monitor.alerts.decide import Action
from monitor.alerts.decide import Reason as AlertReason
from monitor.cli import monitor
from monitor.feeds.cadence import PollOutcome, Why
from monitor.fetcher.advice import ADVICE
from monitor.model import DeliveryState, FeedState, Outcome
from monitor.status import ArticleStatus
from monitor.stories.details import Reason as StoryReason
from monitor.telemetry import REGISTRY

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"


def sections(page: str) -> dict[str, str]:
    """The text below each heading of a page of the reference."""
    text = (REFERENCE / page).read_text("utf-8")
    return {part.partition("\n")[0]: part for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]}


def named(text: str) -> set[str]:
    """Everything between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def commands(command: click.Command = monitor, *names: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name."""
    if not isinstance(command, click.Group):
        yield " ".join(("monitor", *names)), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found
        yield from commands(found, *names, name)


COMMANDS = dict(commands())
GLOBAL = {option for parameter in monitor.params for option in parameter.opts}


def options_of(command: click.Command) -> set[str]:
    return {option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts} - GLOBAL - {"--help", "-h"}


# -------------------------------------------------------------------------------------------- commands
def test_the_reference_has_a_section_for_each_command_and_for_no_other():
    assert {title for title in sections("commands.md") if title.startswith("monitor ")} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_a_command_are_those_in_the_reference(name):
    documented = set(re.findall(r"^\| `(--[a-z-]+)", sections("commands.md")[name], re.MULTILINE))

    assert documented == options_of(COMMANDS[name])


def test_the_global_options_are_in_the_reference():
    assert {word.split()[0] for word in named(sections("commands.md")["Global options"])} >= GLOBAL


@pytest.mark.parametrize("page", sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")))
def test_every_line_to_type_is_understood(page):
    blocks = re.findall(r"^```(?:sh|console|bash)?\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [part.strip() for block in blocks for line in block.splitlines() for part in re.split(r"\||&&", line)]

    typed = [line for line in lines if re.match(r"(\S*/)?monitor( |$)", line)]

    assert [understand(shlex.split(line, comments=True)[1:]) for line in typed] == [True] * len(typed)


def understand(words: list[str]) -> bool:
    """Parse a command line as the program would, without doing it. raises: click.UsageError."""
    command: click.Command = monitor
    context = command.make_context("monitor", [*words])
    while isinstance(command, click.Group):
        _, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found
        command, context = found, found.make_context(found.name, rest, parent=context)
    return True


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"monitor run", "monitor demo"}))
def test_the_schema_of_a_command_is_in_the_reference(name):
    assert f"JSON `{name.removeprefix('monitor ')}/1`:" in sections("commands.md")[name]


def test_every_exit_code_is_in_the_reference():
    from monitor.cli import EXIT

    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", sections("commands.md")["Exit codes"], re.MULTILINE)}

    assert {*EXIT.values(), 0, 1, 2, 70, 74, 77, 130} == documented


# --------------------------------------------------------------------------------------------- metrics
def test_every_metric_is_in_the_reference_with_its_labels():
    documented = set(re.findall(r"^\| `(newsmonitor_[^`]+)`", (REFERENCE / "metrics.md").read_text("utf-8"), re.MULTILINE))
    found = set()
    for collector in list(REGISTRY._collector_to_names):
        labels = ",".join(collector._labelnames)
        name = collector._name + ("_total" if collector._type == "counter" else "")
        found.add(name + (f"{{{labels}}}" if labels else ""))

    assert documented == found


# --------------------------------------------------------------------------------------------- reasons
@pytest.mark.parametrize(
    ("title", "codes"),
    [
        pytest.param("Who hears of a story", AlertReason, id="alerts"),
        pytest.param("Which story an article belongs to", StoryReason, id="stories"),
        pytest.param("When a feed is asked again", Why, id="polls"),
    ],
)
def test_a_table_of_reasons_holds_those_of_the_code_and_no_others(title, codes):
    assert codes_in(sections("reasons.md")[title]) == {str(code) for code in codes}


@pytest.mark.parametrize("codes", [Action, ArticleStatus, FeedState, DeliveryState, Outcome, PollOutcome], ids=lambda codes: codes.__name__)
def test_every_state_is_named_in_the_reference(codes):
    text = "".join(path.read_text("utf-8") for path in REFERENCE.glob("*.md"))

    assert {str(code) for code in codes} <= {word for code in named(text) for word in re.findall(r"[a-z-]+", code)}


@pytest.mark.parametrize(
    ("title", "folders", "calls", "least"),
    [
        pytest.param(
            "Why a request gave no answer", ["fetcher", "pipeline"], {"Refused": 1, "Unreachable": 1, "BadStatus": 1, "BadBody": 1}, 20, id="requests"
        ),
        pytest.param("Why a message was not taken", ["notifiers", "pipeline"], {"DeliveryError": 0}, 15, id="messages"),
        pytest.param("What is odd in a feed", ["feeds"], {"Problem": None, "problem": 0, "_no_feed": 0}, 9, id="feeds"),
        pytest.param("What we have of an article", ["articles"], {"Problem": None, "Grade": None}, 20, id="articles"),
    ],
)
def test_every_reason_that_the_code_gives_is_in_the_reference(title, folders, calls, least):
    given = {code for folder in folders for path in sources(folder) for code in codes_given(path, calls)}

    assert len(given) >= least  # else this test has lost sight of them
    assert given <= codes_in(sections("reasons.md")[title])


@pytest.mark.parametrize("title", ["Why a request gave no answer", "What is odd in a feed", "What we have of an article", "Why a message was not taken"])
def test_the_reference_knows_no_reason_that_the_code_never_gives(title):
    codes = (path for path in sources("") if path.name != "advice.py")  # which speaks of all of them
    written = {node.value for path in codes for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}

    assert {code for code in codes_in(sections("reasons.md")[title]) - written if not code.startswith("status-")} == set()


def test_the_reference_gives_the_advice_that_commands_give():
    tables = [sections("reasons.md")[title] for title in ("Why a request gave no answer", "What is odd in a feed")]
    rows = [re.split(r"\s*\|\s*", row) for table in tables for row in re.findall(r"^\| *(`.+?) *\|$", table, re.MULTILINE)]

    assert {code.strip("`"): what_to_do.replace("`", "") for code, _, what_to_do in rows} == ADVICE


def codes_in(text: str) -> set[str]:
    """The codes in the first column of the tables."""
    return {code for row in re.findall(r"^\|(.+?)\|", text, re.MULTILINE) for code in named(row)}


def sources(folder: str) -> Iterator[Path]:
    path = Path(package.__file__).parent / folder
    yield from [path] if path.is_file() else path.rglob("*.py")


def codes_given(path: Path, calls: dict[str, int | None]) -> Iterator[str]:
    """The codes that a file hands to these calls, and those in its tables and functions that say why.

    calls: at which position the code stands; None: only by the names `code` and `reason`.
    """
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and (name := name_of(node.func)) in calls:
            position = calls[name]
            handed = [node.args[position]] if position is not None and position < len(node.args) else []
            yield from strings([*handed, *(word.value for word in node.keywords if word.arg in {"code", "reason"})])
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and name_of(node.targets[0]) in {"STATUS_REASONS", "reasons"}:
            yield from strings(node.value.values)
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("_why"):
            yield from strings([part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value])


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def strings(nodes: list[ast.expr]) -> Iterator[str]:
    """Text constants, also inside a choice between two; what f-strings make is not known here."""
    for node in nodes:
        if isinstance(node, ast.IfExp):
            yield from strings([node.body, node.orelse])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
