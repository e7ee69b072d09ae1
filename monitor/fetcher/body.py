"""Bodies as they come in: counted on the wire and after unpacking, and given up as soon as they are too much."""

import zlib
from collections.abc import Iterator
from typing import Protocol

from monitor.errors import BadBody

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

# Unpacked in pieces of about this size, so that a bomb is noticed before it is in memory.
PIECE_BYTES = 64 * 1024
# And from this much of the wire at a time, so that it is known how little gave so much.
SLICE_BYTES = 8 * 1024
# Deflate cannot do better than 1032 to 1; feeds and pages stay below 20 to 1. Small bodies may do what they like.
BOMB_RATIO = 100
BOMB_FROM_BYTES = 1024 * 1024
# 8 MB, which is what a receiver has to allow and need not exceed (RFC 8878 §3.1.1.1.2). Brotli's own limit is 16 MB.
ZSTD_WINDOW_LOG = 23

# Said by servers that mean "not packed at all": a charset, or a mail's transfer encoding, under the wrong name.
_NOT_PACKED = frozenset(("", "identity", "none", "utf-8", "utf8", "binary", "8bit", "iso-8859-1", "text"))
_GZIP_MAGIC = b"\x1f\x8b\x08"
_GZIP_FIRST = _GZIP_MAGIC[0]

