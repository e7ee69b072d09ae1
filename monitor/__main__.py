"""`python -m monitor`, and the `monitor` command."""

import os
import sys
from contextlib import suppress

from monitor.cli import main

__all__ = ["run"]


def run() -> None:
    """The command line; then the process ends at once: taking all its objects apart, which the system forgets as a whole, takes as long as sixty polls."""
    code = 0
    try:
        main()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it had enough
        pass
    except OSError as error:
        code = 74
        with suppress(OSError):
            sys.stderr.write(f"output: {error.strerror}\n")
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
