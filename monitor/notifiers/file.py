"""Messages as files: one `.eml` or `.json` each, for first runs, the demo and scripts."""

import asyncio
import os
from pathlib import Path

from monitor.errors import DeliveryError


async def send(body: bytes, *, delivery_id: str, folder: Path) -> None:
    """Write the message whole or not at all; a second try replaces the first.

    raises: DeliveryError, never permanent: a disk can be emptied and a right be given.
    """
    suffix = ".json" if body.startswith(b"{") else ".eml"
    try:
        await asyncio.to_thread(_write, folder, Path(delivery_id).name + suffix, body)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        detail = f"{folder}: {reason}; make room or give the user that runs monitor the right to write there"
        raise DeliveryError("cannot-write", detail, permanent=False) from error


def _write(folder: Path, name: str, body: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f".{name}.tmp"
    with unfinished.open("wb") as target:
        target.write(body)
        target.flush()
        os.fsync(target.fileno())
    unfinished.replace(folder / name)
    # The new name is on disk only when its folder is.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
