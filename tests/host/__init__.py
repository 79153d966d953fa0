"""The machine under us."""
