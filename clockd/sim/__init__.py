"""Simulators of the trackers, serious enough that passing against them means something.

    client ──socket──> shell.py ─┐                              ┌─ timetrack/  what TimeTrack does
    test   ──call────> direct.py ┴─> front.py ──SimRequest──────┴─ goodtime/   what Goodtime does
                                      │ throttle.py  sliding window
                                      │ faults.py    what goes wrong on the way, seeded
                                      │ journal.py   who asked what when; rules every client must keep
                                      └ message.py   request, reply, and how a reply leaves

    tracker.py  what both simulators are: options, front, other people, an account in a file (account.py)
    crowd.py    what other people do        profile.py  how the documents are read        command.py  `clockd simulate`

A tracker's model is pure: time is an argument, randomness is seeded, so the same seed and the same requests give the
same replies. Two shells drive it: real sockets (`shell.py`, `control.py`) and a plain call for tests in virtual time
(`direct.py`). A simulator stands for somebody else's machine and therefore has a clock of its own.
"""
