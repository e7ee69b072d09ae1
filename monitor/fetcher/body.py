"""Bodies as they come in: counted on the wire and after unpacking, and given up as soon as they are too much."""

import zlib

from monitor.errors import BadBody

# Unpacked in pieces of this size, so that a bomb is noticed before it is in memory.
PIECE_BYTES = 64 * 1024
# Deflate cannot do better than 1032 to 1; feeds and pages stay below 20 to 1. Small bodies may do what they like.
BOMB_RATIO = 100
BOMB_FROM_BYTES = 1024 * 1024

_GZIP_MAGIC = b"\x1f\x8b"


class BoundedBody:
    """Collects the pieces of one body, unpacking gzip and deflate on the way.

    url: for the errors. encoding: Content-Encoding, in lower case. max_bytes: of the body, on the wire as well as unpacked.
    raises: BadBody `too-large`, `bomb`, or `bad-encoding` for what we did not announce, broken or cut short packing.
    """

    def __init__(self, url: str, encoding: str, max_bytes: int):
        self._url, self._max_bytes = url, max_bytes
        self._is_packed = encoding not in ("", "identity")
        self._wants_gzip = encoding in ("gzip", "x-gzip")
        if self._is_packed and not self._wants_gzip and encoding != "deflate":
            raise BadBody(url, "bad-encoding", f"{encoding[:50]}, and we take gzip or deflate")
        self._unpacker: zlib._Decompress | None = None
        self._rest = b""
        self._pieces: list[bytes] = []
        self._wire_bytes = 0
        self._body_bytes = 0

    def take(self, chunk: bytes) -> None:
        """One chunk as it came from the wire."""
        self._wire_bytes += len(chunk)
        if self._wire_bytes > self._max_bytes:
            raise BadBody(self._url, "too-large", f"more than {self._max_bytes} bytes")
        if self._is_packed:
            self._unpack(chunk)
        else:
            self._pieces.append(chunk)

    def whole(self) -> bytes:
        """The body, after the last chunk."""
        if self._unpacker and not self._unpacker.eof:
            raise BadBody(self._url, "bad-encoding", "the packing ends too early")
        if self._rest == _GZIP_MAGIC:
            # Taking the first part for the whole would lose entries in silence, and two parts are a way around the bomb's ratio.
            raise BadBody(self._url, "bad-encoding", "several gzip members in one body")
        return b"".join(self._pieces)

    def _unpack(self, chunk: bytes) -> None:
        if not chunk:
            return
        if self._unpacker is None:
            self._unpacker = zlib.decompressobj(self._window_bits(chunk[0]))
        if self._unpacker.eof:
            self._rest = (self._rest + chunk)[:2]
            return
        is_done = False
        while not is_done:
            try:
                piece = self._unpacker.decompress(chunk, PIECE_BYTES)
            except zlib.error as error:
                raise BadBody(self._url, "bad-encoding", str(error)) from error
            chunk = self._unpacker.unconsumed_tail
            self._keep(piece, consumed_bytes=self._wire_bytes - len(chunk))
            # A full piece may mean that zlib holds more of it back.
            is_done = not chunk and len(piece) < PIECE_BYTES
        self._rest = self._unpacker.unused_data[:2]

    def _window_bits(self, first_byte: int) -> int:
        """gzip (RFC 1952); "deflate" means zlib's wrapping (RFC 9110 §8.4.1.2), but some servers send the bare stream."""
        if self._wants_gzip:
            return 16 + zlib.MAX_WBITS
        has_zlib_header = first_byte & 0x0F == zlib.DEFLATED
        return zlib.MAX_WBITS if has_zlib_header else -zlib.MAX_WBITS

    def _keep(self, piece: bytes, consumed_bytes: int) -> None:
        self._body_bytes += len(piece)
        if self._body_bytes > max(BOMB_FROM_BYTES, BOMB_RATIO * consumed_bytes):
            raise BadBody(self._url, "bomb", f"{consumed_bytes} bytes unpack to more than {self._body_bytes - len(piece)}")
        if self._body_bytes > self._max_bytes:
            raise BadBody(self._url, "too-large", f"more than {self._max_bytes} bytes after unpacking")
        self._pieces.append(piece)
