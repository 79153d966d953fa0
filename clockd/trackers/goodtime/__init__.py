"""Goodtime (`time-v2.1`): its language, and getting to know an account before anything is written to it.

    wire     the language as pure values: requests out, verdicts and rows in; nothing in it sends, waits or remembers
    session  the login around every request, and the ids of projects
    search   looks for an entry to learn from
    format   says how the account writes times, learned from that entry
    start    goes through all steps, before the first write and for `clockd check`

None of them uses one that stands below it.
"""
