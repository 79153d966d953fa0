"""Updates the Debian package, and goes back when the new version is not healthy: a process of its own, run by root.

It runs with Debian's Python and the standard library alone (`/usr/lib/clockd/updater` is this folder as one file): a
version that is broken must not break the way back. While an update is under way, a copy of the updater that began it
lies in `/var/lib/clockd-update`, and goes on with it after a cut, whatever dpkg has put in its place meanwhile.

`course` what is done, one step after the other · `record` how far it is, on disk · `packages` apt and dpkg ·
`door` a look at the daemon · `__main__` who is started by systemd.
"""
