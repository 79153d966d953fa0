"""Goodtime, simulated: `time-v2.1` (and 1.1), under every reading of the documents, with faults and people.

simulator.py   GoodtimeSim: account, logins and counts
profile.py     what the documents leave open, answered: STRICT, ALT, ALT2
api.py         routes, tokens, bodies                    asked.py    what a request must say
tokens.py      logins that expire and are counted
book.py        how entries may change                    shapes.py   how things look in a reply
forms.py       how times are written                     world.py    entries, users, types and their indexes
actors.py      the web app, the admin                    watch.py    what a client did wrong
people.py      users, made up or from a file             saved.py    the account as JSON
command.py     from the options of `clockd simulate goodtime`
"""
