"""The demo as a visitor runs it: the command ends well, and everything it showed lies in files."""

import email
import email.policy
import json
import os
import subprocess
import sys


def test_the_demo_shows_the_story_and_ends_well(tmp_path):
    command = [sys.executable, "-m", "monitor", "demo", "--out", str(tmp_path)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=100, env=os.environ | {"NO_COLOR": "1"})

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "5 newspapers report the same event" in shown.stdout
    assert "✓ signature verified" in shown.stdout
    mail = email.message_from_bytes((tmp_path / "alert.eml").read_bytes(), policy=email.policy.default)
    assert "Odesa" in mail["Subject"]
    assert json.loads((tmp_path / "webhook.json").read_bytes())["data"]["sources"] == 5
    assert "Odesa" in (tmp_path / "digest.html").read_text()
    assert (tmp_path / "digest.eml").stat().st_size > 5_000
