"""The words of `format` in a `[[reader]]`: the notations of `clockd.core.numbers` that hold a whole badge number."""

from typing import Literal

NumberFormat = Literal[
    "hex",
    "hex-reversed",
    "hex-mirrored",
    "decimal",
    "decimal-reversed",
    "decimal-8",
    "decimal-13",
    "decimal-14",
    "decimal-15",
    "decimal-20",
    "decimal-7-bytes",
    "decimal-7-bytes-reversed",
    "decimal-8-bytes",
    "facility-card",
    "facility-card-4",
    "decimal-facility-card",
    "hex-facility-card",
    "wiegand-26",
    "indala-26",
    "wiegand-30",
    "wiegand-32",
    "wiegand-33",
    "wiegand-34",
    "bqt-34",
    "corporate-1000-35",
    "wiegand-37",
    "wiegand-37-facility",
]
KeyboardFormat = Literal[NumberFormat, "pin"]
SerialFormat = Literal["line", "rdm6300", NumberFormat]
