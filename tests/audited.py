"""Runs `monitor` and writes down every connection that Python makes: `python tests/audited.py FILE ARGUMENT…`.

On plain asyncio, because uvloop connects in C, where no audit hook looks.
"""

import atexit
import json
import socket
import sys
from pathlib import Path
from types import FrameType

DOOR = ("_guarded_socket", str(Path("monitor", "fetcher", "client.py")))
LOOKUP = ("look", DOOR[1])

events: list[dict] = []
guarded: list[socket.socket] = []  # kept, so that no other socket gets their identity


def called_by(function: tuple[str, str]) -> bool:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_name == function[0] and frame.f_code.co_filename.endswith(function[1]):
            return True
        frame = frame.f_back
    return False


def note(event: str, arguments: tuple) -> None:
    if event == "socket.__new__" and called_by(DOOR):
        guarded.append(arguments[0])
    elif event in ("socket.connect", "socket.sendto"):
        host, *_ = arguments[1] if isinstance(arguments[1], tuple) else (str(arguments[1]),)
        events.append({"event": event, "host": host, "is_guarded": any(known is arguments[0] for known in guarded)})
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        events.append({"event": event, "host": arguments[0], "is_guarded": called_by(LOOKUP)})
    elif event in ("urllib.Request", "smtplib.connect", "ftplib.connect", "http.client.connect", "os.system", "webbrowser.open"):
        events.append({"event": event, "host": str(arguments[:1]), "is_guarded": False})
    elif event == "subprocess.Popen":
        events.append({"event": event, "host": str(arguments[0]), "is_guarded": arguments[0] == sys.executable})


if __name__ == "__main__":
    path, sys.argv = Path(sys.argv[1]), ["monitor", *sys.argv[2:]]
    sys.modules["uvloop"] = None  # type: ignore[assignment]  # as where it is not installed
    atexit.register(lambda: path.write_text(json.dumps(events)))
    sys.addaudithook(note)
    from monitor.cli import main

    main()
