"""Goodtime (`time-v2.1`) as pure values: requests out, verdicts and rows in.

    times    how a time is written, read and learned
    reading  tolerant reading of replies, and what a reply without rows means
    calls    hello, login, time types, users, projects
    codec    create, delete, look: `GoodtimeCodec`

Who holds the token and learns about the account is `trackers/goodtime_session.py`.
"""

from clockd.trackers.goodtime.calls import LoginRefused, LoginUnclear, Named, Token
from clockd.trackers.goodtime.codec import Account, GoodtimeCodec
from clockd.trackers.goodtime.times import BadFormat, TimeFormat, learn_format

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
