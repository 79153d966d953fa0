"""http.py against real sockets: what it claims about a request must be what the server saw of it."""
