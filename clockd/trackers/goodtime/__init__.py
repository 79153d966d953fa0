"""Goodtime (`time-v2.1`) as pure values: requests out, verdicts and rows in.

    times    how a time is written, read and learned; the rule for whole minutes
    reading  tolerant reading of replies, and what a reply without rows means
    calls    hello, login, time types, users, projects
    codec    create, delete, look: `GoodtimeCodec`

Who holds the token and learns about the account is `trackers/goodtime_session.py`.
"""

from clockd.trackers.goodtime.calls import LoginRefused, LoginUnclear, Named, Token
from clockd.trackers.goodtime.codec import Account, GoodtimeCodec
from clockd.trackers.goodtime.times import (
    BadFormat,
    NoWholeMinutes,
    TimeFormat,
    WholeMinutes,
    learn_format,
    whole_minutes,
)

__all__ = [
    "Account",
    "BadFormat",
    "GoodtimeCodec",
    "LoginRefused",
    "LoginUnclear",
    "Named",
    "NoWholeMinutes",
    "TimeFormat",
    "Token",
    "WholeMinutes",
    "learn_format",
    "whole_minutes",
]
