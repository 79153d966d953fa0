"""The whole of clockd as processes: a terminal, a tracker, badges."""
