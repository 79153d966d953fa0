"""The rules of clockd, without a clock, a disk or a network: every function gets what it needs as an argument."""
