"""Messages as files."""

from pathlib import Path

import pytest

from monitor.errors import DeliveryError
from monitor.notifiers import file


async def test_a_message_becomes_one_file_named_after_its_delivery(tmp_path: Path):
    await file.send(b"From: a\r\n\r\nHi", delivery_id="d1", folder=tmp_path / "spool")
    await file.send(b'{"type":"webhook.test"}', delivery_id="d2", folder=tmp_path / "spool")

    assert sorted(path.name for path in (tmp_path / "spool").iterdir()) == ["d1.eml", "d2.json"]


async def test_a_second_try_replaces_the_first(tmp_path: Path):
    for body in (b"From: a\r\n\r\nold", b"From: a\r\n\r\nnew"):
        await file.send(body, delivery_id="d1", folder=tmp_path)

    (path,) = tmp_path.iterdir()
    assert path.read_bytes().endswith(b"new")


async def test_a_delivery_cannot_leave_its_folder(tmp_path: Path):
    await file.send(b"From: a\r\n\r\nHi", delivery_id="../../d1", folder=tmp_path / "a" / "spool")

    assert [path.name for path in (tmp_path / "a" / "spool").iterdir()] == ["d1.eml"]


async def test_a_folder_that_cannot_be_written_is_tried_again_with_advice(tmp_path: Path):
    (tmp_path / "spool").write_text("a file where a folder should be")

    with pytest.raises(DeliveryError) as refused:
        await file.send(b"From: a\r\n\r\nHi", delivery_id="d1", folder=tmp_path / "spool")

    assert (refused.value.reason, refused.value.permanent) == ("cannot-write", False)
    assert "right to write" in str(refused.value)
