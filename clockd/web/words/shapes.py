"""Which texts there are: one frozen object for each language, so that a missing text is an error of the types."""

from collections.abc import Mapping
from dataclasses import dataclass

from clockd.core.delivery import HoldCode
from clockd.core.notices import NoticeWay
from clockd.core.own_changes import ChangeWay
from clockd.core.updates import UpdateStage
from clockd.core.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every page."""

    now: str
    punches: str
    people: str
    hours: str
    log: str
    health: str
    skip: str
    """To the content, for keyboards."""
    pages: str
    """Name of the navigation, for screen readers."""
    sign_out: str
    account: str
    other_language: str
    """The other language, in that language."""
    other_code: str
    why: str
    """Label of every reason."""
    why_hint: str
    optional: str
    stop: str
    """Give up what waits."""
    go_back: str
    daemon_away: str
    """In the place of what the daemon would say."""
    live_lost: str
    """The page cannot be refreshed any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Signing in and out."""

    title: str
    name: str
    password: str
    submit: str
    wrong: str
    wait: str
    """With `{wait}`, a duration."""
    stale: str
    """The form was too old."""
    busy: str
    """The daemon cannot be asked for its accounts."""
    signed_in_as: str
    roles: Mapping[str, str]
    sessions: str
    """With `{count}`: browsers that are signed in."""
    everywhere: str
    """Sign out in all of them."""
    done: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NowWords:
    """The first page."""

    title: str
    needs_you: str
    nothing: str
    more: str
    """With `{count}`: further punches that wait."""
    display: str
    no_display: str
    here: str
    nobody: str
    since: str
    """With `{since}`."""
    missing_out: str
    terminal: str
    readers: str
    clock: str
    tracker: str
    outbox: str
    disk: str
    today: str
    clock_right: str
    tracker_states: Mapping[str, str]
    device_states: Mapping[str, str]
    all_booked: str
    held: str
    """With `{count}`: besides what waits, this many wait for a person."""
    unsent: str
    """With `{count}` and `{since}`."""
    open_ins: str
    """With `{count}`: clock-ins that wait for their clock-outs."""
    free: str
    """With `{size}`."""
    punches_today: str
    """With `{count}`."""
    last_booked: str
    """With `{at}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActWords:
    """One thing that can be done to a punch."""

    label: str
    means: str
    """What happens then, in a sentence."""
    done: str
    """Said afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWords:
    """Why a punch waits, and what ends it."""

    because: str
    """With `{day}` and `{time}` of the punch."""
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PunchWords:
    """Punches, their stories, and what can be done to them."""

    title: str
    first: str
    last: str
    person: str
    state: str
    search: str
    search_hint: str
    anybody: str
    any_state: str
    show: str
    reset: str
    when: str
    who: str
    what: str
    how_far: str
    none: str
    older: str
    found: str
    """With `{count}`."""
    cut_short: str
    """With `{count}`: more were found than are shown."""
    nobody: str
    """In the place of a name."""
    states: Mapping[str, str]
    not_known: str
    """In the place of in or out."""
    story: str
    """Title of one punch."""
    facts: str
    recorded: str
    reader: str
    badge: str
    terminal: str
    clock: str
    clocks: Mapping[str, str]
    between: str
    """With `{early}` and `{late}`."""
    explicit: str
    by_key: str
    by_itself: str
    identifier: str
    chain: str
    booking: str
    entries: str
    attempts: str
    tries: str
    """Heading of the attempts, one by one."""
    sent: str
    answered: str
    unanswered: str
    """In the place of an answer that nobody knows."""
    last_error: str
    tried_again: str
    history: str
    more_ways: str
    """Heading of what else can be done."""
    in_daemons_words: str
    time: str
    time_hint: str
    kind: str
    as_it_is: str
    username: str
    username_hint: str
    name: str
    accept: str
    """With `{at}`: the proposed time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActTexts:
    """Everything that can be done to a punch."""

    retry: ActWords
    withdraw: ActWords
    ignore: ActWords
    void: ActWords
    amend: ActWords
    add_out: ActWords
    add_in: ActWords
    assign: ActWords
    disown: ActWords
    accept: ActWords


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleWords:
    """Employees and badges."""

    title: str
    name: str
    username: str
    badges: str
    last: str
    nobody: str
    no_badge: str
    without: str
    """Heading: who has no badge."""
    everybody_has_one: str
    unknown: str
    """Heading: badges that are nobody's."""
    unknown_none: str
    unknown_means: str
    taps: str
    """With `{count}`."""
    badge: str
    since: str
    revoke: str
    revoke_means: str
    revoked: str
    rename: str
    rename_means: str
    renamed: str
    new_username: str
    merge: str
    enrol: str
    enrol_means: str
    begin: str
    hold_it: str
    """With `{name}`."""
    hold_hint: str
    enrolled: str
    """With `{name}` and `{tail}`."""
    not_enrolled: str
    again: str
    import_: str
    import_means: str
    file: str
    notation: str
    """How the numbers of a file are written."""
    notation_found: str
    preview: str
    preview_title: str
    line: str
    will_be: str
    fine: str
    wrong_lines: str
    """With `{count}`."""
    all_fine: str
    """With `{count}`."""
    import_all: str
    """With `{count}`."""
    imported: str
    """With `{count}`."""
    nothing_kept: str
    no_file: str
    not_utf8: str
    export: str
    to_export: str
    given_along: str
    """With `{count}`: punches that came along."""
    left_held: str
    """With `{count}`."""
    taken_from: str
    """With `{name}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureWords:
    """Erasing somebody's data."""

    title: str
    of: str
    """With `{name}` and `{username}`."""
    means: str
    law: str
    """Heading: what the law asks to be kept."""
    law_means: str
    country: str
    paragraph: str
    time: str
    years: str
    """With `{years}`."""
    no_years: str
    countries: Mapping[str, str]
    give: str
    """Heading: what they are given before."""
    give_means: str
    to_hours: str
    elsewhere: str
    """What is not erased."""
    again: str
    why: str
    copies: str
    copies_mean: str
    submit: str
    other_name: str
    at_work: str
    failed: str
    """With `{why}`."""
    done: str
    """With `{punches}` and `{bodies}`."""
    nobody: str
    nothing_left: str
    left: str
    table: str
    """With `{table}`, `{count}` and `{rows}`."""
    file: str
    """With `{file}` and `{times}`."""
    unread: str
    deleted: str
    none_yet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HourWords:
    """Hours worked."""

    title: str
    week: str
    """With `{number}` and `{span}`."""
    month: str
    weekly: str
    monthly: str
    before: str
    after: str
    this: str
    person: str
    days: str
    total: str
    breaks: str
    missing: str
    worked: str
    csv: str
    print: str
    nobody: str
    picture: str
    """With `{name}` and `{span}`: what a picture shows, for screen readers."""
    running: str
    uncertain: str
    held: str
    pause: str
    lacks: Mapping[str, str]
    legend: str
    nothing: str
    night: str
    """A bar that ends on the next day."""
    notices: str
    """Heading of legal breaks and rests that were short."""
    notices_mean: str
    notice: str
    """In the place of what a line of a table is."""
    short: Mapping[NoticeWay, str]
    """With `{had}`, `{needed}` and `{law}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWords:
    """Who changed what, and why."""

    title: str
    means: str
    when: str
    who: str
    did: str
    why: str
    nothing: str
    older: str
    what: Mapping[str, str]
    """By what the ledger calls it."""
    punch: str
    verify: str
    bodies_gone: str
    """With `{count}`."""
    claims: str
    """With `{user}` of the machine and the `{name}` that they gave: nobody checked it."""
    corrections: str
    """The link to what owners said to corrections."""
    head: str
    """Heading of the ledger's last hash, as the terminal signs it."""
    head_means: str
    anchor: str
    key: str
    signature: str
    verified: str
    """With `{rows}` and `{anchor}`."""
    broken: str
    """With `{wrong}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionWords:
    """What the office changed or wants to change, and what its owner said to it."""

    title: str
    means: str
    none: str
    was: str
    becomes: str
    nothing: str
    """In the place of a punch that does not count."""
    by: str
    owners: str
    how_far: str
    until: str
    """With `{at}`: when it counts without an answer."""
    no_badge: str
    """Of an owner who cannot answer any more."""
    told: str
    """With `{at}`."""
    not_told: str
    asked: str
    """Said after a correction that changes nothing yet."""
    progress: Mapping[str, str]
    consents: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """Somebody's own record, and the code that opens it."""

    title: str
    means: str
    """Where the code comes from."""
    code: str
    submit: str
    wrong: str
    by_code: str
    """The link from the page where one signs in."""
    by_password: str
    """The link back."""
    asked: str
    """Heading of what waits for an answer."""
    asked_means: str
    until: str
    """With `{at}`: when it counts without an answer."""
    agree: str
    refuse: str
    refuse_why: str
    no_reason: str
    agreed: str
    refused: str
    changes: str
    """Heading of what was changed."""
    no_changes: str
    when: str
    what: str
    by: str
    you: str
    """Who did it, where that was the person who reads it."""
    counts_not: str
    """In the place of a punch that does not count."""
    left: str
    """Of a punch that is not theirs any more."""
    ways: Mapping[ChangeWay, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthWords:
    """How everything is."""

    title: str
    well: str
    unwell: str
    """With `{count}`."""
    ok: str
    attention: str
    terminal: str
    clock: str
    clock_ok: str
    clock_bad: str
    clock_hint: str
    battery: str
    battery_states: Mapping[str, str]
    reader: str
    reader_hint: str
    unread: str
    """With `{reason}`, `{count}` and `{last}`: what a reader could not read."""
    display: str
    lights: str
    relay: str
    """With `{gpio}`."""
    tracker: str
    tracker_hint: str
    skew: str
    outbox: str
    held: str
    """With `{count}`."""
    held_hint: str
    state: str
    low_disk: str
    disk_fault: str
    in_memory: str
    """With `{why}`."""
    in_memory_hint: str
    damaged: str
    damaged_hint: str
    pepper: str
    pepper_ok: str
    backup: str
    no_backup: str
    backup_hint: str
    backup_at: str
    """With `{at}` and `{place}`."""
    on_device: str
    version: str
    findings: str
    """With `{count}`."""
    update: str
    update_stages: Mapping[UpdateStage, str]
    """With `{version}`, but for the one that was not begun."""
    update_hint: str
    """What to do about one that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTexts:
    """All texts of one language."""

    code: str
    vocabulary: Vocabulary
    frame: Frame
    sign_in: SignIn
    now: NowWords
    punches: PunchWords
    acts: ActTexts
    held: Mapping[HoldCode, HeldWords]
    people: PeopleWords
    erasure: ErasureWords
    hours: HourWords
    log: LogWords
    corrections: CorrectionWords
    own: OwnWords
    health: HealthWords
    sentences: Mapping[str, str]
    """The daemon's sentences in the words of the page, by their English pattern; an empty one is not shown."""
    refusals: Mapping[int, tuple[str, str]]
    """By the status of HTTP: what it is, and what to do."""
    clock_out_unknown: str
    """In the place of a punch's time that nobody knows."""
