"""The display's pixels -> a PNG of one bit per pixel, which a browser draws as large as it likes."""

import struct
import zlib


def png(width: int, height: int, bits: bytes) -> bytes:
    """Write a picture.

    Args:
        width: pixels in a row.
        height: rows.
        bits: row by row, each beginning with a new byte; 1 is lit.
    """
    row_bytes = (width + 7) // 8
    rows = b"".join(b"\0" + bits[n * row_bytes : (n + 1) * row_bytes] for n in range(height))
    head = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", head),
            _chunk(b"PLTE", b"\x04\x07\x0b\xbf\xe3\xff"),
            _chunk(b"IDAT", zlib.compress(rows, 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
