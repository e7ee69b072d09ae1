"""One event is one line, whatever strangers wrote into it."""

import json
import subprocess
import sys

import pytest

SAY = "import sys; from monitor import telemetry; telemetry.configure(as_json=sys.argv[1] == 'json'); telemetry.log.warning('read', title=sys.stdin.buffer.read().decode())"


def said(title: str, form: str) -> str:
    return subprocess.run([sys.executable, "-c", SAY, form], input=title.encode(), capture_output=True, check=True).stderr.decode()


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("News\r\n2026-01-01 [error] fake", id="A41 CR LF"),
        pytest.param('News\n{"event": "fake"}', id="A41 LF"),
        pytest.param("News\u2028next\u2029next\x85next\x0bnext", id="A41 line ends of Unicode"),
        pytest.param("News\x00\x1b[31m red \x9b31m", id="A41 NUL and terminal codes"),
        pytest.param("News \u202egpj.exe\u2066", id="A43 turned around"),
    ],
)
def test_A41_A43_what_strangers_write_stays_on_its_line_of_the_log(title):
    lines = said(title, "json")
    (line,) = lines.splitlines()
    (words,) = said(title, "console").splitlines()

    assert json.loads(line)["event"] == "read"
    assert json.loads(line)["title"].startswith("News")
    assert not any(letter in line + words for letter in "\r\x00\x1b\x9b\u2028\u202e\u2066")
