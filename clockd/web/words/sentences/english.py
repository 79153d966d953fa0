"""Sentences of the daemon that name a command, in the words of the page; an empty text is left out."""

from collections.abc import Mapping

ENGLISH_SENTENCES: Mapping[str, str] = {
    # refusals, and what to do about them
    "clockd punches lists them": "the page Punches lists them",
    "write more of it; clockd punches lists them": "write more of it; the page Punches lists them",
    "--username, as the tracker knows the employee": "write it as the tracker knows the employee",
    "a badge that has an owner clocks them in instead: clockd badges remove first": (
        "a badge that has an owner clocks them in instead: revoke it on the page People first"
    ),
    "clockd status says how the readers are": "the page Health says how the readers are",
    "nothing to amend": "nothing was said that could be corrected",
    "--at TIME, --kind KIND, --username U, --time-type TYPE, or --accept for the proposal": (
        "say a time, in or out, or a username"
    ),
    "--accept is about the time alone": "the proposal is about the time alone",
    "say --time-type in a command of its own": "say the time type by itself",
    "leave --time-type out": "leave the time type out",
    "clockd corrections": "the page Corrections lists them",
    "clockd corrections shows it; clockd corrections withdraw {number} takes it back": (
        "the page Corrections shows it, and takes it back"
    ),
    "as clockd ledger head shows it, ROWS:HASH": "as the page Log shows it, ROWS:HASH",
    "--from DAY is not after --until DAY": "the first day is not after the last one",
    "say what it is, or leave the option away": "fill in the field",
    "clockd punches lists their ids": "the page Punches lists them",
    "clockd badges list": "the page People lists the badges",
    "clockd punches amend ID -u USERNAME gives it away": "correct the punch itself, with the right username",
    "clockd punches amend ID -u gives it away": "correct the punch itself, with the right username",
    "enrol it by its whole number: clockd badges enrol": "enrol it at the door, on the page People",
    "clockd badges remove --fingerprint {fingerprint} first; or, if this punch alone was made with a "
    "borrowed badge, clockd punches amend ID -u USERNAME": (
        "revoke it on the page People first; or, if this punch alone was made with a borrowed badge, correct this punch"
    ),
    "clockd badges remove --fingerprint {fingerprint} first": "revoke it on the page People first",
    "if both are the same person, --merge puts their badges and punches together": (
        "if both are the same person, tick the box that puts their badges and punches together"
    ),
    "clockd people list": "the page People lists them",
    "clockd ledger verify": "the page Log checks it",
    "--why TEXT": "",
    "punches of theirs wait or are held: clockd punches, then retry, ignore or void them": (
        "punches of theirs wait or are held: on the page Punches retry them, leave them out, or take them back"
    ),
    "a correction waits for an answer: clockd corrections withdraw": (
        "a correction waits for an answer: withdraw it on the page Corrections"
    ),
    "they are clocked in: add the clock-out with clockd punches add-out": (
        "they are clocked in: add the clock-out to that punch"
    ),
    "they have a badge: clockd badges remove": "they have a badge: take it away on the page People",
    "an account of the page is theirs: clockd accounts remove": (
        "an account of this page is theirs: it is removed at the terminal"
    ),
    '--at says when they left; with the day, as "29.11.2026 17:05"': (
        "say when they left, with the day, as 29.11.2026 17:05"
    ),
    "clockd punches show tells by whom": "the page of the punch tells by whom",
    "clockd punches --state held": "the page Now shows what waits for you",
    "name several for --username alone": "",
    "say it yourself: --at TIME": "say it yourself",
    "void that one first": "take that one back first",
    "say when they left for that punch, or void it first": "say when they left for that punch, or take it back first",
    "what a clock-in lacks is add-out": "what a clock-in lacks is its clock-out",
    "correct its entry in the tracker, or void it": "correct its entry in the tracker, or take it back",
    "void it, and add what is right; --username alone moves it to another employee": (
        "take it back, and add what is right; a username alone moves it to another employee"
    ),
    "void it instead": "take it back instead",
    "clockd punches retry looks first; then amend it": "let it be tried again, which looks first; then correct it",
    "only what was not sent can be amended; void it": "only what was not sent can be corrected; take it back",
    "{punch_id}: {message}; nothing was done": "{message}; nothing was done",
    "clockd hours asks in parts": "",
    "restore that pepper and restart; or, if it is lost, remove all badges and enrol them anew. Taps "
    "are kept meanwhile: clockd punches amend ID --username U says whose they were": (
        "restore that pepper and restart; or, if it is lost, revoke all badges and enrol them anew. Taps "
        "are kept meanwhile, and can be given to their people here"
    ),
    "--accept takes the proposed time, --at says another one": "the proposed time is taken, or another one is said",
    # why a punch waits: the page says by itself what to do
    "a correction by {by} ({way}) waits for the yes of {owners}; without an answer it counts from "
    "{due_local:%d %b %H:%M} on: clockd corrections": (
        "a correction by {by} waits for the yes of {owners}; without an answer it counts from "
        "{due_local:%d %b %H:%M} on"
    ),
    "its correction is over, and what it waited for before cannot be read: look at it (clockd punches show), then "
    "retry or amend": (
        "its correction is over, and what it waited for before cannot be read: look at it, then retry or amend"
    ),
    "a correction by {by} ({way}) waits for the yes of {owners}; without an answer it counts some days "
    "after the clock is right: clockd corrections": (
        "a correction by {by} waits for the yes of {owners}; without an answer it counts some days after the clock "
        "is right"
    ),
    "no clock-out after {at:%d %b %H:%M}: say when they left (clockd punches amend)": (
        "no clock-out after {at:%d %b %H:%M}"
    ),
    "clock-out at {at:%d %b %H:%M} without a clock-in: say when they came (clockd punches amend)": (
        "clock-out at {at:%d %b %H:%M} without a clock-in"
    ),
    "longer than a shift after the clock-in of {at:%d %b %H:%M}: say when they left (clockd punches "
    "amend), or if it is so, retry this": ("longer than a shift after the clock-in of {at:%d %b %H:%M}"),
    "badge …{tail} belongs to nobody: {hint}": "badge …{tail} belongs to nobody",
    "{what}: {hint}": "{what}",
    "clockd badges assign ID -u USERNAME gives it to an employee, with its taps (clockd badges enrol "
    "-u USERNAME at the door); clockd badges ignore ID, if it is nobody's": (""),
    "clockd punches amend ID --kind in|out": "",
    "clockd punches amend ID --at TIME": "",
    "there are later punches, so in or out would be a guess: clockd punches amend ID --kind in|out": (
        "there are later punches, so in or out would be a guess"
    ),
    "{span} (proposal: {proposal:%d %b %Y %H:%M}): say when (clockd punches amend ID --at TIME or --accept)": (
        "{span} (proposal: {proposal:%d %b %Y %H:%M})"
    ),
    "{span}: say when (clockd punches amend ID --at TIME)": "{span}",
    "it was recorded as {was:%H:%M} in {before}, which is {now:%d %b %H:%M} in {zone}: retry sends "
    "that, or say when it was (clockd punches amend)": (
        "it was recorded as {was:%H:%M} in {before}, which is {now:%d %b %H:%M} in {zone}"
    ),
    "entry {known} belongs to {owners} in the tracker now: if that is the same person, clockd people "
    "rename {username} {owner}; else correct it there, then ignore this": (
        "entry {known} belongs to {owners} in the tracker now. If {username} and {owner} are the same "
        "person, rename them on the page People; else correct it there"
    ),
    # the line to the tracker, and the daemon itself
    "nothing was changed; clockd status tells more": "nothing was changed; the page Now tells more",
    "clockd status says what the tracker lets us do": "the page Now says how the tracker is",
    "the daemon on {path} went away before it answered": "the daemon went away before it answered",
    "look before you repeat it; systemctl status clockd": "look before you repeat it",
    "it may have done it: look before you repeat it; its log tells more (journalctl -u clockd)": (
        "it may have done it: look before you repeat it"
    ),
    "not allowed to speak to the daemon on {socket_path}": "this page may not speak to the daemon",
    "what answers on {path} makes no sense": "what answers in the daemon’s place makes no sense",
    "do it and this command have the same version? clockd --version": "does it have the same version as this page?",
    "{to_do}; clockd tries again by itself in {minutes:.0f} min, or at once with others, or when you say clockd sync": (
        "{to_do}; it is tried again by itself in {minutes:.0f} min, or at once with others"
    ),
    "enter one by hand in Goodtime, of the last {days} days, for {whom}: clockd notices it within about {minutes} min, "
    "or {sooner} with clockd sync": (
        "enter one by hand in Goodtime, of the last {days} days, for {whom}: it is noticed within about {minutes} min"
    ),
    "a badge's username must be the person's login e-mail in Goodtime (clockd badges list)": (
        "a badge's username must be the person's login e-mail in Goodtime"
    ),
    # devices
    "sudo apt install pcscd; sudo systemctl enable --now pcscd.socket": (
        "its service pcscd has to be installed and started"
    ),
    "is clockd running, or pcscd? sudo systemctl disable --now pcscd.socket pcscd": (
        "is another clockd running, or the service pcscd? It has to be stopped"
    ),
    "does the reader write the number in another format? clockd badges decode --help": (
        "does the reader write the number in another format?"
    ),
    "it is {length} s ahead: check that it runs in UTC (hwclock --systohc)": (
        "it is {length} s ahead: check that it runs in UTC"
    ),
    "it is {length} s behind: check that it runs in UTC (hwclock --systohc)": (
        "it is {length} s behind: check that it runs in UTC"
    ),
    "see its log": "its log tells more to whoever looks after clockd",
}
