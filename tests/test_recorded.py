"""The pages of docs/ show what the commands print."""

import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_what_the_pages_show_is_what_the_commands_print():
    done = subprocess.run([sys.executable, "docs/record.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "all pages say what the commands print\n"), (
        f"{done.stdout}{done.stderr}run docs/record.py, and look at what changed"
    )


def test_the_learning_curve_is_drawn_from_its_numbers():
    curve = runpy.run_path(str(ROOT / "docs/pictures/curve.py"))

    assert curve["SVG"].read_text("utf-8") == curve["drawn"]()
