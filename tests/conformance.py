"""Which test shows which statement: `python tests/conformance.py` writes docs/reference/conformance.md.

Tests say it themselves: `test_C09_C10_…` in their names, "A04 mapped IPv4" in the ids of their cases. Read from the sources, so it costs a second.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "conformance.md"
LEDGER = tomllib.loads((ROOT / "tests" / "conformance.toml").read_text("utf-8"))
STATEMENTS: dict[str, str] = LEDGER["statements"]
LEFT_OUT: dict[str, str] = LEDGER["left_out"]

ID = re.compile(r"[ACQ]\d\d")
IN_NAME = re.compile(r"test_((?:[ACQ]\d\d_)+)")
IN_CASE = re.compile(r"((?:[ACQ]\d\d[ ,]*)+)(?![\w-])")

HEAD = """# Conformance

What the watch promises, each with the tests that show it.
`make conformance` writes this page from tests/conformance.toml and the names of the tests; tests/test_conformance.py holds it to them.

```sh
pytest -q tests -k "C01 or A26"
```
"""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Shown:
    """One test that names one statement."""

    id: str
    file: str
    test: str


def shown(root: Path = ROOT) -> list[Shown]:
    """Every pair of statement and test, in order."""
    found = {
        Shown(id=id, file=path.relative_to(root / "tests").as_posix(), test=name)
        for path in (root / "tests").rglob("test_*.py")
        for name, ids in ids_by_test(path.read_text("utf-8"))
        for id in ids
    }
    return sorted(found)


def ids_by_test(source: str) -> Iterator[tuple[str, set[str]]]:
    """Each test of a file, with the ids in its name and in those of its cases."""
    tree = ast.parse(source)
    tables = {target.id: node.value for node in tree.body if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            named = IN_NAME.match(node.name)
            ids = set(ID.findall(named[1])) if named else set()
            yield node.name, ids | {id for decorator in node.decorator_list for id in _in_cases(decorator, tables)}


def _in_cases(decorator: ast.expr, tables: dict[str, ast.expr]) -> Iterator[str]:
    """From `id="…"` of a case and `ids=[…]` of a table, also of tables above that are only named."""
    named = (node.id for node in ast.walk(decorator) if isinstance(node, ast.Name))
    for node in chain(ast.walk(decorator), *(ast.walk(tables[name]) for name in named if name in tables)):
        if isinstance(node, ast.keyword) and node.arg in ("id", "ids"):
            for part in ast.walk(node.value):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and (case := IN_CASE.match(part.value)):
                    yield from ID.findall(case[1])


def page(pairs: list[Shown]) -> str:
    """The text of docs/reference/conformance.md."""
    return HEAD + "".join(_group(letter, group, pairs) for letter, group in LEDGER["groups"].items())


def _group(letter: str, group: dict[str, str], pairs: list[Shown]) -> str:
    rows = "".join(_row(id, says, [pair for pair in pairs if pair.id == id]) for id, says in STATEMENTS.items() if id.startswith(letter))
    return f"\n## {group['title']}\n{group['says']}\n\n| id | statement | tests | state |\n|---|---|---|---|\n{rows}"


def _row(id: str, says: str, pairs: list[Shown]) -> str:
    tests = "<br>".join(f"`{pair.file}::{pair.test}`" for pair in pairs)
    state = "shown" if pairs else f"left out: {LEFT_OUT[id]}" if id in LEFT_OUT else "**missing**"
    return f"| {id} | {says} | {tests} | {state} |\n"


def missing(pairs: list[Shown]) -> list[str]:
    """Statements that no test shows and that are not left out."""
    have = {pair.id for pair in pairs}
    return [id for id in STATEMENTS if id not in have and id not in LEFT_OUT]


def main() -> None:
    pairs = shown()
    PAGE.write_text(page(pairs), "utf-8")
    without = missing(pairs)
    print(f"{PAGE.relative_to(ROOT)}: {len(STATEMENTS)} statements, {len(without)} without a test{': ' if without else ''}{' '.join(without)}")  # noqa: T201


if __name__ == "__main__":
    main()
