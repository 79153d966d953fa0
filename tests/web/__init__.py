"""The admin page: a real daemon, a real `clockd web`, a real tracker's simulator, and a real browser."""
