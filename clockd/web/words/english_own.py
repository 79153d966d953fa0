"""One's own record on the page, in English."""

from clockd.core.own_changes import ChangeWay
from clockd.web.words.shapes import OwnWords

ENGLISH_OWN = OwnWords(
    title="My hours",
    means="At the terminal, press the info key and hold your badge to the reader. For two minutes it shows six digits. "
    "With them you open your own record here, once.",
    code="Code",
    submit="Show my hours",
    wrong="This code opens nothing. It may be mistyped, used, or older than two minutes: let the terminal show a new "
    "one.",
    by_code="My hours, with a code from the terminal",
    by_password="Sign in with a password",
    asked="You are asked",
    asked_means="The office wants to change this in your record. Until you answer, all stays as it is.",
    until="Without an answer it counts from {at} on.",
    agree="I agree",
    refuse="I refuse",
    refuse_why="Why not? The office reads this.",
    no_reason="Say why you refuse: the office reads it. Nothing was answered yet.",
    agreed="You agreed. It is written down.",
    refused="You refused. It is written down, and the office reads why.",
    changes="What was changed",
    no_changes="Nothing was changed in this time.",
    when="When",
    what="What",
    by="By",
    you="you",
    counts_not="nothing",
    left="from then on it is somebody else’s",
    ways={
        ChangeWay.ADDED: "added",
        ChangeWay.AMEND: "corrected",
        ChangeWay.ASSIGN: "given to you",
        ChangeWay.CORRECT: "its time became known",
        ChangeWay.IGNORE: "left unbooked",
        ChangeWay.VOID: "taken back",
        ChangeWay.PROPOSE: "a correction was asked for",
        ChangeWay.AGREE: "you agreed",
        ChangeWay.REFUSE: "you refused",
        ChangeWay.SILENCE: "not answered in time",
        ChangeWay.WITHDRAW: "the correction was withdrawn",
        ChangeWay.LAPSE: "the correction could not be made any more",
    },
)
