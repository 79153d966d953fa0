"""TimeTrack, simulated: the whole documented API, under every reading of the documents, with faults and people.

simulator.py   TimeTrackSim: account and counts
profile.py     what the documents leave open, answered: STRICT, ALT, ALT2
api.py         routes, keys, the errors envelope         asked.py    a request's fields, or the 422
endpoints.py   attendances, their timer, projects        project_timers.py
book.py        how rows may change                       shapes.py   how things look in a reply
world.py       rows, users, projects and their indexes   saved.py    the same as JSON
actors.py      the web app, the admin, a second terminal watch.py    what a client did wrong
people.py      users and projects, made up or from files command.py  from the command's options
"""
