"""The TimeTrack codec: what it writes, to the byte; what it believes, row by row; and that it never stumbles."""
