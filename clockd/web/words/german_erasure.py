"""The page that asks whether somebody's data is to be erased, in German."""

from clockd.web.words.shapes import ErasureWords

GERMAN_ERASURE = ErasureWords(
    title="Daten einer Person löschen",
    of="Alles, was zu {name} ({username}) aufgehoben ist",
    means="Buchungen, Berichtigungen, Badges und was das Protokoll davon sagt, werden endgültig gelöscht. Von jeder "
    "Buchung bleiben Zeitpunkt und Prüfsumme, ohne Namen, damit sich das Protokoll weiter prüfen lässt; und dass "
    "gelöscht wurde, von wem und warum.",
    law="Was Sie nach dem Gesetz aufheben müssen",
    law_means="Aufzeichnungen der Arbeitszeit sind aufzubewahren. clockd weiß nicht, welches Gesetz für Sie gilt und "
    "wann eine Frist vorbei ist, und entscheidet nichts: das tun Sie.",
    country="Land",
    paragraph="Gesetz",
    time="Frist",
    years="{years} Jahre",
    no_years="es ist keine Zahl von Jahren genannt",
    countries={"DE": "Deutschland", "AT": "Österreich", "ES": "Spanien"},
    give="Geben Sie der Person zuerst, was ihr zusteht",
    give_means="Danach kann es niemand mehr. Ihre Stunden stehen hier als Tabelle; die Aufzeichnung selbst, "
    "unterschrieben, schreibt am Terminal clockd ledger export -u.",
    to_hours="Ihre Stunden",
    elsewhere="Nicht gelöscht wird, was die Zeiterfassung hat, Sicherungen und Exporte an anderen Orten, das Protokoll "
    "des Systems (journalctl) und was gedruckt ist. Auf der Karte kann Gelöschtes mit den Mitteln eines Labors zu "
    "finden sein, bis es überschrieben ist.",
    again="Benutzernamen noch einmal schreiben",
    why="Warum (ohne den Namen)",
    copies="Auch eigene Kopien von Datenbanken löschen, in denen der Name steht",
    copies_mean="Sie entstanden vor einer Aktualisierung, oder weil etwas beschädigt war, und können Buchungen anderer "
    "enthalten, die sonst nirgends sind.",
    submit="Endgültig löschen",
    other_name="Das ist ein anderer Benutzername. Es wurde nichts gelöscht.",
    at_work="Es wird gelöscht. Diese Seite zeigt das Ende von selbst.",
    failed="Es wartet: {why}. Es geht von selbst weiter, wenn das vorbei ist.",
    done="Gelöscht: {punches} Buchungen, {bodies} Zeilen des Protokolls.",
    nobody="Niemand hier hat diesen Benutzernamen. Alle Dateien wurden danach durchsucht.",
    nothing_left="Im Ordner der Daten steht der Name nirgends mehr.",
    left="Wo der Name noch steht",
    table="{table}: {count} Zeilen der Aufzeichnung anderer ({rows})",
    file="{file}, {times}-mal",
    unread="Nicht durchsucht",
    deleted="Gelöscht",
    none_yet="Seit dem Start des Terminals wurde nichts gelöscht.",
)
