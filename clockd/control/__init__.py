"""The daemon's Unix socket: the one door for the commands and the admin page.

One line of JSON in, one line of JSON out, as often as the caller likes:

    {"cmd": "punches", "limit": 10}
    {"ok": […]}                        or  {"error": {"message": "…", "hint": "…", "exit_code": 1}}

A line in is at most `LINE_BYTES` long. A command that is longer comes in several lines: each but the last has
`"more": true`, and their lists are put together. An answer without end is asked for in pages (`punches.page`).

Who may open the socket may do everything; its file mode (0660, group of the daemon) is the permission. Whoever it is,
a tap does not wait for them: `serving.Limits` says how much they may take. Who it is says the kernel (SO_PEERCRED), and
that name goes with each command in `by`; a name that the caller claims stands beside it. Only the user of the admin
page's own unit, or who shows its key, is believed to have signed in whom it names: `anna via clockd-web`.
"""

from clockd.control.asking import ANSWER_BYTES, ask, result_of, went_away
from clockd.control.lines import LINE_BYTES, Command, lines_of

__all__ = [
    "ANSWER_BYTES",
    "LINE_BYTES",
    "Command",
    "ask",
    "lines_of",
    "result_of",
    "went_away",
]
