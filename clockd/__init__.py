"""clockd: a time clock that books every punch exactly once, at its true time."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("clockd")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+source"
