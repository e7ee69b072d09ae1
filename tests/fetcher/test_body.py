"""Bodies: unpacked on the way, given up when they are too much."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import BadBody
from monitor.fetcher.body import BoundedBody

TEXT = "<rss>новини</rss>".encode() * 50
MIB = 1024 * 1024


def raw_deflate(body: bytes) -> bytes:
    return zlib.compress(body, wbits=-zlib.MAX_WBITS)


def taken(wire: bytes, encoding: str = "", *, max_bytes: int = 5 * MIB, chunk_bytes: int = 65536) -> bytes:
    body = BoundedBody("http://a.example/", encoding, max_bytes)
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
    ],
)
def test_a_body_is_unpacked_whatever_the_chunks(encoding, pack, chunk_bytes):
    assert taken(pack(TEXT), encoding, chunk_bytes=chunk_bytes) == TEXT


@given(st.binary(max_size=5000), st.sampled_from(["gzip", "deflate"]), st.integers(1, 300))
def test_what_was_packed_comes_out_again(body, encoding, chunk_bytes):
    pack = gzip.compress if encoding == "gzip" else zlib.compress

    assert taken(pack(body), encoding, chunk_bytes=chunk_bytes) == body


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]))
def test_noise_under_a_packing_is_a_bad_body_or_a_body(noise, encoding):
    found = body_or_reason(noise, encoding)

    assert isinstance(found, bytes) or found in ("bad-encoding", "bomb", "too-large")


def body_or_reason(noise, encoding):
    try:
        return taken(noise, encoding)
    except BadBody as refused:
        return refused.reason


def test_a_body_that_unpacks_in_many_full_pieces_is_whole():
    text = bytes(range(256)) * 4096  # 1 MiB that packs well, in pieces of exactly 64 KiB

    assert taken(gzip.compress(text), "gzip") == text


def test_an_empty_body_may_call_itself_packed():
    assert taken(b"", "gzip") == b""


@pytest.mark.parametrize(
    ("wire", "encoding", "reason"),
    [
        pytest.param(b"x" * 101, "", "too-large", id="too many bytes"),
        pytest.param(gzip.compress(bytes(range(256))), "gzip", "too-large", id="too many bytes on the wire"),
        pytest.param(gzip.compress(b"x" * 101), "gzip", "too-large", id="too many bytes after unpacking"),
        pytest.param(b"<rss/>", "gzip", "bad-encoding", id="gzip over plain text"),
        pytest.param(gzip.compress(b"<rss/>")[:-3], "gzip", "bad-encoding", id="gzip cut short"),
        pytest.param(zlib.compress(b"<rss/>")[:-5], "deflate", "bad-encoding", id="deflate cut short"),
        pytest.param(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", "bad-encoding", id="two gzip members"),
        pytest.param(gzip.compress(gzip.compress(b"a")), "gzip, gzip", "bad-encoding", id="packed twice"),
        pytest.param(b"x", "br", "bad-encoding", id="brotli, which we did not announce"),
        pytest.param(b"x", "zstd", "bad-encoding", id="zstd, which we did not announce"),
    ],
)
def test_a_bad_body_has_its_reason(wire, encoding, reason):
    with pytest.raises(BadBody) as error:
        taken(wire, encoding, max_bytes=100)

    assert error.value.reason == reason


def test_two_gzip_members_are_seen_when_the_border_falls_between_chunks():
    with pytest.raises(BadBody, match="bad-encoding"):
        taken(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", chunk_bytes=1)


def test_a_bomb_is_noticed_long_before_it_is_unpacked():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    wire = b"".join(packer.compress(bytes(MIB)) for _ in range(200))

    with pytest.raises(BadBody) as error:
        taken(wire, "gzip", max_bytes=50 * MIB, chunk_bytes=1000)

    assert error.value.reason == "bomb"
    assert unpacked_bytes(error.value) < 2 * MIB


def unpacked_bytes(error: BadBody) -> int:
    """How far it got, as the error's text says."""
    return int(error.detail.split()[-1])
