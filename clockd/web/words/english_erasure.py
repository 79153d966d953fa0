"""The page that asks whether somebody's data is to be erased, in English."""

from clockd.web.words.shapes import ErasureWords

ENGLISH_ERASURE = ErasureWords(
    title="Erase somebody’s data",
    of="Everything that is kept of {name} ({username})",
    means="Punches, corrections, badges and what the ledger says of them are erased for good. Of each punch its moment "
    "and a hash stay, without a name, so that the ledger can still be checked; and that an erasure was made, by whom "
    "and why.",
    law="What the law asks you to keep",
    law_means="Records of working time have to be kept. clockd does not know which law holds for you and when a time "
    "is over, and decides nothing: you do.",
    country="Country",
    paragraph="Law",
    time="For",
    years="{years} years",
    no_years="no number of years is named",
    countries={"DE": "Germany", "AT": "Austria", "ES": "Spain"},
    give="Give them what is theirs first",
    give_means="Afterwards nobody can. Their hours are here as a table; the record itself, signed, is written at the "
    "terminal with clockd ledger export -u.",
    to_hours="Their hours",
    elsewhere="Not erased: what the tracker holds, backups and exports elsewhere, the system’s log (journalctl), what "
    "is printed. On the card, what was deleted may be found with a laboratory’s means until it is written over.",
    again="Type the username again",
    why="Why (without the name)",
    copies="Delete clockd’s own copies of databases that name them as well",
    copies_mean="They were made before an update, or kept since something was damaged, and may hold punches of others "
    "that are nowhere else.",
    submit="Erase for good",
    other_name="This is another username. Nothing was erased.",
    at_work="It is being erased. This page shows the end by itself.",
    failed="It waits: {why}. It goes on by itself when that has ended.",
    done="Erased: {punches} punches, {bodies} rows of the ledger.",
    nobody="Nobody here has this username. All files were looked through for it.",
    nothing_left="Nothing in the state folder names them any more.",
    left="What still names them",
    table="{table}: {count} rows of other people’s record ({rows})",
    file="{file}, {times} times",
    unread="Not looked through",
    deleted="Deleted",
    none_yet="Nothing was erased since the terminal started.",
)
