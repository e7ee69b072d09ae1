"""Bodies: unpacked on the way, given up when they are too much."""

import gzip
import subprocess
import sys
import zlib

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import BadBody
from monitor.fetcher.body import BoundedBody

TEXT = "<rss>новини</rss>".encode() * 50
MIB = 1024 * 1024


def raw_deflate(body: bytes) -> bytes:
    return zlib.compress(body, wbits=-zlib.MAX_WBITS)


def zstd_window(window_log: int) -> dict[int, int]:
    return {zstd.CompressionParameter.window_log: window_log}


def bomb(packing: str, size: int) -> bytes:
    """So many zeros, packed as small as it goes; packed in pieces, so that the test needs no memory for them either."""
    packer = {
        "gzip": lambda: zlib.compressobj(9, zlib.DEFLATED, 31),
        "br": lambda: Brotli(lgwin=24),
        "zstd": lambda: zstd.ZstdCompressor(options=zstd_window(23)),
    }
    stream = packer[packing]()
    return b"".join(stream.compress(bytes(MIB)) for _ in range(size // MIB)) + stream.flush()


def wide_window(body: bytes) -> bytes:
    stream = zstd.ZstdCompressor(options=zstd_window(24))
    return stream.compress(body) + stream.flush()  # in two steps, because a known size would make the window small


class Brotli:
    """brotli's packer, with the names that the others have."""

    def __init__(self, lgwin: int):
        stream = brotli.Compressor(quality=5, lgwin=lgwin)
        self.compress, self.flush = stream.process, stream.finish


PACKINGS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}


def taken(wire: bytes, encoding: str = "", *, max_bytes: int = 5 * MIB, chunk_bytes: int = 65536, cut: bool = False) -> bytes:
    body = BoundedBody("http://a.example/", encoding, max_bytes, cut=cut)
    for start in range(0, len(wire), chunk_bytes):
        body.take(wire[start : start + chunk_bytes])
    return body.whole()


@pytest.mark.parametrize("chunk_bytes", [1, 7, 65536])
@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        pytest.param("", bytes, id="as it is"),
        pytest.param("identity", bytes, id="identity"),
        pytest.param("gzip", gzip.compress, id="gzip"),
        pytest.param("x-gzip", gzip.compress, id="x-gzip"),
        pytest.param("deflate", zlib.compress, id="deflate in zlib's wrapping"),
        pytest.param("deflate", raw_deflate, id="bare deflate"),
        pytest.param("gzip", lambda body: gzip.compress(body) + b"\0" * 20, id="gzip with padding behind it"),
        pytest.param("br", brotli.compress, id="brotli"),
        pytest.param("zstd", zstd.compress, id="zstd"),
        pytest.param("zstd", lambda body: zstd.compress(body, options=zstd_window(23)), id="zstd with the largest window"),
    ],
)
def test_a_body_is_unpacked_whatever_the_chunks(encoding, pack, chunk_bytes):
    assert taken(pack(TEXT), encoding, chunk_bytes=chunk_bytes) == TEXT


@given(st.text(max_size=2000), st.sampled_from(sorted(PACKINGS)), st.integers(1, 300))
def test_what_was_packed_comes_out_again(text, encoding, chunk_bytes):
    body = text.encode(errors="replace")

    assert taken(PACKINGS[encoding](body), encoding, chunk_bytes=chunk_bytes) == body


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        pytest.param("deflate", gzip.compress, id="gzip that is called deflate"),
        pytest.param("gzip", zlib.compress, id="deflate that is called gzip"),
        pytest.param("", gzip.compress, id="gzip that nobody names"),
        pytest.param("utf-8", bytes, id="a charset where the packing belongs"),
        pytest.param("none", gzip.compress, id="a stored gzip file called none"),
        pytest.param("gzip", lambda body: gzip.compress(gzip.compress(body)), id="a stored gzip file, packed once more"),
        pytest.param("br", lambda body: brotli.compress(gzip.compress(body)), id="a stored gzip file, packed with brotli"),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 7, 65536])
def test_Q36_a_wrong_or_doubled_packing_is_undone_once_by_its_first_bytes(encoding, pack, chunk_bytes):
    assert taken(pack(TEXT), encoding, chunk_bytes=chunk_bytes) == TEXT


def test_Q36_what_is_packed_three_times_stays_packed_inside():
    thrice = gzip.compress(gzip.compress(gzip.compress(TEXT)))

    assert taken(thrice, "gzip") == gzip.compress(TEXT)


