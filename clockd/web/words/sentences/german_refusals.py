"""What the daemon answers to a command, and what to do about it, in German; an empty text is left out."""

from collections.abc import Mapping

GERMAN_REFUSALS: Mapping[str, str] = {
    # punches, and how they are named
    "no punch {punch_id}": "eine Buchung {punch_id} gibt es nicht",
    "{punch_id} could be {shown}": "{punch_id} könnte {shown} sein",
    "{punch_id} could be {shown} and more": "{punch_id} könnte {shown} und weitere sein",
    "clockd punches lists them": "die Seite Buchungen zeigt alle",
    "write more of it; clockd punches lists them": "schreiben Sie mehr davon; die Seite Buchungen zeigt alle",
    "no punch named": "keine Buchung genannt",
    "clockd punches lists their ids": "die Seite Buchungen zeigt alle",
    "{punch_id}: {message}; nothing was done": "{message}; nichts wurde getan",
    "there is nothing like this that could be done to a punch": "so etwas kann man mit einer Buchung nicht tun",
    # what an owner said to a correction, and where
    "said at the door by key and badge": "an der Tür gesagt, mit Taste und Badge",
    "said on the page, in their own record": "auf der Seite gesagt, in den eigenen Aufzeichnungen",
    "only the admin page may ask for this": "nur die Seite des Terminals darf danach fragen",
    "open it in a browser": "öffnen Sie sie in einem Browser",
    "code or address is missing, or no text": "code oder address fehlt oder ist kein Text",
    "this terminal shows no codes": "dieses Terminal zeigt keine Codes",
    "[rules] own_record in clockd.toml": "[rules] own_record in clockd.toml",
    # a punch is corrected
    "this punch is {state}": "diese Buchung ist {state}",
    "this punch is {states} already": "diese Buchung ist schon {states}",
    "this punch is {states}; {what} is for held ones": (
        "diese Buchung ist {states}; {what} kann man nur, was auf Sie wartet"
    ),
    "clockd punches --state held": "die Seite Jetzt zeigt, was auf Sie wartet",
    "waiting": "in Wartestellung",
    "sending": "unterwegs zur Zeiterfassung",
    "doubtful": "in Prüfung",
    "delivered": "gebucht",
    "held": "in Wartestellung, bis Sie entscheiden",
    "ignored": "als nicht zu buchen erklärt",
    "void": "zurückgenommen",
    "stranger": "die eines fremden Badges",
    "taken back": "zurückgenommen",
    "retry": "erneut versuchen",
    "ignore": "von der Buchung ausnehmen",
    "this punch is taken back": "diese Buchung ist zurückgenommen",
    "clockd punches show tells by whom": "die Seite der Buchung zeigt, von wem",
    "this punch is being taken back": "diese Buchung wird gerade zurückgenommen",
    "that ends by itself, or is held with the reason": "das endet von selbst, oder sie wartet mit dem Grund auf Sie",
    "this punch is {username}'s already": "diese Buchung gehört {username} schon",
    "try again when it is known how that ended": "versuchen Sie es erneut, wenn feststeht, wie das ausging",
    "something of this punch is at the tracker already": "von dieser Buchung steht schon etwas in der Zeiterfassung",
    "void it, and add what is right; --username alone moves it to another employee": (
        "nehmen Sie sie zurück und tragen Sie nach, was stimmt; mit einem Benutzernamen allein geht sie "
        "an eine andere Person"
    ),
    "void it instead": "nehmen Sie sie zurück",
    "this punch may be at the tracker already, which could not be looked at": (
        "sie könnte schon in der Zeiterfassung stehen, die sich nicht ansehen ließ"
    ),
    "clockd punches retry looks first; then amend it": (
        "versuchen Sie sie erneut, dann wird nachgesehen; berichtigen Sie sie danach"
    ),
    "only what was not sent can be amended; void it": (
        "berichtigen lässt sich nur, was noch nicht gesendet ist; nehmen Sie sie zurück"
    ),
    "correct its entry in the tracker, or void it": (
        "berichtigen Sie den Eintrag in der Zeiterfassung, oder nehmen Sie sie zurück"
    ),
    "a punch cannot become one on a project": "eine Buchung kann keine auf ein Projekt werden",
    "in, out, break, resume": "Kommen, Gehen, Pause, Pausenende",
    "a time or a kind is of one punch": "Zeit und Richtung gehören zu einer einzelnen Buchung",
    "name several for --username alone": "",
    "no time is proposed for this punch": "für diese Buchung ist keine Zeit vorgeschlagen",
    "say it yourself: --at TIME": "sagen Sie die Zeit selbst",
    "--accept takes the proposed time, --at says another one": "entweder gilt die vorgeschlagene Zeit oder eine andere",
    "leave one of them out": "lassen Sie eines davon weg",
    "nothing to amend": "es wurde nichts gesagt, was zu berichtigen wäre",
    "--at TIME, --kind KIND, --username U, --time-type TYPE, or --accept for the proposal": (
        "nennen Sie Zeit, Richtung oder Benutzernamen"
    ),
    "--accept is about the time alone": "der Vorschlag betrifft die Zeit allein",
    "say --time-type in a command of its own": "berichtigen Sie die Zeitart für sich allein",
    "TimeTrack knows no time types; Goodtime does": "TimeTrack kennt keine Zeitarten, Goodtime schon",
    "leave --time-type out": "lassen Sie die Zeitart weg",
    # corrections that wait for their owners
    "name the correction by its number, or by its punch": "nennen Sie die Berichtigung mit ihrer Nummer oder Buchung",
    "clockd corrections": "die Seite Berichtigungen zeigt alle",
    "a correction of this punch waits for its owner's answer": (
        "eine Berichtigung dieser Buchung wartet auf die Antwort der Person, der sie gehört"
    ),
    "clockd corrections shows it; clockd corrections withdraw {number} takes it back": (
        "auf der Seite Berichtigungen steht sie und lässt sich zurückziehen"
    ),
    "no such correction waits for an answer": "eine solche Berichtigung wartet auf keine Antwort",
    "no such correction of yours waits for an answer": "eine solche Berichtigung wartet nicht auf Ihre Antwort",
    "this correction is settled already": "diese Berichtigung ist schon erledigt",
    "the answer is yes or no": "die Antwort ist Ja oder Nein",
    "this is no anchor: {text}": "das ist kein Anker: {text}",
    "as clockd ledger head shows it, ROWS:HASH": "so, wie ihn die Seite Protokoll zeigt, ZEILEN:PRÜFSUMME",
    "unknown kind {kind}": "unbekannte Richtung {kind}",
    "unknown state {state}": "unbekannter Stand {state}",
    "one of {choices}": "möglich sind {choices}",
    "its row in the database is damaged ({mistake})": "ihre Zeile in der Datenbank ist beschädigt ({mistake})",
    "enter what it was in the tracker, then ignore it": (
        "tragen Sie sie in der Zeiterfassung ein; buchen Sie sie hier nicht"
    ),
    # what is missing is added
    "only a clock-in can lack a clock-out": "nur nach einem Kommen kann ein Gehen fehlen",
    "only a clock-out or a break can lack a clock-in": "nur vor einem Gehen oder einer Pause kann ein Kommen fehlen",
    "what a clock-in lacks is add-out": "nach einem Kommen fehlt ein Gehen",
    "this is not after the clock-in, which was at {at:%Y-%m-%d %H:%M:%S}": (
        "das liegt nicht nach dem Kommen vom {at:%d.%m.%Y, %H:%M:%S}"
    ),
    '--at says when they left; with the day, as "29.11.2026 17:05"': (
        "sagen Sie, wann die Person gegangen ist, mit dem Tag, wie 29.11.2026 17:05"
    ),
    "a clock-out follows already, at {at:%Y-%m-%d %H:%M:%S}": "es folgt schon ein Gehen, am {at:%d.%m.%Y, %H:%M:%S}",
    "void that one first": "nehmen Sie das zuerst zurück",
    "they went on with a project at {at:%Y-%m-%d %H:%M:%S}": (
        "am {at:%d.%m.%Y, %H:%M:%S} ging es mit einem Projekt weiter"
    ),
    "say when they left for that punch, or void it first": (
        "tragen Sie das Gehen bei jener Buchung nach, oder nehmen Sie sie zuerst zurück"
    ),
    "this is after the next clock-in, which was at {at:%Y-%m-%d %H:%M:%S}": (
        "das liegt nach dem nächsten Kommen vom {at:%d.%m.%Y, %H:%M:%S}"
    ),
    "this is not before the clock-out, which was at {at:%Y-%m-%d %H:%M:%S}": (
        "das liegt nicht vor dem Gehen vom {at:%d.%m.%Y, %H:%M:%S}"
    ),
    "a clock-in precedes already, at {at:%Y-%m-%d %H:%M:%S}": (
        "davor steht schon ein Kommen, am {at:%d.%m.%Y, %H:%M:%S}"
    ),
    "this is before the clock-out before it, which was at {at:%Y-%m-%d %H:%M:%S}": (
        "das liegt vor dem vorigen Gehen vom {at:%d.%m.%Y, %H:%M:%S}"
    ),
    "{at:%Y-%m-%d %H:%M:%S} is in the future": "{at:%d.%m.%Y, %H:%M:%S} liegt in der Zukunft",
    "it is {at:%Y-%m-%d %H:%M:%S}": "es ist {at:%d.%m.%Y, %H:%M:%S}",
    # times and days as people write them
    "{shown} is no time": "{shown} ist keine Zeit",
    "{shown} cannot be meant": "{shown} kann nicht gemeint sein",
    "years from {first} to {last}": "Jahre von {first} bis {last}",
    "{shown} is a day without a time": "{shown} ist ein Tag ohne Uhrzeit",
    'as "08:00", "yesterday 17:05", "29.11.2026 17:05" or "2026-11-29 17:05"': (
        "wie 08:00, gestern 17:05, 29.11.2026 17:05 oder 2026-11-29 17:05"
    ),
    "{shown} exists twice: the clocks went back over it": "{shown} gibt es zweimal: die Uhren gingen darüber zurück",
    "{shown} does not exist: the clocks went forward over it": "{shown} gibt es nicht: die Uhren gingen darüber vor",
    "add an offset, as 2026-03-29 02:30+01:00": (
        "schreiben Sie den Abstand zur Weltzeit dazu, wie 2026-03-29 02:30+01:00"
    ),
    "add an offset, as 2026-10-25 02:30+01:00": (
        "schreiben Sie den Abstand zur Weltzeit dazu, wie 2026-10-25 02:30+01:00"
    ),
    "{text} is no day": "{text} ist kein Tag",
    "{text} cannot be meant": "{text} kann nicht gemeint sein",
    "as 2026-11-21": "wie 2026-11-21",
    "years from 1990 to 2199": "Jahre von 1990 bis 2199",
    "1 to {most} days can be asked for at once": "auf einmal lassen sich 1 bis {most} Tage zeigen",
    "clockd hours asks in parts": "",
    # fields of a form
    "{name} is missing, or no text": "{name} fehlt oder ist kein Text",
    "{name} is longer than {most} characters": "{name} hat mehr als {most} Zeichen",
    "{name} is no text in UTF-8": "{name} ist kein Text in UTF-8",
    "{name} is empty": "{name} ist leer",
    "{name} is a whole number, 0 or more": "{name} ist eine ganze Zahl, mindestens 0",
    "say what it is, or leave the option away": "füllen Sie das Feld aus",
    "--username, as the tracker knows the employee": "schreiben Sie ihn so, wie ihn die Zeiterfassung führt",
    "this {name} {why}": "{name}: {why}",
    "is longer than {most} characters": "mehr als {most} Zeichen",
    "holds a character that no name has (U+{code:04X})": "ein Zeichen, das in keinem Namen vorkommt (U+{code:04X})",
    "write it as the tracker shows it": "schreiben Sie ihn so, wie ihn die Zeiterfassung zeigt",
    "why": "der Grund",
    "at": "die Zeit",
    "id": "die Kennung",
    "kind": "die Richtung",
    "username": "der Benutzername",
    "name": "der Name",
    "old": "der bisherige Benutzername",
    "new": "der neue Benutzername",
    "uid": "die Nummer des Badges",
    "pin": "die PIN",
    "state": "der Stand",
    "first": "der erste Tag",
    "last": "der letzte Tag",
    "from_day": "der erste Tag",
    "until_day": "der letzte Tag",
    "fingerprint": "die Kennung des Badges",
    "cursor": "die Stelle in der Liste",
    "limit": "die Anzahl",
    "from": "der erste Tag",
    "until": "der letzte Tag",
    # people
    "both names are the same": "beide Namen sind gleich",
    "nobody here has the username {old}": "niemand hat hier den Benutzernamen {old}",
    "clockd people list": "die Seite Personen zeigt alle",
    "somebody here has the username {new} already": "den Benutzernamen {new} hat hier schon jemand",
    "if both are the same person, --merge puts their badges and punches together": (
        "sind beide dieselbe Person, kreuzen Sie an, dass ihre Badges und Buchungen zusammengelegt werden"
    ),
    "a request for {old} or {new} is under way, or in doubt": (
        "für {old} oder {new} ist gerade etwas unterwegs oder in Prüfung"
    ),
    "try again in two minutes": "versuchen Sie es in zwei Minuten wieder",
    # badges
    "another badge is being enrolled": "gerade wird ein anderer Badge angelernt",
    "somebody else waits for a badge": "gerade wartet schon jemand auf einen Badge",
    "try again in a moment": "versuchen Sie es gleich noch einmal",
    "no new badge within {timeout_s:.0f} s": "kein neuer Badge innerhalb von {timeout_s:.0f} s",
    "no badge within {timeout_s:.0f} s": "kein Badge innerhalb von {timeout_s:.0f} s",
    "a badge that has an owner clocks them in instead: clockd badges remove first": (
        "ein Badge, der schon jemandem gehört, bucht für diese Person: nehmen Sie ihn auf der Seite Personen zuerst weg"
    ),
    "clockd status says how the readers are": "die Seite Zustand zeigt, wie es den Lesern geht",
    "the badge …{tail} that made this punch is {username}'s": "der Badge …{tail} dieser Buchung gehört {username}",
    "the badge …{tail} is {username}'s": "der Badge …{tail} gehört {username}",
    "clockd badges remove --fingerprint {fingerprint} first; or, if this punch alone was made with a "
    "borrowed badge, clockd punches amend ID -u USERNAME": (
        "nehmen Sie ihn auf der Seite Personen zuerst weg; oder berichtigen Sie diese Buchung, wenn der "
        "Badge nur ausgeliehen war"
    ),
    "clockd badges remove --fingerprint {fingerprint} first": "nehmen Sie ihn auf der Seite Personen zuerst weg",
    "this punch is somebody's, or settled": "diese Buchung gehört schon jemandem oder ist erledigt",
    "clockd punches amend ID -u gives it away": "berichtigen Sie die Buchung, mit dem richtigen Benutzernamen",
    "this punch was made without a badge": "diese Buchung entstand ohne Badge",
    "clockd punches amend ID -u USERNAME gives it away": "berichtigen Sie die Buchung, mit dem richtigen Benutzernamen",
    "this card shows another identifier at each tap, so it cannot be known again": (
        "diese Karte zeigt jedes Mal eine andere Nummer, sie lässt sich also nicht wiedererkennen"
    ),
    "its taps are strangers' anyway, and wait for nobody": "sie gilt ohnehin als fremd und wartet auf niemanden",
    "the card …{tail} is not ignored": "die Karte …{tail} gilt nicht als fremd",
    "this badge belongs to nobody": "dieser Badge gehört niemandem",
    "no badge, or more than one, has this fingerprint": "kein Badge oder mehr als einer hat diese Kennung",
    "a fingerprint as short as this could be another badge's": (
        "eine so kurze Kennung könnte die eines anderen Badges sein"
    ),
    "clockd badges list": "die Seite Personen zeigt alle Badges",
    "{given} of {count} badges were given, then: {failure}": "{given} von {count} Badges vergeben, dann: {failure}",
    "import the same list once more; those that are given already stay as they are": (
        "dieselbe Liste noch einmal einlesen; was schon vergeben ist, bleibt, wie es ist"
    ),
    "badges of {names} end so": "Badges von {names} enden so",
    "enrol it by its whole number: clockd badges enrol": "lernen Sie ihn an der Tür an, auf der Seite Personen",
    "this is no badge identifier: {error}": "das ist keine Nummer eines Badges: {error}",
    "as 04A2B3C4D5E6F7 or 04:A2:B3:C4": "wie 04A2B3C4D5E6F7 oder 04:A2:B3:C4",
    "this identifier is random: phones and bank cards show another one at each tap": (
        "diese Nummer ist zufällig: Telefone und Bankkarten zeigen jedes Mal eine andere"
    ),
    "use a badge with a fixed identifier": "nehmen Sie einen Badge mit fester Nummer",
    "the badge would end before it begins": "der Badge würde enden, bevor er beginnt",
    "--from DAY is not after --until DAY": "der erste Tag liegt nicht nach dem letzten",
    "this is no PIN: {error}": "das ist keine PIN: {error}",
    "four to twelve digits; six are better than four": "vier bis zwölf Ziffern; sechs sind besser als vier",
    "a PIN cannot be an admin's badge: whoever looks on knows it": (
        "eine PIN kann kein Verwaltungsbadge sein: wer zusieht, kennt sie"
    ),
    "give them a badge": "geben Sie ihnen einen Badge",
    "this PIN is one of the first that anybody tries": "diese PIN wird als eine der ersten erraten",
    "take digits without a pattern": "nehmen Sie Ziffern ohne Muster",
    "this PIN is taken": "diese PIN ist vergeben",
    "choose another one; six digits are hard to meet by chance": (
        "wählen Sie eine andere; sechs Ziffern trifft kaum jemand zufällig"
    ),
    "this list was made under another badge-pepper, so no badge would be known": (
        "diese Liste wurde unter einem anderen badge-pepper gemacht, also würde kein Badge erkannt"
    ),
    "give this terminal the pepper of the list, or make the list anew under its own": (
        "diesem Terminal den Pepper der Liste geben, oder die Liste unter seinem eigenen neu machen"
    ),
    "a fingerprint is 64 hexadecimal digits": "ein Fingerabdruck hat 64 hexadezimale Ziffern",
    "the badges were enrolled under another badge-pepper: each is a stranger at the door": (
        "die Badges wurden unter einem anderen badge-pepper angelernt: an der Tür ist jeder fremd"
    ),
    "restore that pepper and restart; or, if it is lost, remove all badges and enrol them anew. Taps "
    "are kept meanwhile: clockd punches amend ID --username U says whose they were": (
        "stellen Sie diesen pepper wieder her und starten Sie neu; ist er verloren, nehmen Sie alle "
        "Badges weg und lernen sie neu an. Was vorgehalten wird, bleibt erhalten und lässt sich hier "
        "seinen Personen zuordnen"
    ),
    # the numbers of badges
    "not hexadecimal": "nicht hexadezimal",
    "{count} bytes long; badges have {lengths}": "{count} Byte lang; Badges haben {lengths}",
    "not digits alone": "nicht nur Ziffern",
    "{count} digits; a PIN has {fewest} to {most}": "{count} Ziffern; eine PIN hat {fewest} bis {most}",
    "not decimal digits": "keine Dezimalziffern",
    "more than {digits} digits": "mehr als {digits} Ziffern",
    "more than {bits} bits": "mehr als {bits} Bit",
    "more than {first_bits} and 16 bits": "mehr als {first_bits} und 16 Bit",
    "more than {length} bits for {name}": "mehr als {length} Bit für {name}",
    "not {bits} bits": "nicht {bits} Bit",
    "neither {bits} bits nor its two numbers": "weder {bits} Bit noch die beiden Zahlen",
    "not ten numbers of 00 to 15": "nicht zehn Zahlen von 00 bis 15",
    "not two numbers": "nicht zwei Zahlen",
    "not ten digits and a facility with its card": "nicht zehn Ziffern und eine Anlage mit ihrer Karte",
    "its two numbers are not those of one badge": "die beiden Zahlen sind nicht die eines einzigen Badges",
    "not two and four hexadecimal digits": "nicht zwei und vier Hexadezimalziffern",
    "leaves out a part of the badge's number": "lässt einen Teil der Nummer weg",
    "a parity bit is wrong": "ein Prüfbit ist falsch",
    "not in a form that is known": "in keiner Schreibweise, die bekannt ist",
    "rounded by a spreadsheet, which keeps fifteen digits of a number": (
        "von einer Tabellenkalkulation gerundet, die fünfzehn Ziffern einer Zahl behält"
    ),
    # a file of badges
    "the file {why}": "die Datei {why}",
    "does not begin with the names of its columns": "beginnt nicht mit den Namen ihrer Spalten",
    "its first line: uid,username,name": "ihre erste Zeile: uid,username,name",
    "holds no badges": "enthält keine Badges",
    "below its first line, one line for each badge": "unter der ersten Zeile für jeden Badge eine Zeile",
    "the numbers of this file can be read in several ways": "die Nummern dieser Datei lassen sich verschieden lesen",
    "choose one: {forms}": "wählen Sie eine Schreibweise: {forms}",
    "{cells} cells, but {columns} columns": "{cells} Zellen, aber {columns} Spalten",
    "put quotes around a name with a comma": "setzen Sie einen Namen mit Komma in Anführungszeichen",
    "a quote is not closed on its line": "ein Anführungszeichen ist auf seiner Zeile nicht geschlossen",
    "text after a closing quote": "Text nach einem schließenden Anführungszeichen",
    "no username": "kein Benutzername",
    "write it as the tracker knows the employee": "schreiben Sie ihn so, wie ihn die Zeiterfassung führt",
    "the {column} {odd}": "{column}: {odd}",
    "a day that is none": "ein Tag, den es nicht gibt",
    "write it as 2026-11-30": "schreiben Sie ihn wie 2026-11-30",
    "no uid": "keine Nummer des Badges",
    "write the badge's whole identifier, or leave the line out": (
        "schreiben Sie die ganze Nummer des Badges, oder lassen Sie die Zeile weg"
    ),
    "uid is {what}": "Nummer des Badges: {what}",
    "uid is random (it begins with 08): another one at each tap": (
        "zufällige Nummer (sie beginnt mit 08): jedes Mal eine andere"
    ),
    "use a badge with a fixed one": "nehmen Sie einen Badge mit fester Nummer",
    "the same badge as line {line}": "derselbe Badge wie in Zeile {line}",
    # the daemon itself, and who asks it
    "a user of this machine": "jemand an diesem Gerät",
    "an error inside the daemon": "ein Fehler im Dienst des Terminals",
    "see its log": "sein Protokoll sagt denen mehr, die clockd betreuen",
    "unknown command {name}": "unbekannter Befehl {name}",
    "is the daemon older than this clockd?": "ist der Dienst älter als diese Seite?",
    "too many answers wait to be read": "zu viele Antworten warten darauf, gelesen zu werden",
    "try again in a minute, or ask for less": "versuchen Sie es in einer Minute wieder, oder fragen Sie nach weniger",
    "at most {most} punches at once": "höchstens {most} Buchungen auf einmal",
    "punches.page goes through all of them": "",
    "a row of this is longer than the daemon takes at once ({limit} KiB)": (
        "eine Zeile davon ist länger, als der Dienst auf einmal nimmt ({limit} KiB)"
    ),
    "this is longer than the daemon takes at once ({limit} KiB)": (
        "das ist länger, als der Dienst auf einmal nimmt ({limit} KiB)"
    ),
    "long commands have {most} MiB together": "lange Befehle haben zusammen höchstens {most} MiB",
    "send less at once, or later": "schicken Sie weniger auf einmal, oder später",
    "the terminal's daemon does not answer": "der Dienst des Terminals antwortet nicht",
    "systemctl status clockd": "systemctl status clockd",
    "the terminal's daemon did not answer within {seconds:.0f} s": (
        "der Dienst des Terminals hat innerhalb von {seconds:.0f} s nicht geantwortet"
    ),
    "it may have done it: look before you repeat it": (
        "vielleicht hat er es getan: sehen Sie nach, bevor Sie es wiederholen"
    ),
    "the daemon on {path} went away before it answered": "der Dienst endete, bevor er antwortete",
    "look before you repeat it; systemctl status clockd": "sehen Sie nach, bevor Sie es wiederholen",
    "it may have done it: look before you repeat it; its log tells more (journalctl -u clockd)": (
        "vielleicht hat er es getan: sehen Sie nach, bevor Sie es wiederholen"
    ),
    "not allowed to speak to the daemon on {socket_path}": "diese Seite darf den Dienst nicht fragen",
    "the user of this process has to be in the group clockd": "ihr Benutzer muss in der Gruppe clockd sein",
    "what answers on {path} makes no sense": "was an der Stelle des Dienstes antwortet, ergibt keinen Sinn",
    "do it and this command have the same version? clockd --version": "hat er dieselbe Version wie diese Seite?",
}
