"""Goodtime's language (`time-v2.1`) as pure values: requests out, verdicts and rows in.

    times    how a time is written, read and learned
    reading  tolerant reading of replies, and what a reply without rows means
    calls    hello, login, time types, users, projects
    codec    create, delete, look: `GoodtimeCodec`

The token is held by `session` beside this room, and what must be known of the account is learned by `start`.
"""

from clockd.trackers.goodtime.wire.calls import LoginRefused, LoginUnclear, Named, Token
from clockd.trackers.goodtime.wire.codec import Account, GoodtimeCodec
from clockd.trackers.goodtime.wire.times import BadFormat, TimeFormat, learn_format

__all__ = [
    "Account",
    "BadFormat",
    "GoodtimeCodec",
    "LoginRefused",
    "LoginUnclear",
    "Named",
    "TimeFormat",
    "Token",
    "learn_format",
]