@given(st.binary(max_size=300), st.sampled_from(sorted(PACKINGS)))
def test_noise_under_a_packing_is_a_bad_body_or_a_body(noise, encoding):
    found = body_or_reason(noise, encoding)

    assert isinstance(found, bytes) or found in ("bad-encoding", "bomb", "too-large", "content-type")


def body_or_reason(noise, encoding):
    try:
        return taken(noise, encoding)
    except BadBody as refused:
        return refused.reason


def test_a_body_that_unpacks_in_many_full_pieces_is_whole():
    text = bytes(range(256)) * 4096  # 1 MiB that packs well, in pieces of exactly 64 KiB

    assert taken(gzip.compress(text), "gzip") == text


@pytest.mark.parametrize("encoding", sorted(PACKINGS))
def test_an_empty_body_may_call_itself_packed(encoding):
    assert taken(b"", encoding) == b""


@pytest.mark.parametrize(
    ("wire", "encoding", "reason"),
    [
        pytest.param(b"x" * 101, "", "too-large", id="too many bytes"),
        pytest.param(gzip.compress(bytes(range(256))), "gzip", "too-large", id="too many bytes on the wire"),
        pytest.param(gzip.compress(b"x" * 101), "gzip", "too-large", id="too many bytes after unpacking"),
        pytest.param(brotli.compress(b"x" * 101), "br", "too-large", id="too many bytes after unpacking brotli"),
        pytest.param(zstd.compress(b"x" * 101), "zstd", "too-large", id="too many bytes after unpacking zstd"),
        pytest.param(gzip.compress(b"x" * 101), "", "too-large", id="too many bytes after unpacking what nobody called packed"),
        pytest.param(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", "bad-encoding", id="two gzip members"),
        pytest.param(zstd.compress(b"a") + zstd.compress(b"b"), "zstd", "bad-encoding", id="two zstd frames"),
        pytest.param(gzip.compress(gzip.compress(b"a")), "gzip, gzip", "bad-encoding", id="A26 two packings announced"),
        pytest.param(brotli.compress(gzip.compress(b"a")), "gzip, br", "bad-encoding", id="A26 two different packings announced"),
        pytest.param(wide_window(b"<rss/>"), "zstd", "bad-encoding", id="A26 zstd with a window of 16 MB"),
        pytest.param(b"x", "compress", "bad-encoding", id="a packing that we did not announce"),
        pytest.param(b"<rss/>", "gzip", "bad-encoding", id="A27 plain text called gzip"),
        pytest.param(b"<rss/>", "deflate", "bad-encoding", id="A27 plain text called deflate"),
        pytest.param(b"<rss/>", "br", "bad-encoding", id="A27 plain text called br"),
        pytest.param(b"<rss/>", "zstd", "bad-encoding", id="A27 plain text called zstd"),
        pytest.param(gzip.compress(b"<rss/>")[:-3], "gzip", "bad-encoding", id="A27 gzip cut short"),
        pytest.param(zlib.compress(b"<rss/>")[:-5], "deflate", "bad-encoding", id="A27 deflate cut short"),
        pytest.param(brotli.compress(b"<rss/>")[:-2], "br", "bad-encoding", id="A27 brotli cut short"),
        pytest.param(zstd.compress(b"<rss/>")[:-2], "zstd", "bad-encoding", id="A27 zstd cut short"),
        pytest.param(gzip.compress(b"<rss/>")[:-3], "", "bad-encoding", id="A27 a gzip file cut short"),
    ],
)
def test_a_bad_body_has_its_reason(wire, encoding, reason):
    with pytest.raises(BadBody) as error:
        taken(wire, encoding, max_bytes=100)

    assert error.value.reason == reason


def test_two_gzip_members_are_seen_when_the_border_falls_between_chunks():
    with pytest.raises(BadBody, match="bad-encoding"):
        taken(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", chunk_bytes=1)


@pytest.mark.parametrize("chunk_bytes", [1000, 256 * 1024])
@pytest.mark.parametrize("packing", ["gzip", "br", "zstd"])
def test_A26_a_bomb_in_every_packing_is_noticed_long_before_it_is_unpacked(packing, chunk_bytes):
    with pytest.raises(BadBody) as error:
        taken(bomb(packing, 200 * MIB), packing, max_bytes=50 * MIB, chunk_bytes=chunk_bytes)

    assert error.value.reason == "bomb"
    assert unpacked_bytes(error.value) < 9 * MIB


@pytest.mark.parametrize("packing", ["gzip", "br", "zstd"])
def test_A26_a_bomb_inside_a_packing_is_noticed_too(packing):
    wire = PACKINGS[packing](bomb("gzip", 50 * MIB))

    with pytest.raises(BadBody, match="bomb"):
        taken(wire, packing, max_bytes=20 * MIB)


def test_A26_what_follows_behind_a_packed_body_is_counted_too():
    """An unpacker that is done takes whatever comes, so a bomb could hide behind a short text."""
    wire = gzip.compress(gzip.compress(b"<rss/>") + bytes(50 * MIB))

    with pytest.raises(BadBody, match="bomb"):
        taken(wire, "gzip", max_bytes=20 * MIB)


MEASURE = """
import resource, sys
from monitor.errors import BadBody
from monitor.fetcher.body import BoundedBody, _unpacker
wire, packing = sys.stdin.buffer.read(), sys.argv[1]
_unpacker("", packing)  # the library itself is no part of the measure
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
body = BoundedBody("", packing, 5 * 1024 * 1024)
try:
    for start in range(0, len(wire), 65536):
        body.take(wire[start : start + 65536])
except BadBody as refused:
    print(refused.reason, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("packing", ["gzip", "br", "zstd"])
def test_A26_a_bomb_costs_little_memory(packing):
    run = subprocess.run([sys.executable, "-c", MEASURE, packing], input=bomb(packing, 200 * MIB), capture_output=True, check=True, timeout=60)

    reason, grown_kib = run.stdout.split()
    assert reason == b"bomb"
    assert int(grown_kib) < 16 * 1024


# --------------------------------------------------------------------------------- what it is
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"%PDF-1.7 ...", "PDF", id="A57 PDF"),
        pytest.param(b"PK\x03\x04" + bytes(30), "ZIP", id="A57 ZIP"),
        pytest.param(b"\0\0\0\x20ftypisom" + bytes(30), "MP4", id="A57 MP4"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(30), "PNG", id="A57 PNG"),
        pytest.param(b"\xff\xd8\xff\xe0" + bytes(30), "JPEG", id="A57 JPEG"),
        pytest.param(b"GIF89a", "GIF", id="A57 GIF"),
        pytest.param(b"OggS" + bytes(30), "Ogg", id="A57 Ogg"),
        pytest.param(b"\x7fELF" + bytes(30), "a program", id="A57 a program"),
    ],
)
@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
@pytest.mark.parametrize("chunk_bytes", [1, 65536])
def test_what_is_no_text_is_known_by_its_first_bytes(body, kind, encoding, chunk_bytes):
    wire = PACKINGS[encoding](body) if encoding else body

    with pytest.raises(BadBody, match=f"content-type .it is {kind}"):
        taken(wire, encoding, chunk_bytes=chunk_bytes)


@pytest.mark.parametrize(
    "body", [b"<rss/>", b"\xef\xbb\xbf<rss/>", "<rss/>".encode("utf-16"), b"\n\n <html>", b'{"version": 1}', b"II", b"ID", b"", b"\0" * 40]
)
def test_what_could_be_a_document_is_taken(body):
    assert taken(body) == body


# ------------------------------------------------------------------------------------- cutting
@pytest.mark.parametrize("encoding", ["", *PACKINGS])
@pytest.mark.parametrize("chunk_bytes", [1, 7, 65536])
def test_A61_a_body_that_may_be_cut_is_cut_at_its_limit(encoding, chunk_bytes):
    wire = PACKINGS[encoding](TEXT) if encoding else TEXT

    assert taken(wire, encoding, max_bytes=100, chunk_bytes=chunk_bytes, cut=True) == TEXT[:100]
    assert taken(wire, encoding, max_bytes=len(TEXT), chunk_bytes=chunk_bytes, cut=True) == TEXT


def test_a_bomb_is_refused_even_where_it_may_be_cut():
    body = BoundedBody("", "gzip", 20 * MIB, cut=True)

    with pytest.raises(BadBody, match="bomb"):
        body.take(bomb("gzip", 50 * MIB)[:20_000])


def unpacked_bytes(error: BadBody) -> int:
    """How far it got, as the error's text says."""
    return int(error.detail.split()[-1])


@pytest.mark.parametrize(("encoding", "pack"), [("deflate", zlib.compress), ("deflate", raw_deflate), ("gzip", gzip.compress)])
@pytest.mark.parametrize("junk", [b"junk" * 100, b"\x78\x9c" * 300])
def test_A26_what_follows_the_end_of_a_long_packing_does_not_hold_us_for_ever(encoding, pack, junk):
    news = bytes(range(256)) * 1200  # more than one piece, so that the end comes in a later one

    body = BoundedBody("https://e.org/", encoding, 1_000_000)
    body.take(pack(news) + junk)

    assert body.whole() == news
