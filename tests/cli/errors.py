"""The page of errors: what a person can do wrong at a command, and what it says.

`python -m tests.cli.errors` writes `deploy/ERRORS.md` anew; a test compares it with what is said now.
"""

import asyncio
import re
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.e2e.people import uid_of
from tests.e2e.processes import Daemon, Said, clockd
from tests.e2e.rig import bench

PAGE = Path(__file__).parents[2] / "deploy" / "ERRORS.md"

FILES = {
    "empty.csv": "",
    "columns.csv": "badge;who\n04A2B3C4D5E6F7;ada\n",
    "lines.csv": "uid,username,name\n4.2E+13,ada,\n04A2B3C4D5E6F7,,Ada\n08A2B3C4,bob,Bob\n12345,cem,\n",
    "quote.csv": 'uid,username,name\n04A2B3C4D5E6F7,ada,"Ada\n',
    "typo.toml": '[terminal]\nname = "door"\ntime_zone = "Europe/Wien"\n',
    "key.toml": "[rules]\nrepeat = 10\n",
    "broken.toml": "[terminal\n",
    "no.backup": "this is no backup",
}
CHAPTERS: Mapping[str, Sequence[str]] = {
    "Nobody answers": (
        "clockd status --socket /nowhere/control.sock",
        "clockd punches --config /nowhere/clockd.toml",
    ),
    "The words of a command": (
        "clockd statsu",
        "clockd punches --state lost",
        "clockd punches --state held retry M00002K",
        "clockd punches ignore M00002K",
        "clockd punches export november.csv",
        "clockd punches export --format csv --from 21.11.2026 november.csv",
        "clockd punches export --format csv --from 2026-11-30 --to 2026-11-01 november.csv",
        "clockd punches export --format csv /nowhere/november.csv",
        "clockd hours --week --month",
        "clockd hours --to 2026-11-30",
        "clockd hours --username nobody",
        "clockd hours --csv --json",
        "clockd backup",
    ),
    "A punch": (
        "clockd punches show M00ZZZZ",
        "clockd punches amend PUNCH",
        "clockd punches amend PUNCH --kind lunch",
        "clockd punches amend PUNCH --at teatime",
        "clockd punches amend PUNCH --at '2099-01-01 08:00'",
        "clockd punches amend PUNCH --accept",
        "clockd punches retry PUNCH",
        "clockd punches add-out PUNCH --at 'yesterday 17:05'",
        "clockd punches add-in PUNCH --at 'yesterday 08:00'",
        "clockd badges assign PUNCH --username ada",
        "clockd badges ignore PUNCH",
    ),
    "A badge": (
        "clockd badges add --uid 4A2 --username ada",
        "clockd badges add --uid 08A2B3C4 --username ada",
        "clockd badges add --uid 04A2B3C4D5E6F7 --username ''",
        "clockd badges remove",
        "clockd badges remove --uid 04A2B3C4D5E6F7",
        "clockd badges remove --fingerprint 0",
        "clockd badges remove --fingerprint 00000000",
        "clockd badges enrol --username ada --timeout 1",
        "clockd people rename nobody ada",
        "clockd people rename user000 user001",
    ),
    "A list of badges": tuple(f"clockd badges import {name}" for name in ("no.csv", *FILES) if name.endswith("csv")),
    "The configuration": (
        "clockd check --config typo.toml",
        "clockd check --config key.toml",
        "clockd run --config broken.toml",
    ),
    "Backups": (
        "clockd backup --to /nowhere --daily",
        "clockd backup --daily",
        "clockd restore no.backup --config restored.toml",
        "clockd restore missing.backup --config restored.toml",
    ),
    "The tracker by hand": (
        "clockd goodtime users",
        "clockd timetrack attendances show 99999",
        "clockd timetrack attendances create -u nobody --from '2026-03-02 08:00' --to '2026-03-02 12:00'",
        "clockd timetrack attendances create -u user000 --from '2026-03-02 12:00' --to '2026-03-02 08:00'",
        "clockd timetrack attendances create -u user000 --from '2026-03-29 02:30' --to '2026-03-29 08:00'",
        "clockd timetrack attendances create -u user000 --from \"8 o'clock\" --to '2026-03-02 12:00'",
        "clockd timetrack attendances update 99999",
        "clockd timetrack attendances delete 99999",
    ),
    "The simulators": (
        "clockd simulate timetrack --profile strickt",
        "clockd simulate timetrack --faults lots",
        "clockd simulate timetrack --zone Vienna",
    ),
}
HEAD = """# What clockd says when something is wrong

What happened, why, and what to do. This page is made of what the commands really say:
`python -m tests.cli.errors` writes it anew, and a test compares it. `PUNCH` is a punch that is booked.
"""


async def say_all(folder: Path) -> str:
    """Do everything wrong, against a real terminal and a simulated tracker; return the page."""
    for name, text in FILES.items():
        (folder / name).write_text(text)
    lines = [HEAD]
    async with bench(folder / "bench", people=2, readers=["desk"]) as rig:
        rig.desk.terminal.tap(uid_of(0).hex)
        (punch,) = await rig.daemon.settled(1)
        for chapter, commands in CHAPTERS.items():
            lines.append(f"## {chapter}\n")
            for command in commands:
                said = await asyncio.to_thread(_run, command, folder, rig.daemon, str(punch["id"]))
                text = _plain(said.err or said.out, folder, str(punch["id"]))
                lines.append(f"```console\n$ {command}\n{text}\n```\nexit code {said.code}\n")
    return "\n".join(lines).rstrip() + "\n"


def _run(command: str, folder: Path, daemon: Daemon, punch: str) -> Said:
    names = {"PUNCH": punch, **{name: str(folder / name) for name in (*FILES, "no.csv", "missing.backup")}}
    names |= {name: str(folder / name) for name in ("restored.toml", "november.csv")}
    words = [names.get(word, word) for word in shlex.split(command)][1:]
    return clockd(*words, CLOCKD_SOCKET=str(daemon.socket), COLUMNS="100")


def _plain(text: str, folder: Path, punch: str) -> str:
    """Leave out what is another one each time."""
    text = text.replace(f"{folder}/", "").replace(punch, "PUNCH").replace(punch[-7:], "PUNCH")
    today = datetime.now(ZoneInfo("Europe/Vienna")).date()
    text = re.sub(rf'(?<!or "){today}[T ]\d\d:\d\d(:\d\d(\.\d+)?)?', "TODAY 08:02:13", text)
    text = re.sub(r"\b[0-9a-f]{16}\b", "2e9f…", text)
    return re.sub(r"\b0[0-9A-HJKMNP-TV-Z]{25}\b", "01KB…", text).rstrip()


def problems(page: str) -> list[str]:
    """Commands whose answer does not say what to do: on a line of its own, or after a semicolon."""
    found = []
    for command, text in re.findall(r"\$ (.*)\n((?:.*\n)*?)```", page):
        advises = len(text.splitlines()) > 1 or re.search(r"; .", text)
        if "Traceback" in text or not text.strip() or not advises:
            found.append(command)
    return found


def main() -> None:
    """Write the page anew."""
    with tempfile.TemporaryDirectory(prefix="clockd-errors-") as folder:
        PAGE.write_text(asyncio.run(say_all(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
