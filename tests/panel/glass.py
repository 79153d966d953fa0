"""A small OLED on a bus, as its datasheet says: what luma and clockd send becomes lit pixels. It can be pulled off."""

import errno
from collections.abc import Sequence

from PIL import Image

_OPERANDS = {0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}
"""Commands of the SSD1306 that take more bytes."""


class Glass:
    """An SSD1306 (with `pages_only` an SH1106), 128 wide, behind an I²C bus; stands in for smbus2's SMBus."""

    def __init__(self, *, pages_only: bool = False, height: int = 64) -> None:
        self.memory = [bytearray(b"\xaa" * 132) for _ in range(8)]
        """What was in there before: nobody clears it at power-on."""
        self.lit = False
        self.contrast = 0
        self.sent_bytes = 0
        """Everything on the wire, address and control byte included."""
        self.gone = False
        """Pulled off its wires: nothing answers any more."""
        self._pages_only = pages_only
        self._height = height
        self._columns = (0, 127)
        self._pages = (0, 7)
        self._at = [0, 0]
        self._pending: list[int] = []

    def write_i2c_block_data(self, address: int, mode: int, data: Sequence[int]) -> None:
        assert address == 0x3C
        if self.gone:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        self.sent_bytes += 2 + len(data)
        if mode == 0x40:
            self.data(data)
        else:
            self.command(data)

    def picture(self) -> Image.Image:
        """What is to be seen on it."""
        left = 2 if self._pages_only else 0
        image = Image.new("1", (128, self._height))
        for y in range(self._height if self.lit else 0):
            for x in range(128):
                image.putpixel((x, y), 255 * (self.memory[y // 8][left + x] >> y % 8 & 1))
        return image

    def data(self, data: Sequence[int]) -> None:
        """Take bytes of the picture."""
        for byte in data:
            page, column = self._at
            self.memory[page][column] = byte
            column += 1
            if not self._pages_only and column > self._columns[1]:
                column, page = self._columns[0], page + 1
                if page > self._pages[1]:
                    page = self._pages[0]
            self._at = [page, column]

    def command(self, data: Sequence[int]) -> None:
        """Take commands, one after the other."""
        for byte in data:
            self._pending.append(byte)
            first, *operands = self._pending
            needed = 0 if self._pages_only and first in (0x21, 0x22) else _OPERANDS.get(first, 0)
            if len(operands) == needed:
                self._pending = []
                self._obey(first, operands)

    def _obey(self, command: int, operands: list[int]) -> None:
        if command in (0xAE, 0xAF):
            self.lit = command == 0xAF
        elif command == 0x81:
            self.contrast = operands[0]
        elif command == 0x21 and not self._pages_only:
            self._columns = (operands[0], operands[1])
            self._at[1] = operands[0]
        elif command == 0x22 and not self._pages_only:
            self._pages = (operands[0], operands[1])
            self._at[0] = operands[0]
        elif self._pages_only and 0xB0 <= command <= 0xB7:
            self._at[0] = command & 7
        elif self._pages_only and command <= 0x0F:
            self._at[1] = self._at[1] & 0xF0 | command
        elif self._pages_only and 0x10 <= command <= 0x1F:
            self._at[1] = self._at[1] & 0x0F | (command & 0x0F) << 4
