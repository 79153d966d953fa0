"""The unit, the lock, the scripts and the pages around them."""
