"""Replies as a server would send them."""

import json

from clockd.core.wire import Reply


def said(status: int, value: object) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(value).encode())


def plain(status: int, text: str) -> Reply:
    return Reply(status, {"content-type": "text/plain;charset=UTF-8"}, text.encode())


def html(status: int, title: str) -> Reply:
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(status, {"content-type": "text/html"}, page.encode())
