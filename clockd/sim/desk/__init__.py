r"""The desk terminal: what `clockd demo` puts in place of the hardware, and the page it is seen on.

    browser  --WebSocket-->  page  -->  scene  --Unix socket-->  DeskLink (in the daemon)  -->  reader, panel
                                        |  \--SIGKILL / start-->  power (the daemon's process)
                                        |   \--cut / join------>  cable (a relay to the tracker's simulator)
                                        \----asks------------->  the daemon's control socket, the simulator's books

`client` is the daemon's side; everything else belongs to the process of `clockd demo`. The daemon is the real one:
it knows no other difference than `kind = "desk"` in its configuration.
"""
