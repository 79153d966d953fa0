"""The updater, as far as it needs no package and no machine."""
