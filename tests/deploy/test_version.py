"""The version stands in two files, since reading the installed package's is slow."""

from importlib.metadata import version

from clockd import __version__


def test_the_package_and_the_program_say_the_same() -> None:
    assert __version__ == version("clockd")
