"""The import contracts hold, and a planted violation of each is caught."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

VIOLATIONS = [
    pytest.param("feeds/parse.py", "import monitor.store.database", "Imports point one way", id="the core reaches for an edge"),
    pytest.param("config/paths.py", "import monitor.store.feeds", "Imports point one way", id="one edge reaches for another"),
    pytest.param("matcher/match.py", "import monitor.stories.title", "Imports point one way", id="one core room reaches for another"),
    pytest.param("pipeline/poll.py", "import monitor.service", "Imports point one way", id="a step reaches for the service"),
    pytest.param("stories/title.py", "import random", "The core only thinks", id="chance in the core"),
    pytest.param("alerts/decide.py", "import sqlalchemy", "The core only thinks", id="a database in the core"),
    pytest.param("service.py", "import aiohttp", "HTTP has one door", id="a second door to HTTP"),
    pytest.param("pipeline/close.py", "import sqlalchemy", "SQL has one door", id="a second door to SQL"),
    pytest.param("cli/watch.py", "import smtplib", "Mail has one door", id="a second door to mail"),
    pytest.param("newroom/__init__.py", "", "monitor.newroom", id="a room without a place"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--config", str(folder / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contracts")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "monitor", folder / "monitor", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_the_contracts_hold(copy):
    checked = lint(copy)

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(("file", "planted", "contract"), VIOLATIONS)
def test_a_planted_violation_is_caught(copy, file, planted, contract):
    path = copy / "monitor" / file
    before = path.read_text() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{planted}\n")
    try:
        checked = lint(copy)
    finally:
        if before is None:
            shutil.rmtree(path.parent)
        else:
            path.write_text(before)

    assert checked.returncode != 0
    assert contract in checked.stdout + checked.stderr
