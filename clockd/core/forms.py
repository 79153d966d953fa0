"""How people may write what clockd reads, as help and errors say it."""

TIME_FORMS = 'as "08:00", "yesterday 17:05", "29.11.2026 17:05" or "2026-11-29 17:05"'
