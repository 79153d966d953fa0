"""One's own record on the page, in German."""

from clockd.core.own_changes import ChangeWay
from clockd.web.words.shapes import OwnWords

GERMAN_OWN = OwnWords(
    title="Meine Stunden",
    means="Drücken Sie am Terminal die Info-Taste und halten Sie Ihren Badge an den Leser. Zwei Minuten lang zeigt es "
    "sechs Ziffern. Mit ihnen öffnen Sie hier einmal Ihre eigenen Aufzeichnungen.",
    code="Code",
    submit="Meine Stunden zeigen",
    wrong="Dieser Code öffnet nichts. Er kann vertippt, schon benutzt oder älter als zwei Minuten sein: Lassen Sie "
    "sich am Terminal einen neuen zeigen.",
    by_code="Meine Stunden, mit einem Code vom Terminal",
    by_password="Mit Passwort anmelden",
    asked="Sie werden gefragt",
    asked_means="Das Büro möchte dies in Ihren Aufzeichnungen ändern. Bis Sie antworten, bleibt alles, wie es ist.",
    until="Ohne Antwort gilt es ab {at}.",
    agree="Ich stimme zu",
    refuse="Ich lehne ab",
    refuse_why="Warum nicht? Das Büro liest es.",
    no_reason="Schreiben Sie, warum Sie ablehnen: Das Büro liest es. Noch ist nichts beantwortet.",
    agreed="Sie haben zugestimmt. Das ist festgehalten.",
    refused="Sie haben abgelehnt. Das ist festgehalten, und das Büro liest den Grund.",
    changes="Was geändert wurde",
    no_changes="In dieser Zeit wurde nichts geändert.",
    when="Wann",
    what="Was",
    by="Von",
    you="Sie",
    counts_not="nichts",
    left="gehört seither jemand anderem",
    ways={
        ChangeWay.ADDED: "nachgetragen",
        ChangeWay.AMEND: "berichtigt",
        ChangeWay.ASSIGN: "Ihnen zugeordnet",
        ChangeWay.CORRECT: "Zeit wurde bekannt",
        ChangeWay.IGNORE: "nicht gebucht",
        ChangeWay.VOID: "zurückgenommen",
        ChangeWay.PROPOSE: "um Zustimmung zu einer Änderung gebeten",
        ChangeWay.AGREE: "Sie haben zugestimmt",
        ChangeWay.REFUSE: "Sie haben abgelehnt",
        ChangeWay.SILENCE: "nicht rechtzeitig beantwortet",
        ChangeWay.WITHDRAW: "Änderung zurückgezogen",
        ChangeWay.LAPSE: "Änderung war nicht mehr möglich",
    },
)
