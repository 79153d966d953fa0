"""Follows every link of the page, once each."""

import html
import re
from urllib.parse import urlsplit

from tests.web.room import Clerk

MOST = 160
"""Pages that are looked at: every kind of them comes early."""


async def crawl(clerk: Clerk) -> dict[str, str]:
    """Return every page that links lead to, by its address; fails at the first that is none."""
    waiting, seen = ["/"], dict[str, str]()
    kinds: dict[str, int] = {}
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        kind = re.sub(r"[0-9A-Z]{20,}|user\d+|=[^&]*|cursor.*", "*", path)
        if path in seen or kinds.get(kind, 0) >= 6:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = await clerk.http.get(path)
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[:300])
        seen[path] = answer.text
        waiting += sorted(links_of(answer.text) - seen.keys())
    return seen


def links_of(text: str) -> set[str]:
    """Return the links of a page that stay here, without those that end the visit."""
    found = {html.unescape(link) for link in re.findall(r'(?:href|src)="([^"]+)"', text)}
    return {link for link in found if not urlsplit(link).netloc and link.startswith("/") and "/language/" not in link}
