"""Tokens of programs. The daemon never sees one: it keeps the hash."""

import hashlib
import secrets

PREFIX = "clockd_"
"""By which a token that leaked is known for one."""
TOKEN_BYTES = 32


def new_token() -> str:
    """Return a token that nobody has."""
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Return what is kept of a token: SHA-256 in hex. Nobody tries out 256 random bits, so it may be quick."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
