"""The admin page: a process of its own (`clockd web`), which owns nothing but the daemon's control socket.

    browser --HTTP--> guard (host, size, session, role) --> pages/* --> daemon.Daemon --control socket--> clockd run

A page asks the daemon and shows what it says; a change is a form that is sent, checked and carried out by a command.
Nothing here is on a tap's path: killed, frozen or flooded, this process takes no tap from the door. What it may ask of
the daemon at once is bounded twice, here (`Daemon`) and there (`control.serving.Limits`).

    running     the composition root: socket, TLS, accounts, background tasks
    app         the routes and what stands around all of them
    sessions    who is signed in, and how often a password may be tried
    accounts    who may sign in: the daemon's accounts, and the first admin's password
    words       every text in each language
    bearer      programs with a token: metrics (`exposition` writes the figures), api (`api_document` describes it)
    watching    alerts (`troubles` what is wrong, `tidings` in words, `alerting` on their way, `memory`), `heartbeat`
"""