# What a document of ours never begins with, whatever its label says; position and first bytes.
_FILES = (
    ("PDF", 0, b"%PDF-"),
    ("ZIP", 0, b"PK\x03\x04"),
    ("RAR", 0, b"Rar!\x1a\x07"),
    ("7z", 0, b"7z\xbc\xaf\x27\x1c"),
    ("XZ", 0, b"\xfd7zXZ\x00"),
    ("bzip2", 0, b"BZh"),
    ("MP4", 4, b"ftyp"),
    ("PNG", 0, b"\x89PNG\r\n\x1a\n"),
    ("JPEG", 0, b"\xff\xd8\xff"),
    ("GIF", 0, b"GIF8"),
    ("WebP, WAV or AVI", 0, b"RIFF"),
    ("Matroska", 0, b"\x1a\x45\xdf\xa3"),
    ("Ogg", 0, b"OggS"),
    ("MP3", 0, b"ID3"),
    ("FLAC", 0, b"fLaC"),
    ("TIFF", 0, b"II*\x00"),
    ("an office document", 0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("a font", 0, b"wOF"),
    ("a program", 0, b"\x7fELF"),
    ("WebAssembly", 0, b"\x00asm"),
    ("SQLite", 0, b"SQLite format 3\x00"),
)
_MAGIC_BYTES = max(place + len(magic) for _, place, magic in _FILES)


class BoundedBody:
    """Collects the pieces of one body, unpacking it on the way.

    gzip, deflate, br and zstd are undone, one of them and no more: a list of codings is refused. Where a label and the
    bytes disagree, the bytes of gzip are believed and nothing else is: gzip below `deflate` or no label is unpacked,
    and so is a gzip file inside a packed body (quirk 36: a stored feed.xml.gz that the server packs once more), once and
    within the same bounds. A label of packing over bytes that are none is broken (A27): taking it for plain text
    would make the same body sometimes right and sometimes wrong, depending on how it begins.

    url: for the errors. encoding: Content-Encoding, in lower case. max_bytes: of the body, on the wire as well as unpacked.
    cut: what is over max_bytes is left away instead of being an error; `is_full()` then says that no more is needed.
    raises: BadBody `too-large`, `bomb`, `bad-encoding` for what we did not announce, broken or cut short packing,
    `content-type` for a picture, an archive and so on, whatever its label says.
    """

    def __init__(self, url: str, encoding: str, max_bytes: int, *, cut: bool = False):
        self._url, self._max_bytes, self._cut = url, max_bytes, cut
        self._is_full = False
        self._outer: _Unpacker | None = None if encoding in _NOT_PACKED else _unpacker(url, encoding)
        self._inner: _Unpacker | None = None
        self._head: bytes | None = b""  # until there is enough to see what it is
        self._pieces: list[bytes] = []
        self._wire_bytes = 0
        self._outer_bytes = 0  # between the two packings
        self._body_bytes = 0

    def take(self, chunk: bytes) -> None:
        """One chunk as it came from the wire; none is needed once it `is_full()`."""
        if self.is_full():
            return
        if self._wire_bytes + len(chunk) > self._max_bytes and not self._cut:
            raise BadBody(self._url, "too-large", f"more than {self._max_bytes} bytes")
        if self._outer is None and self._inner is None:
            self._wire_bytes += len(chunk)
            self._look(chunk)
            return
        for start in range(0, len(chunk), SLICE_BYTES):
            part = chunk[start : start + SLICE_BYTES]
            self._wire_bytes += len(part)
            for piece in self._outer.unpacked(part) if self._outer else (part,):
                self._outer_bytes = self._bounded(self._outer_bytes + len(piece), len(piece))
                self._look(piece)
                if self.is_full():
                    return

    def is_full(self) -> bool:
        return self._is_full

    def whole(self) -> bytes:
        """The body, after the last chunk."""
        if self._head:
            self._begin(self._head)
        if not self.is_full():
            for unpacker in (self._outer, self._inner):
                if unpacker:
                    unpacker.check_end()
        return b"".join(self._pieces)

    def _look(self, piece: bytes) -> None:
        if self._head is None:
            self._pass_on(piece)
            return
        self._head += piece
        if len(self._head) >= _MAGIC_BYTES:
            self._begin(self._head)

    def _begin(self, head: bytes) -> None:
        self._head = None
        if head.startswith(_GZIP_MAGIC):
            self._inner = _Zlib(self._url, bare=False)
        else:
            for kind, place, magic in _FILES:
                if head.startswith(magic, place):
                    raise BadBody(self._url, "content-type", f"it is {kind}, whatever the label says")
        self._pass_on(head)

    def _pass_on(self, piece: bytes) -> None:
        if self._inner is None:
            self._keep(piece)
            return
        for inner in self._inner.unpacked(piece):
            self._keep(inner)
            if self.is_full():
                return

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._body_bytes = self._bounded(self._body_bytes + len(piece), len(piece))
        if self._cut and self._body_bytes >= self._max_bytes:
            self._pieces[-1] = piece[: len(piece) - (self._body_bytes - self._max_bytes)]
            self._is_full = True

    def _bounded(self, total_bytes: int, newest_bytes: int) -> int:
        """raises: BadBody `bomb`, `too-large`."""
        is_packed = self._outer is not None or self._inner is not None
        if is_packed and total_bytes > max(BOMB_FROM_BYTES, BOMB_RATIO * self._wire_bytes):
            raise BadBody(self._url, "bomb", f"{self._wire_bytes} bytes unpack to more than {total_bytes - newest_bytes}")
        if total_bytes > self._max_bytes and not self._cut:
            raise BadBody(self._url, "too-large", f"more than {self._max_bytes} bytes" + (" after unpacking" if is_packed else ""))
        return total_bytes


class _Unpacker(Protocol):
    """raises: BadBody `bad-encoding`."""

    def unpacked(self, chunk: bytes) -> Iterator[bytes]:
        """What a chunk gives, in pieces of about PIECE_BYTES, each unpacked only when it is asked for."""

    def check_end(self) -> None:
        """Nothing, if the packing ended where the body did."""


def _unpacker(url: str, encoding: str) -> _Unpacker:
    match encoding:
        case "gzip" | "x-gzip":
            return _Zlib(url, bare=False)
        case "deflate":
            return _Zlib(url, bare=True)
        case "br":
            return _Brotli(url)
        case "zstd":
            return _Zstd(url)
        case _:
            raise BadBody(url, "bad-encoding", f"{encoding[:50]}, and we take one of {ACCEPT_ENCODING}")


def _broken(url: str, why: str) -> BadBody:
    return BadBody(url, "bad-encoding", why)


class _Zlib:
    """gzip (RFC 1952), or what is called deflate: zlib's wrapping (RFC 9110 §8.4.1.2), the bare stream, or gzip all the same."""

    def __init__(self, url: str, *, bare: bool):
        self._url, self._may_be_bare = url, bare
        self._stream: zlib._Decompress | None = None
        self._rest = b""

    def unpacked(self, chunk: bytes) -> Iterator[bytes]:
        if not chunk:
            return
        if self._stream is None:
            self._stream = zlib.decompressobj(self._window_bits(chunk[0]))
        if self._stream.eof:
            self._rest = (self._rest + chunk)[:2]
            return
        is_done = False
        while not is_done:
            try:
                piece = self._stream.decompress(chunk, PIECE_BYTES)
            except zlib.error as error:
                raise _broken(self._url, str(error)) from error
            chunk = self._stream.unconsumed_tail
            # A full piece may mean that zlib holds more of it back. At the end of the stream what follows it stays in the tail for ever (bench/fuzz.py).
            is_done = self._stream.eof or (not chunk and len(piece) < PIECE_BYTES)
            yield piece
        self._rest = self._stream.unused_data[:2]

    def check_end(self) -> None:
        if self._stream and not self._stream.eof:
            raise _broken(self._url, "the packing ends too early")
        if self._rest == _GZIP_MAGIC[:2]:
            # Taking the first part for the whole would lose entries in silence.
            raise _broken(self._url, "several gzip members in one body")

    def _window_bits(self, first_byte: int) -> int:
        if first_byte == _GZIP_FIRST:
            return 16 + zlib.MAX_WBITS
        has_zlib_header = first_byte & 0x0F == zlib.DEFLATED
        return -zlib.MAX_WBITS if self._may_be_bare and not has_zlib_header else zlib.MAX_WBITS


class _Brotli:
    """br (RFC 7932)."""

    def __init__(self, url: str):
        import brotli  # only where a server uses it: 10 ms

        self._url, self._error = url, brotli.error
        self._stream = brotli.Decompressor()
        self._has_begun = False

    def unpacked(self, chunk: bytes) -> Iterator[bytes]:
        self._has_begun |= bool(chunk)
        is_done = self._stream.is_finished()
        while not is_done:
            try:
                piece = self._stream.process(chunk, output_buffer_limit=PIECE_BYTES)
            except self._error as error:
                raise _broken(self._url, str(error)) from error
            chunk = b""
            is_done = not piece or self._stream.is_finished()
            yield piece

    def check_end(self) -> None:
        if self._has_begun and not self._stream.is_finished():
            raise _broken(self._url, "the packing ends too early")


class _Zstd:
    """zstd (RFC 8878): one frame, with a window that a browser would take too."""

    def __init__(self, url: str):
        try:
            from compression import zstd  # from Python 3.14 on
        except ImportError:
            from backports import zstd
        self._url, self._error = url, zstd.ZstdError
        self._stream = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})
        self._has_begun = self._has_rest = False

    def unpacked(self, chunk: bytes) -> Iterator[bytes]:
        self._has_begun |= bool(chunk)
        if self._stream.eof:
            self._has_rest |= bool(chunk)
            return
        is_done = not chunk
        while not is_done:
            try:
                piece = self._stream.decompress(chunk, PIECE_BYTES)
            except self._error as error:
                raise _broken(self._url, str(error)) from error
            chunk = b""
            is_done = self._stream.eof or self._stream.needs_input
            yield piece
        self._has_rest |= self._stream.eof and bool(self._stream.unused_data)

    def check_end(self) -> None:
        if self._has_begun and not self._stream.eof:
            raise _broken(self._url, "the packing ends too early")
        if self._has_rest:
            raise _broken(self._url, "several zstd frames in one body")
