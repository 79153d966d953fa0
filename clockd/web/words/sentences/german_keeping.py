"""What is said of keeping, discarding and erasing, in German."""

from collections.abc import Mapping

GERMAN_KEEPING: Mapping[str, str] = {
    "nothing is discarded: the ledger was changed ({wrong})": (
        "es wird nichts verworfen: das Protokoll wurde geändert ({wrong})"
    ),
    "clockd ledger verify": "die Seite Protokoll prüft es",
    "who only looks erases nothing": "wer nur nachsieht, löscht nichts",
    "say why: the ledger keeps it": "sagen Sie, warum: das Protokoll hebt es auf",
    "--why TEXT": "",
    "another erasure is at work": "es wird gerade etwas anderes gelöscht",
    "it goes on by itself; try again in a minute": "es geht von selbst weiter; versuchen Sie es in einer Minute wieder",
    "something has to be done first: {what}": "vorher ist etwas zu tun: {what}",
    "who does it, or the reason, names whose data it is, and the ledger keeps both": (
        "wer es tut, oder der Grund, nennt die Person, und das Protokoll hebt beides auf"
    ),
    "write it without the name; somebody's own data is erased by somebody else": (
        "schreiben Sie es ohne den Namen; die eigenen Daten löscht jemand anderes"
    ),
    "punches of theirs wait or are held: clockd punches, then retry, ignore or void them": (
        "Buchungen der Person warten oder sind angehalten: auf der Seite Buchungen senden, übergehen oder zurücknehmen"
    ),
    "a correction waits for an answer: clockd corrections withdraw": (
        "eine Berichtigung wartet auf Antwort: auf der Seite Berichtigungen zurückziehen"
    ),
    "they are clocked in: add the clock-out with clockd punches add-out": (
        "die Person ist eingestempelt: tragen Sie das Gehen bei dieser Buchung nach"
    ),
    "they have a badge: clockd badges remove": "die Person hat einen Badge: auf der Seite Personen entziehen",
    "an account of the page is theirs: clockd accounts remove": (
        "ein Konto dieser Seite gehört der Person: am Terminal entfernen"
    ),
    "the file of the database was written anew": "die Datei der Datenbank wurde neu geschrieben",
    "the file of the database was not written anew yet, since somebody was at the door, or it was copied: it is tried "
    "again by itself": (
        "die Datei der Datenbank wurde noch nicht neu geschrieben, weil jemand an der Tür war oder sie kopiert wurde: "
        "es wird von selbst wieder versucht"
    ),
    "the database file is too large to be written anew while the door is in use": (
        "die Datei der Datenbank ist zu groß, um neu geschrieben zu werden, solange die Tür in Betrieb ist"
    ),
    "there is no room to write the database file anew": "zum neuen Schreiben der Datenbank fehlt der Platz",
    "the database in use: in the rows that are named here, or in space that is free": (
        "die Datenbank in Betrieb: in den Zeilen, die hier genannt sind, oder auf freiem Platz"
    ),
    "a copy that clockd made; it may hold punches of others that are nowhere else": (
        "eine Kopie, die clockd gemacht hat; sie kann Buchungen anderer enthalten, die sonst nirgends sind"
    ),
    "somebody put it there: delete it, or take it away": "jemand hat sie dorthin gelegt: löschen oder wegnehmen",
    "it is packed ({packed})": "sie ist gepackt ({packed})",
    "it cannot be unpacked ({mistake})": "sie lässt sich nicht entpacken ({mistake})",
    "it unpacks to too much": "ausgepackt ist sie zu groß",
    "it changed all the time": "sie hat sich ständig geändert",
    "nobody here has this username": "niemand hier hat diesen Benutzernamen",
    "a punch of theirs is on its way: it is tried again until all of them are gone": (
        "eine ihrer Buchungen ist unterwegs: es wird wieder versucht, bis alle weg sind"
    ),
}
