"""The examples at the end of each command's help: one that works as it stands, with ids and names of one's own."""

import click

HELP_EXAMPLES = {
    "": "clockd status",
    "run": "clockd run --config /etc/clockd/clockd.toml",
    "check": "sudo clockd check --config /etc/clockd/clockd.toml",
    "demo": "clockd demo --port 8080",
    "simulate": "clockd simulate timetrack --port 8081",
    "simulate timetrack": "clockd simulate timetrack --port 8081 --faults mix",
    "simulate goodtime": "clockd simulate goodtime --port 8082 --profile strict",
    "status": "clockd status --json",
    "punches": "clockd punches --state held",
    "punches show": "clockd punches show M00002K",
    "punches retry": "clockd punches retry M00002K --why 'ada has an account now'",
    "punches ignore": "clockd punches ignore M00002K --why 'a test tap'",
    "punches void": "clockd punches void M00002K --why 'tapped by mistake'",
    "punches amend": "clockd punches amend M00002K --at 'yesterday 17:05' --why 'she told me'",
    "punches add-out": "clockd punches add-out M00002K --at 'yesterday 17:05' --why 'forgot to tap'",
    "punches add-in": "clockd punches add-in M00002K --at 'yesterday 08:00' --why 'forgot to tap'",
    "punches export": "clockd punches export --format csv --from 2026-11-01 --to 2026-11-30 november.csv",
    "corrections": "clockd corrections --waiting",
    "corrections withdraw": "clockd corrections withdraw 4711 --why 'it was another day'",
    "hours": "clockd hours --month --username ada",
    "badges": "clockd badges list",
    "badges list": "clockd badges list --json",
    "badges add": "clockd badges add --uid 04A2B3C4D5E6F7 --username ada --name 'Ada Lovelace'",
    "badges enrol": "clockd badges enrol --username ada --name 'Ada Lovelace'",
    "badges assign": "clockd badges assign M00002K --username ada",
    "badges ignore": "clockd badges ignore M00002K --why 'the bank card of a visitor'",
    "badges remove": "clockd badges remove --fingerprint 3f9a1c2b",
    "badges import": "clockd badges import badges.csv",
    "badges export": "clockd badges export badges-of-today.csv",
    "badges decode": "clockd badges decode 0013748911",
    "people": "clockd people list",
    "people list": "clockd people list --json",
    "people erase": 'clockd people erase ada --why "left in 2024" --yes',
    "people rename": "clockd people rename ada ada.lovelace",
    "ledger": "clockd ledger verify",
    "ledger verify": "clockd ledger verify --json",
    "ledger head": "clockd ledger head --json",
    "ledger export": "clockd ledger export inspection.zip",
    "sync": "clockd sync --wait",
    "accounts": "clockd accounts list",
    "accounts add": "clockd accounts add anna --role admin",
    "accounts list": "clockd accounts list --json",
    "accounts password": "clockd accounts password anna",
    "accounts remove": "clockd accounts remove anna",
    "accounts token": "clockd accounts token prometheus --figures",
    "web": "clockd web --config /etc/clockd/clockd.toml",
    "set": "sudo clockd set key timetrack-api-key --restart",
    "set key": "sudo clockd set key timetrack-api-secret --restart < new-secret.txt",
    "set tracker-url": ("sudo clockd set tracker-url https://testaccount.timetrackenterprise.com/api/v2/ext --restart"),
    "set wifi": "sudo clockd set wifi 'Office 5 GHz'",
    "support": "sudo clockd support clockd-support.tar.gz",
    "update": "clockd update status",
    "update status": "clockd update status --json",
    "update now": "sudo clockd update now",
    "update back": "sudo clockd update back",
    "backup": "clockd backup --to /mnt/nas --daily",
    "restore": "clockd restore /mnt/nas/clockd-front-door-2026-11-21.backup",
    "timetrack": "clockd timetrack attendances list --username ada --from 'yesterday 00:00'",
    "timetrack attendances": "clockd timetrack attendances list --username ada",
    "timetrack attendances list": "clockd timetrack attendances list --from 2026-11-01 --to 2026-11-30 --json",
    "timetrack attendances show": "clockd timetrack attendances show 4711",
    "timetrack attendances create": (
        "clockd timetrack attendances create --username ada --from '2026-11-20 08:00' --to '2026-11-20 16:30'"
    ),
    "timetrack attendances update": "clockd timetrack attendances update 4711 --to '2026-11-20 17:00'",
    "timetrack attendances delete": "clockd timetrack attendances delete 4711",
    "timetrack projects": "clockd timetrack projects list --client ACME",
    "timetrack projects list": "clockd timetrack projects list --client ACME --json",
    "timetrack projects show": "clockd timetrack projects show 12",
    "timetrack projects create": "clockd timetrack projects create --client ACME --name Website --hour-rate 90",
    "timetrack projects update": "clockd timetrack projects update 12 --disabled",
    "timetrack projects delete": "clockd timetrack projects delete 12",
    "timetrack timer": "clockd timetrack timer show --username ada",
    "timetrack timer show": "clockd timetrack timer show --username ada",
    "timetrack timer start": "clockd timetrack timer start --username ada",
    "timetrack timer stop": "clockd timetrack timer stop --username ada",
    "timetrack project-timer": "clockd timetrack project-timer show --username ada",
    "timetrack project-timer show": "clockd timetrack project-timer show --username ada",
    "timetrack project-timer start": (
        "clockd timetrack project-timer start --username ada --client ACME --project Website"
    ),
    "timetrack project-timer pause": "clockd timetrack project-timer pause --username ada",
    "timetrack project-timer resume": "clockd timetrack project-timer resume --username ada",
    "timetrack project-timer stop": "clockd timetrack project-timer stop --username ada",
    "goodtime": "clockd goodtime users",
    "goodtime timetypes": "clockd goodtime timetypes",
    "goodtime users": "clockd goodtime users --json",
    "goodtime projects": "clockd goodtime projects --username ada@example.com",
    "goodtime entries": ("clockd goodtime entries list --username ada@example.com --from 2026-11-01 --to 2026-11-30"),
    "goodtime entries list": (
        "clockd goodtime entries list --username ada@example.com --from 2026-11-01 --to 2026-11-30 --json"
    ),
    "goodtime entries create": (
        "clockd goodtime entries create --username ada@example.com --from '2026-11-20 08:00' --to '2026-11-20 16:30'"
    ),
    "goodtime entries delete": "clockd goodtime entries delete 8c5e11f0 --username ada@example.com",
}
"""For each command, by its words."""


def put_into(command: click.Command, words: str) -> None:
    """Let the help of a command, and of each below it, end with its example; `words` lead to the command."""
    if words in HELP_EXAMPLES:
        command.epilog = epilog(words)
    for name, inner in command.commands.items() if isinstance(command, click.Group) else ():
        put_into(inner, f"{words} {name}")


def epilog(words: str) -> str:
    """Return the example of a command as the end of its help."""
    return f"\b\nExample:\n  {_folded(HELP_EXAMPLES[words])}"


def _folded(line: str) -> str:
    """Fold a long line as a shell takes it, before an option where one begins early enough."""
    if len(line) <= MOST_COLUMNS:
        return line
    cut = line.rfind(" --", 0, MOST_COLUMNS)
    if cut < 0:
        cut = line.rfind(" ", 0, MOST_COLUMNS)
    return f"{line[:cut]} \\\n      {line[cut + 1 :]}"


MOST_COLUMNS = 76
"""Of a line of help, without its indentation."""
