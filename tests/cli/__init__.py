"""The commands, and what an admin reads."""
