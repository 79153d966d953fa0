"""The whole example, changed at random: values, keys, sections, and the text itself."""

import json
import random
from collections.abc import Callable
from typing import Any

from tests.config.test_config import WHOLE

SECRET = "hunter2-Sesam-öffne-dich"
"""Stands where a careless admin might put a secret; no message may repeat it."""

LONG = "9" * 5000
ATOMS = [
    *("0", "-1", "1", "17", "1e400", "-1e400", "inf", "-inf", "nan", "1e-320", "9" * 19, "9" * 30, "-" + "9" * 400),
    LONG,
    *("0x" + "f" * 40, "0b1", "1_000", "3.0", "0.1", "true", "false", "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z"),
    *("0001-01-01", "[]", "{}", "[[]]", "[{}]", "[1, 'a', [2.5]]", "{a = {b = {c = 1}}}", "''", "' '"),
    *("'.'", "'/'", "'//'"),
    *("'pcsc'", "'none'", "'timetrack'", "'goodtime'", "'in'", "'project'", "'ssd1306'", "'desk'", "'UTC'", "'../..'"),
    *("'http://127.evil.com'", "'http://127.1'", "'http://localhost.'", "'http://[::1]'", "'https://[::1'"),
    "'https://a:b'",
    *("'https://a:99999'", "'https://1.2.3.999'", "'https://1a2b3c4'", "'http://[fe80::1%25lo]'"),
    *("'HTTPS://A.EXAMPLE/x '"),
    *("'https://a..b'", "'https://-a'", "'https://xn--'", "'https://\\\\'", "'i2c:1:0x3c'", "'spi:²:0'", "'i2c:1:٣'"),
    *('"\\u0000"', '"\\n"', '"\\uFEFFx"', '"\\u202Ex"', '"\\U0001F600"', '"e\\u0301"', '"\\u0085"', '"\\uD7FF\\uFFFF"'),
    f"'https://user:{SECRET}@a.example'",
    f"'user:{SECRET}@a.example'",
    f"'http://user:{SECRET}@127.0.0.1'",
    "[" * 3000 + "]" * 3000,
    "{a = " * 500 + "1" + "}" * 500,
    "'" + "x" * 10_000 + "'",
    "'/" + "x" * 300 + "'",
    '"""' + "\n" * 50 + '"""',
]  # fmt: skip
KEYS = [
    *(
        "kind",
        "url",
        "name",
        "gpio",
        "action",
        "project",
        "client",
        "device",
        "format",
        "oled",
        "bus",
        "listen",
        "baud",
    ),
    *("repeat_s", "state_dir", "control_socket", "time_zone", "terminal", "tracker", "reader", "''", "'a.b'", "'\\n'"),
    *("'ключ'", "'\U0001f600'", '"\\u0000"', '"`"', '"` - at `$.x"', "a.b.c", "kind.kind", "x" * 300),
]
SECRET_KEYS = [
    *("api_key", "api-secret", "timetrack-api-secret", "password", "auth.password", "badge-pepper", "token"),
    *("'Goodtime API Key'.secret", "web-password", "credentials.x"),
]
LINES = [line.split(" = ", 1) if " = " in line else [line] for line in WHOLE.strip().splitlines()]
NOISE = [
    "\x00",
    "\x1f",
    "\u2028",
    "\ufeff",
    "\ud800",
    "\u202e",
    "[[",
    "]]",
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    '"""',
    "=",
    "\\",
    "#",
]
NOISE += ["\r", "\n", "\\u", "\\UFFFFFFFF", "é", "\U0010ffff", ".", ","]

Lines = list[list[str]]
Change = Callable[[random.Random, Lines], None]


def _value(dice: random.Random, lines: Lines) -> None:
    dice.choice([line for line in lines if len(line) == 2])[1] = dice.choice(ATOMS)


def _plausible(dice: random.Random, lines: Lines) -> None:
    line = dice.choice([line for line in lines if len(line) == 2])
    if line[1].isdigit():
        line[1] = str(dice.choice([1, 2, 3, 9, 22, 30, 45.5, 60, 86400]))
    elif line[0] in ("name", "state_dir", "control_socket", "url", "device", "path", "client", "project"):
        line[1] = line[1].rstrip('"') + dice.choice(["x", "/x", " ", ".", "é", "-1", "\u200b"]) + '"'


def _swap(dice: random.Random, lines: Lines) -> None:
    one, other = (dice.choice([line for line in lines if len(line) == 2]) for _ in range(2))
    one[1], other[1] = other[1], one[1]


def _key(dice: random.Random, lines: Lines) -> None:
    dice.choice(lines)[0] = dice.choice(KEYS)


def _add(dice: random.Random, lines: Lines) -> None:
    lines.insert(dice.randrange(len(lines) + 1), [dice.choice(KEYS), dice.choice(ATOMS)])


def _plant(dice: random.Random, lines: Lines) -> None:
    lines.insert(dice.randrange(len(lines) + 1), [dice.choice(SECRET_KEYS), json.dumps(SECRET, ensure_ascii=False)])


def _drop(dice: random.Random, lines: Lines) -> None:
    del lines[dice.randrange(len(lines))]


def _twice(dice: random.Random, lines: Lines) -> None:
    lines.insert(dice.randrange(len(lines) + 1), list(dice.choice(lines)))


def _shuffle(dice: random.Random, lines: Lines) -> None:
    first = dice.randrange(len(lines))
    part = lines[first : first + 8]
    dice.shuffle(part)
    lines[first : first + 8] = part


def _section(dice: random.Random, lines: Lines) -> None:
    heads = [line for line in lines if len(line) == 1]
    name = dice.choice(
        ["terminal", "reader", "button", "tracker", "panel", "web", "rules", "clock", "x", "reader.x", "a" * 99]
    )
    dice.choice(heads or lines)[0] = dice.choice(["[%s]", "[[%s]]", "[%s.%s]"]).replace("%s", name)


def _goodtime(dice: random.Random, lines: Lines) -> None:
    for line in lines:
        if line == ["kind", '"timetrack"']:
            line[1] = '"goodtime"'
    lines[:] = [
        line for line in lines if line[0] not in ("delivery", "breaks", "attendance_timer_path", "project_timer_path")
    ]
    at = next((n for n, line in enumerate(lines) if line[0] == "url"), 0)
    lines.insert(at, [dice.choice(["time_format", "token_header", "token_prefix", "time_type"]), dice.choice(ATOMS)])


CHANGES: list[tuple[Change, int]] = [
    (_value, 8), (_plausible, 8), (_swap, 2), (_key, 3), (_add, 3), (_plant, 1), (_drop, 2), (_twice, 2), (_shuffle, 1),
    (_section, 2), (_goodtime, 2),
]  # fmt: skip


def mutated(dice: random.Random) -> str:
    """A configuration that is wrong in a few places, or in none that matter."""
    lines = [list(line) for line in LINES]
    changes = [change for change, _ in CHANGES]
    weights = [weight for _, weight in CHANGES]
    for change in dice.choices(changes, weights, k=dice.choice([1, 1, 1, 2, 3, 6])):
        if any(len(line) == 2 for line in lines):
            change(dice, lines)
    text = "\n".join(" = ".join(line) for line in lines)
    if dice.random() < 0.15:
        at = dice.randrange(len(text) + 1)
        text = text[:at] + dice.choice(NOISE) * dice.choice([1, 1, 3, 900]) + text[at + dice.choice([0, 1, 5]) :]
    return text


def said(error: Any) -> str:
    """All that a person is shown of an error."""
    return f"{error.where}\n{error.why}\n{error.hint}\n{error.message}"
