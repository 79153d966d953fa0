"""What speaks to the trackers: `http` sends and never interprets; the codecs interpret and never send.

The codecs are `timetrack` and `goodtime/wire`, and they are pure. The rest of `goodtime` is what that tracker needs
besides a codec: a login around every request, and an account that is got to know before anything is written to it.

A request leaves in one direction only, and comes back as one of three things that `core/wire.py` names: a reply that
arrived whole, the certainty that nothing was sent, or the doubt whether it was applied. Telling the last two apart is
the whole business of `http`; reading a reply is the whole business of the codecs.

`TRAPS.md` lists what the trackers may do and their documents do not say; comments refer to it as "trap T20".
"""

import sys

# httpx has a command line, and loads its tables and colours where it can: four megabytes that no door needs.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
