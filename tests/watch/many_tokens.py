"""Hooks of schemathesis: each request shows the next of many tokens, so that none asks too often."""

import itertools
import os
from pathlib import Path
from typing import Any

import schemathesis

TOKENS = itertools.cycle(Path(os.environ["CLOCKD_TOKENS"]).read_text().split())


@schemathesis.auth(refresh_interval=None)
class NextToken:
    """Signs each request with another token."""

    def get(self, case: Any, context: schemathesis.AuthContext) -> str:
        """Take the next one."""
        return next(TOKENS)

    def set(self, case: Any, data: str, context: schemathesis.AuthContext) -> None:
        """Put it into the request."""
        case.headers["Authorization"] = f"Bearer {data}"
