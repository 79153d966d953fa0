"""Power cuts, kills and failing disks; see tests/README.md."""
