"""See clockd/README.md."""
