"""Records what commands print into the pages of docs/, so that what stands there is what they say.

    .venv/bin/python docs/record.py            runs them all and writes the pages that changed
    .venv/bin/python docs/record.py --check    writes nothing; ends with 1 where a page says something else

A recorded block is one behind a line such as `<!-- recorded: monitor topics list -->`. Commands run in the repository's folder.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = "110"
BLOCK = re.compile(r"(<!-- recorded: (?P<command>.+?) -->\n```text\n)(?P<output>.*?)(```\n)", re.DOTALL)


def output_of(command: str) -> str:
    """What a command prints on stdout."""
    words = shlex.split(command)
    run = [sys.executable, "-m", "monitor", *words[1:]]
    environment = {**os.environ, "COLUMNS": COLUMNS, "NO_COLOR": "1"}
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603 -- ours
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr}")
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def recorded(page: str) -> str:
    """The page with every recorded block as its command prints it now."""
    return BLOCK.sub(lambda block: block[1] + output_of(block["command"]) + block[4], page)


def main() -> None:
    is_check = "--check" in sys.argv[1:]
    stale = []
    for path in sorted((ROOT / "docs").rglob("*.md")):
        before = path.read_text("utf-8")
        after = recorded(before)
        if after != before:
            stale.append(path.relative_to(ROOT).as_posix())
            if not is_check:
                path.write_text(after, "utf-8")
    sys.stdout.write("\n".join(stale or ["all pages say what the commands print"]) + "\n")
    sys.exit(1 if stale and is_check else 0)


if __name__ == "__main__":
    main()
