"""The composition root: configuration in, objects out, one TaskGroup. It alone knows every concrete class.

    opening    what every way of using clockd needs: the open store, the clocks, which terminal this is
    booking    everything that speaks to a tracker
    devices    which readers, display and lights there are
    desk       the demo's page in place of real devices; a real door never loads it
    answering  who answers which command of the control socket
    running    the tasks of all of these, and how they end

Whole or dead: every task has a name, and a task that ends ends the daemon, so that systemd starts it anew. Devices
are the exception; `flow/devices.py` opens them again for ever while everything else goes on. The watchdog is fed only
after the store, sync and the loop have shown that they still move.
"""

from clockd.daemon.booking import NO_KEY
from clockd.daemon.opening import memory_of, open_core, open_look, open_office, open_rehearsal
from clockd.daemon.running import WAITS_S, run

__all__ = ["NO_KEY", "WAITS_S", "memory_of", "open_core", "open_look", "open_office", "open_rehearsal", "run"]
