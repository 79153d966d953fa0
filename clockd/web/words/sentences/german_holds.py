"""Why a punch waits for a person, in detail, in German. What to do about it the page says by itself."""

from collections.abc import Mapping

GERMAN_HOLDS: Mapping[str, str] = {
    # nobody's, or at no certain time
    "badge …{tail} belongs to nobody": "Badge …{tail} gehört niemandem",
    "badge …{tail} belongs to nobody: {hint}": "Badge …{tail} gehört niemandem",
    "the badge …{tail} of {username} counts from {first} to {last}": (
        "der Badge …{tail} von {username} gilt von {first} bis {last}"
    ),
    "{what}: {hint}": "{what}",
    "it is not known whether this was in or out": "niemand weiß, ob das Kommen oder Gehen war",
    "it is not known when this was": "niemand weiß, wann das war",
    "clockd badges assign ID -u USERNAME gives it to an employee, with its taps (clockd badges enrol "
    "-u USERNAME at the door); clockd badges ignore ID, if it is nobody's": (""),
    "clockd punches amend ID --kind in|out": "",
    "clockd punches amend ID --at TIME": "",
    "there are later punches, so in or out would be a guess: clockd punches amend ID --kind in|out": (
        "es gibt spätere Buchungen, Kommen oder Gehen wäre also geraten"
    ),
    "the clock was not set then": "die Uhr war damals nicht gestellt",
    "the clock was not set then; it was between {early:%d %b %Y %H:%M} and {late:%d %b %Y %H:%M}": (
        "die Uhr war damals nicht gestellt; es war zwischen {early:%d.%m.%Y %H:%M} und {late:%d.%m.%Y %H:%M}"
    ),
    "the clock was not set then; it was after {early:%d %b %Y %H:%M}": (
        "die Uhr war damals nicht gestellt; es war nach {early:%d.%m.%Y %H:%M}"
    ),
    "the clock was not set then; it was before {late:%d %b %Y %H:%M}": (
        "die Uhr war damals nicht gestellt; es war vor {late:%d.%m.%Y %H:%M}"
    ),
    "a correction by {by} ({way}) waits for the yes of {owners}; without an answer it counts from "
    "{due_local:%d %b %H:%M} on: clockd corrections": (
        "eine Berichtigung von {by} wartet auf das Ja von {owners}; ohne Antwort gilt sie ab {due_local:%d %b %H:%M}"
    ),
    "its correction is over, and what it waited for before cannot be read: look at it (clockd punches show), then "
    "retry or amend": (
        "ihre Berichtigung ist erledigt, und worauf sie vorher wartete, ist nicht lesbar: ansehen, dann erneut senden "
        "oder ändern"
    ),
    "a correction by {by} ({way}) waits for the yes of {owners}; without an answer it counts some days "
    "after the clock is right: clockd corrections": (
        "eine Berichtigung von {by} wartet auf das Ja von {owners}; ohne Antwort gilt sie einige Tage, nachdem die Uhr "
        "richtig geht"
    ),
    "{span} (proposal: {proposal:%d %b %Y %H:%M}): say when (clockd punches amend ID --at TIME or --accept)": (
        "{span} (Vorschlag: {proposal:%d.%m.%Y %H:%M})"
    ),
    "{span}: say when (clockd punches amend ID --at TIME)": "{span}",
    "it was recorded as {was:%H:%M} in {before}, which is {now:%d %b %H:%M} in {zone}: retry sends "
    "that, or say when it was (clockd punches amend)": (
        "erfasst als {was:%H:%M} in {before}, das ist {now:%d.%m. %H:%M} in {zone}"
    ),
    # a partner is missing, or waits too
    "no clock-out after {at:%d %b %H:%M}: say when they left (clockd punches amend)": (
        "kein Gehen nach {at:%d.%m. %H:%M}"
    ),
    "clock-out at {at:%d %b %H:%M} without a clock-in: say when they came (clockd punches amend)": (
        "Gehen am {at:%d.%m. %H:%M} ohne ein Kommen"
    ),
    "longer than a shift after the clock-in of {at:%d %b %H:%M}: say when they left (clockd punches "
    "amend), or if it is so, retry this": ("länger als eine Schicht nach dem Kommen vom {at:%d.%m. %H:%M}"),
    "its clock-in of {at:%d %b %H:%M} is held: settle that first, this follows": (
        "sein Kommen vom {at:%d.%m. %H:%M} wartet auf Sie"
    ),
    # something else stands there
    "an entry": "einem Eintrag",
    "entry {entry_ids}": "Eintrag {entry_ids}",
    "entry {entry_id} {begin:%d %b %H:%M}–{end:%H:%M}": "Eintrag {entry_id} {begin:%d.%m. %H:%M}–{end:%H:%M}",
    "entry {entry_id} running since {begin:%d %b %H:%M}": "Eintrag {entry_id}, der seit {begin:%d.%m. %H:%M} läuft",
    "{begin:%d %b %H:%M}–{end:%H:%M} overlaps {entries}: change one of them, then retry or ignore": (
        "{begin:%d.%m. %H:%M}–{end:%H:%M} überschneidet sich mit: {entries}"
    ),
    "the clock-in of {at:%d %b %H:%M} lies within {entries}: change one of them, then retry or ignore": (
        "das Kommen vom {at:%d.%m. %H:%M} liegt in: {entries}"
    ),
    "entry {entry_id} runs in the tracker since {since:%d %b %H:%M}, longer than a shift: end it "
    "there, then retry this": (
        "Eintrag {entry_id} läuft in der Zeiterfassung seit {since:%d.%m. %H:%M}, länger als eine "
        "Schicht: beenden Sie ihn dort"
    ),
    "its clock-out is booked already, in {which}: correct that in the tracker, then ignore this": (
        "sein Gehen ist schon gebucht, in {which}: berichtigen Sie das in der Zeiterfassung"
    ),
    "its clock-in is booked in {which} with another end: correct that in the tracker, then ignore this": (
        "sein Kommen ist in {which} mit einem anderen Ende gebucht: berichtigen Sie das in der Zeiterfassung"
    ),
    "its clock-in is at the tracker or account used before: end the entry there, then ignore this": (
        "sein Kommen steht in der früheren Zeiterfassung oder beim früheren Zugang: beenden Sie den Eintrag dort"
    ),
    "entry {entry_id} ended in the tracker at {end:%d %b %H:%M:%S}, not at {at:%H:%M:%S}: correct it "
    "there or leave it, then ignore this": (
        "Eintrag {entry_id} endete in der Zeiterfassung am {end:%d.%m. %H:%M:%S}, nicht um {at:%H:%M:%S}"
    ),
    "entries {entry_ids} began then, and one of them is ours: end or delete the others in the "
    "tracker, then retry this": (
        "die Einträge {entry_ids} begannen da, und einer ist unserer: beenden oder löschen Sie die anderen"
    ),
    "the entry these breaks belong to has no number; enter the break in the tracker": (
        "der Eintrag, zu dem diese Pausen gehören, hat keine Nummer; tragen Sie die Pause in der Zeiterfassung ein"
    ),
    "the tracker names entry {claimed}, which another punch has already": (
        "die Zeiterfassung nennt Eintrag {claimed}, den schon eine andere Buchung hat"
    ),
    "the project timer on {project} does not stop: stop it in the tracker, then ignore this": (
        "der Projekttimer auf {project} bleibt nicht stehen: halten Sie ihn in der Zeiterfassung an"
    ),
    "the project timer was switched to {client} / {project} after this punch; check it there": (
        "der Projekttimer wurde nach dieser Buchung auf {client} / {project} gestellt; prüfen Sie das dort"
    ),
    # what the log says of what was done by itself
    "our own surplus": "von uns selbst doppelt gebucht",
    "undo key": "Taste Rückgängig",
    "employee": "die Person selbst",
    "restored from a backup that ended with row {row}": (
        "aus einer Sicherung wiederhergestellt, die mit Zeile {row} endete"
    ),
    # the tracker says no
    "no reason given": "ohne Begründung",
    "no answer": "keine Antwort",
    "clockd ended while sending": "clockd endete beim Senden",
    "the tracker refuses it: {why}": "die Zeiterfassung lehnt es ab: {why}",
    "the tracker does not take it: {last_error}": "die Zeiterfassung nimmt es nicht: {last_error}",
    "the tracker refuses to start the timer: {error}. It is sent with its clock-out, if not before": (
        "die Zeiterfassung startet den Timer nicht: {error}. Spätestens mit dem Gehen wird es gesendet"
    ),
    "sent {attempts} times without a trace; last: {last_error}": (
        "{attempts}-mal gesendet, ohne eine Spur; zuletzt: {last_error}"
    ),
    "sent hours ago and not there now: somebody may have deleted or moved it. Look, then retry or ignore": (
        "vor Stunden gesendet und jetzt nicht da: vielleicht hat es jemand gelöscht oder verschoben"
    ),
    "asked hours ago to delete it, without a clear answer: delete it in the tracker, or retry this": (
        "vor Stunden zu löschen versucht, ohne klare Antwort"
    ),
    "its entry is gone from the tracker and is not made again: {why}": (
        "sein Eintrag ist aus der Zeiterfassung verschwunden und wird nicht neu gemacht: {why}"
    ),
    "entry {known} was deleted in the tracker; it is not made again": (
        "Eintrag {known} wurde in der Zeiterfassung gelöscht; er wird nicht neu gemacht"
    ),
    "entry {known} belongs to {owners} in the tracker now: if that is the same person, clockd people "
    "rename {username} {owner}; else correct it there, then ignore this": (
        "Eintrag {known} gehört in der Zeiterfassung jetzt {owners}. Sind {username} und {owner} dieselbe"
        " Person, ändern Sie den Namen auf der Seite Personen; sonst berichtigen Sie es dort"
    ),
    "the tracker does not book for this employee: {why}": "die Zeiterfassung bucht für diese Person nicht: {why}",
    "the tracker does not show this employee's {shown}: {why}": (
        "die Zeiterfassung zeigt von dieser Person nicht: {shown} ({why})"
    ),
    "entries": "Einträge",
    "project timer": "Projekttimer",
    # what was taken back stays there
    "the tracker does not delete entry {entry_id}: {why}. Delete it there, then retry this": (
        "die Zeiterfassung löscht Eintrag {entry_id} nicht: {why}"
    ),
    "entry {entry_id} is still in the tracker ({why}): delete it there, then retry this, or ignore this": (
        "Eintrag {entry_id} steht noch in der Zeiterfassung ({why})"
    ),
    "entry {locked} is locked in the tracker: unlock it there and retry this, or ignore this": (
        "Eintrag {locked} ist in der Zeiterfassung gesperrt: geben Sie ihn dort frei"
    ),
    "entry {entry_id} was begun by somebody else: correct its end there, then ignore this": (
        "Eintrag {entry_id} hat jemand anderes begonnen: berichtigen Sie sein Ende dort"
    ),
    "one of the entries {ids} is it: delete that one in the tracker, then ignore this": (
        "einer der Einträge {ids} ist es: löschen Sie ihn in der Zeiterfassung"
    ),
    "it was booked at the tracker or account used before: correct it there, then ignore this": (
        "es wurde in der früheren Zeiterfassung oder beim früheren Zugang gebucht: berichtigen Sie es dort"
    ),
    # another tracker, or an older store
    "it was to be deleted on the tracker used before: see to it there, then ignore this": (
        "es sollte in der früheren Zeiterfassung gelöscht werden: sehen Sie dort nach"
    ),
    "it may have been booked on the tracker used before: look there, then retry or ignore": (
        "vielleicht ist es in der früheren Zeiterfassung gebucht: sehen Sie dort nach"
    ),
    "it was made for the tracker used before: retry sends it to the new one, ignore leaves it": (
        "es war für die frühere Zeiterfassung bestimmt"
    ),
    "the store was restored from a backup, and this may have been sent before: look at the project "
    "times in the tracker, then retry or ignore this": (
        "das Terminal wurde aus einer Sicherung wiederhergestellt, und dies ist vielleicht schon "
        "gesendet: sehen Sie die Projektzeiten in der Zeiterfassung an"
    ),
    # times that the tracker cannot hold
    "{reason}. Proposal: enter {begin:%H:%M}–{end:%H:%M}, then ignore": (
        "{reason}. Vorschlag: tragen Sie dort {begin:%H:%M}–{end:%H:%M} ein"
    ),
    "{begin:%H:%M:%S}–{end:%H:%M:%S} is too short for the tracker: ignore it, or enter it there": (
        "{begin:%H:%M:%S}–{end:%H:%M:%S} ist zu kurz für die Zeiterfassung"
    ),
    "{begin:%H:%M:%S}–{end:%H:%M:%S}: the clocks change then, and its whole minutes cannot be said in"
    " the tracker's times: ignore it, or enter it there": (
        "{begin:%H:%M:%S}–{end:%H:%M:%S}: da werden die Uhren umgestellt, und die ganzen Minuten lassen "
        "sich in den Zeiten der Zeiterfassung nicht sagen"
    ),
    "the clock was put back in between: {minutes} min were worked, and on the wall the end "
    "({end:%H:%M:%S}) is not after the begin ({begin:%H:%M:%S})": (
        "die Uhr wurde dazwischen zurückgestellt: gearbeitet wurden {minutes} min, und auf der Wanduhr "
        "liegt das Ende ({end:%H:%M:%S}) nicht nach dem Beginn ({begin:%H:%M:%S})"
    ),
    "the interval is empty: both punches fall into the same second": (
        "die Spanne ist leer: beide Buchungen fallen in dieselbe Sekunde"
    ),
    "in, out and the next in lie within one minute, which the tracker books once: ignore it": (
        "Kommen, Gehen und das nächste Kommen liegen in einer Minute, die die Zeiterfassung nur einmal bucht"
    ),
    # mistakes and damage
    "clockd made a mistake here, please report it ({name}: {mistake}); retry tries again": (
        "clockd hat hier einen Fehler gemacht, bitte melden Sie ihn ({name}: {mistake})"
    ),
    "its row in the database is damaged ({kind}: {mistake}): enter what it was in the tracker, then ignore this": (
        "ihre Zeile in der Datenbank ist beschädigt ({kind}: {mistake})"
    ),
}
