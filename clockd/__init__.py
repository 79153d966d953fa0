"""clockd: a time clock that books every punch exactly once, at its true time."""

__version__ = "0.1.0"
"""As in pyproject.toml; reading it from the package's metadata is a tenth of what a command may take to start."""
