"""How the devices, the clock, the disk and the ledger of a terminal are, in German."""

from collections.abc import Mapping

GERMAN_DEVICES: Mapping[str, str] = {
    # a reader that is lost
    "{message} ({hint})": "{message} ({hint})",
    "{device} needs a package that is not installed": "{device} braucht ein Paket, das nicht installiert ist",
    "pip install 'clockd[{extra}]'": "pip install 'clockd[{extra}]'",
    "{device} stopped without a reason": "{device} hörte ohne Grund auf",
    "{device} is lost: {reason}": "{device} ist verloren: {reason}",
    "{device} is not there": "{device} ist nicht da",
    "{device} may not be opened by this user": "{device} darf von diesem Benutzer nicht geöffnet werden",
    "{device} is in use by another program": "{device} wird von einem anderen Programm benutzt",
    "{device} cannot be opened as a keyboard: {reason}": "{device} lässt sich nicht als Tastatur öffnen: {reason}",
    "{device} cannot be opened as a serial port: {reason}": (
        "{device} lässt sich nicht als serielle Schnittstelle öffnen: {reason}"
    ),
    "{device} ({name}) has no digits": "{device} ({name}) hat keine Ziffern",
    "{device} answers nonsense": "{device} antwortet Unsinn",
    "{device} can read no badge that clockd knows": "{device} kann keinen Badge lesen, den clockd kennt",
    "{reader} is gone": "{reader} ist weg",
    "{service} does not answer": "{service} antwortet nicht",
    "{service} refuses this user": "{service} weist diesen Benutzer ab",
    "the {kind} reader ended by itself": "der Leser {kind} endete von selbst",
    "plug it in again": "stecken Sie ihn wieder an",
    "take its power away for a moment": "nehmen Sie ihm kurz den Strom",
    "there are: {readers}": "es gibt: {readers}",
    'no PC/SC reader has "{wanted}" in its name': "kein PC/SC-Leser hat „{wanted}“ im Namen",
    'no PC/SC reader "{wanted}" is connected': "kein PC/SC-Leser „{wanted}“ ist angeschlossen",
    "no PC/SC reader is connected": "kein PC/SC-Leser ist angeschlossen",
    "plug it in; if it is, keep the kernel's own driver off it: sudo cp hardware/clockd.modprobe "
    "/etc/modprobe.d/clockd.conf; sudo modprobe -r pn533_usb": (
        "stecken Sie ihn an; steckt er schon, halten Sie den Treiber des Kernels von ihm fern: sudo cp "
        "hardware/clockd.modprobe /etc/modprobe.d/clockd.conf; sudo modprobe -r pn533_usb"
    ),
    "it needs a polkit rule: sudo cp systemd/50-clockd.rules /etc/polkit-1/rules.d/": (
        "es fehlt eine Regel von polkit: sudo cp systemd/50-clockd.rules /etc/polkit-1/rules.d/"
    ),
    "sudo apt install pcscd; sudo systemctl enable --now pcscd.socket": (
        "der Dienst pcscd muss installiert und gestartet werden"
    ),
    "is pcscd running? sudo systemctl status pcscd": "läuft der Dienst pcscd?",
    "the NFC reader {path} cannot be opened: {reason}": "der NFC-Leser {path} lässt sich nicht öffnen: {reason}",
    "the NFC reader {path} may not be opened by this user": (
        "der NFC-Leser {path} darf von diesem Benutzer nicht geöffnet werden"
    ),
    "the NFC reader {path} is in use by another program": (
        "der NFC-Leser {path} wird von einem anderen Programm benutzt"
    ),
    "no NFC reader at {path}": "kein NFC-Leser an {path}",
    "plug it in; lsusb, or ls /dev/tty*, shows what is there": (
        "stecken Sie ihn an; lsusb, oder ls /dev/tty*, zeigt, was da ist"
    ),
    "the kernel's own driver {drivers} holds the NFC reader": "der Treiber {drivers} des Kernels hält den NFC-Leser",
    "sudo modprobe -r {drivers}; and for good: sudo cp hardware/clockd.modprobe /etc/modprobe.d/clockd.conf": (
        "sudo modprobe -r {drivers}; und für immer: sudo cp hardware/clockd.modprobe /etc/modprobe.d/clockd.conf"
    ),
    "is clockd running, or pcscd? sudo systemctl disable --now pcscd.socket pcscd": (
        "läuft ein anderes clockd, oder der Dienst pcscd? Er muss angehalten werden"
    ),
    "install the udev rule from hardware/ and add the user to the group {group}: sudo usermod -aG {group} clockd": (
        "installieren Sie die udev-Regel aus hardware/ und nehmen Sie den Benutzer in die Gruppe {group} auf: sudo "
        "usermod -aG {group} clockd"
    ),
    "add the user that runs clockd to the group input: sudo usermod -aG input clockd": (
        "nehmen Sie den Benutzer von clockd in die Gruppe input auf: sudo usermod -aG input clockd"
    ),
    "add the user that runs clockd to the group dialout: sudo usermod -aG dialout clockd": (
        "nehmen Sie den Benutzer von clockd in die Gruppe dialout auf: sudo usermod -aG dialout clockd"
    ),
    "choose the one …-event-kbd": "nehmen Sie das Gerät …-event-kbd",
    "is clockd running already?": "läuft clockd schon?",
    "is clockd running, or a login console on it? sudo raspi-config, Interface Options, Serial Port": (
        "läuft ein anderes clockd, oder eine Anmeldekonsole darauf? sudo raspi-config, Interface Options, Serial Port"
    ),
    "keyboards: {devices}": "Tastaturen: {devices}",
    "keyboards: none; is the reader plugged in?": "keine Tastatur; ist der Leser angesteckt?",
    "serial ports: {devices}": "serielle Schnittstellen: {devices}",
    "serial ports: none by id; ls /dev/tty*": "keine serielle Schnittstelle nach Id; ls /dev/tty* zeigt alle",
    # what a reader could not read
    "torn in its middle": "in der Mitte abgerissen",
    "of a length that no badge has": "von einer Länge, die kein Badge hat",
    "too long": "zu lang",
    "not in the reader's format": "nicht im Format des Lesers",
    "wrong checksum": "falsche Prüfsumme",
    "the card gives no identifier": "die Karte nennt keine Nummer",
    "the card does not answer": "die Karte antwortet nicht",
    "a part was lost": "ein Teil ging verloren",
    "the answer makes no sense": "die Antwort ergibt keinen Sinn",
    "badges are taken away too soon, or the line is bad": (
        "Badges werden zu früh weggenommen, oder die Leitung ist schlecht"
    ),
    "does the reader write the number in another format? clockd badges decode --help": (
        "schreibt der Leser die Nummer in einem anderen Format?"
    ),
    "does the reader write more than a number, or at another speed?": (
        "schreibt der Leser mehr als eine Nummer, oder mit anderer Geschwindigkeit?"
    ),
    "does the reader write the number in another format, or at another speed?": (
        "schreibt der Leser die Nummer in einem anderen Format, oder mit anderer Geschwindigkeit?"
    ),
    "a long or bad cable, or another device's noise": (
        "ein langes oder schlechtes Kabel, oder ein anderes Gerät stört"
    ),
    "a contact card, a bank card or a phone; or the badge is of a kind that this reader cannot read": (
        "eine Kontaktkarte, eine Bankkarte oder ein Handy; oder ein Badge, dessen Art dieser Leser nicht lesen kann"
    ),
    "a card that is worn out, or was put in the wrong way round": (
        "eine Karte, die abgenutzt ist oder falsch herum eingesteckt wurde"
    ),
    "the machine was too busy to take what the reader typed": (
        "das Gerät war zu beschäftigt, um zu nehmen, was der Leser tippte"
    ),
    "two badges at once, metal behind the reader, or a badge that is worn out": (
        "zwei Badges auf einmal, Metall hinter dem Leser, oder ein abgenutzter Badge"
    ),
    # clocks
    "when this machine started, {problem}": "als dieses Gerät startete: {problem}",
    "its oscillator stopped, the time is lost: replace the battery (CR2032); it is set again once time arrives": (
        "ihr Schwinger blieb stehen, die Zeit ist verloren: ersetzen Sie die Batterie (CR2032); gestellt wird sie "
        "wieder, sobald die Zeit kommt"
    ),
    "it shows {at:%Y-%m-%d}, so it was never set or lost its power: check the battery": (
        "sie zeigt den {at:%d.%m.%Y}, wurde also nie gestellt oder war ohne Strom: prüfen Sie die Batterie"
    ),
    "it shows {at:%Y-%m-%d %H:%M} UTC, which was already past when this machine was off: check the battery": (
        "sie zeigt den {at:%d.%m.%Y %H:%M} UTC, was schon vorbei war, als dieses Gerät aus war: prüfen Sie die Batterie"
    ),
    "it is {length} s ahead: check that it runs in UTC (hwclock --systohc)": (
        "sie geht {length} s vor: prüfen Sie, ob sie auf UTC läuft"
    ),
    "it is {length} s behind: check that it runs in UTC (hwclock --systohc)": (
        "sie geht {length} s nach: prüfen Sie, ob sie auf UTC läuft"
    ),
    "this clock is {length} ahead of the tracker's; check its time source (timedatectl timesync-status)": (
        "diese Uhr geht gegenüber der Zeiterfassung {length} vor; prüfen Sie, woher sie die Zeit hat (timedatectl "
        "timesync-status)"
    ),
    "this clock is {length} behind the tracker's; check its time source (timedatectl timesync-status)": (
        "diese Uhr geht gegenüber der Zeiterfassung {length} nach; prüfen Sie, woher sie die Zeit hat (timedatectl "
        "timesync-status)"
    ),
    # the disk
    "disk full": "er ist voll",
    "disk is read-only": "er lässt sich nur noch lesen",
    "database in use": "ein anderes Programm benutzt die Datenbank",
    "database damaged": "die Datenbank ist beschädigt",
    "disk error": "er meldet einen Fehler",
    "{table} {name}: {why}": "{table} {name}: {why}",
    "it belongs to nobody": "gehört niemandem",
    "the time it was given is none": "die Zeit der Zuordnung ist keine",
    "its number cannot be": "die Nummer kann nicht sein",
    "a time of its clock is none": "eine Zeit seiner Uhr ist keine",
    "its time is none": "die Zeit ist keine",
    "it cannot be read": "ist nicht lesbar",
    "its place or time cannot be": "Platz oder Zeit können nicht sein",
    "its state is none": "der Zustand ist keiner",
    "its kind is none": "die Art ist keine",
    "a day from or until which it counts is none": "ein Tag, ab dem oder bis zu dem er gilt, ist keiner",
    "the ledger does not know it": "das Journal kennt sie nicht",
    "what it does is unknown": "was sie tut, ist unbekannt",
    "how far it is is unknown": "wie weit sie ist, ist unbekannt",
    "what it changes cannot be read": "was sie ändert, ist nicht lesbar",
    "the punch that it is about is none": "die Buchung, um die es geht, gibt es nicht",
    "what its punch waited for before cannot be read": "worauf ihre Buchung vorher wartete, ist nicht lesbar",
    "a time of it is none": "eine ihrer Zeiten ist keine",
    "what an owner said is unknown": "was jemand dazu sagte, ist unbekannt",
    "its clock is none": "die Uhr ist keine",
    "its time cannot be": "die Zeit kann nicht sein",
    "its entries cannot be read": "die Einträge sind nicht lesbar",
    "it is no number": "ist keine Nummer",
    "it could not be read, and was made anew": "war nicht lesbar und wurde neu gemacht",
    "it does not say whose it is": "sagt nicht, wem es gehört",
    "its name is no text": "der Name ist kein Text",
    "its id is no text": "die Id ist kein Text",
    # the ledger, and the nightly look at the tracker
    "row {seq} is missing": "Zeile {seq} fehlt",
    "row {seq} has no body any more, and no row says that it was discarded": "Zeile {seq} hat keinen Inhalt mehr, und "
    "keine Zeile sagt, dass er verworfen wurde",
    "row {seq} says that row {place} was discarded, and it was not": "Zeile {seq} sagt, dass Zeile {place} verworfen "
    "wurde, und das wurde sie nicht",
    "row {seq} discards row {place}, which no seal covers": "Zeile {seq} verwirft Zeile {place}, für die kein Siegel "
    "da ist",
    "row {seq} does not say what was discarded": "Zeile {seq} sagt nicht, was verworfen wurde",
    "row {seq} seals other rows than there are": "Zeile {seq} versiegelt andere Zeilen, als es gibt",
    "row {seq} is not what was written": "Zeile {seq} ist nicht, was geschrieben wurde",
    "rows after {last} are missing": "Zeilen nach {last} fehlen",
    "the anchor of row 0 is none": "der Anker der Zeile 0 ist keiner",
    "row {seq} has another hash than was noted of it elsewhere: {why}": (
        "Zeile {seq} hat einen anderen Hash als den, der anderswo notiert ist: {why}"
    ),
    "it ends with row {last}, and row {row} was noted elsewhere: {why}": (
        "es endet mit Zeile {last}, und anderswo ist Zeile {row} notiert: {why}"
    ),
    "it was restored from a backup that ended with row {row}; what was written after that is lost": (
        "es wurde aus einer Sicherung wiederhergestellt, die mit Zeile {row} endete; was danach kam, ist verloren"
    ),
    "it was rewritten, or cut, and does not say that it was restored from a backup": (
        "es wurde umgeschrieben oder gekürzt, und sagt nicht, dass es aus einer Sicherung stammt"
    ),
    "entry {entry_id} is not in the tracker any more; it is not made again": (
        "Eintrag {entry_id} ist nicht mehr in der Zeiterfassung; er wird nicht neu angelegt"
    ),
    "entry {entry_id} was booked as {was} and is now {now}": (
        "Eintrag {entry_id} wurde als {was} gebucht und ist jetzt {now}"
    ),
    "entry {entry_id} stood there again": "Eintrag {entry_id} stand noch einmal da",
    "{what}; our surplus {ids} was deleted": "{what}; was von uns zu viel war, ist gelöscht: {ids}",
    "{what}; please look at {ids}": "{what}; bitte sehen Sie sich {ids} an",
    "{begin:%d %b %H:%M:%S}–{end:%H:%M:%S}": "{begin:%d.%m. %H:%M:%S}–{end:%H:%M:%S}",
    "{begin:%d %b %H:%M:%S}– (running)": "{begin:%d.%m. %H:%M:%S}– (läuft)",
    # display, lights and keys
    "it does not answer": "er antwortet nicht",
    "there is no /dev/gpiochip0": "es gibt kein /dev/gpiochip0",
    "lights and keys need a Raspberry Pi's GPIO header": (
        "Lichter und Tasten brauchen die Stiftleiste eines Raspberry Pi"
    ),
    "no permission for {file}": "keine Rechte an {file}",
    "{device}: no permission for {file}": "{device}: keine Rechte an {file}",
    "add the user to the group gpio": "der Benutzer des Dienstes muss in die Gruppe gpio",
    "add the user to the group {group}": "der Benutzer des Dienstes muss in die Gruppe {group}",
    "the GPIO pins cannot be opened: {reason}": "die Stifte von GPIO lassen sich nicht öffnen: {reason}",
    "is this a Raspberry Pi?": "ist das ein Raspberry Pi?",
    "a pin of lights, buzzer or keys cannot be used: {reason}": (
        "ein Stift von Lichtern, Summer oder Tasten ist nicht zu benutzen: {reason}"
    ),
    "the pin of a relay cannot be used: {reason}": "der Stift eines Relais ist nicht zu benutzen: {reason}",
    "does another program use it? (gpioinfo shows which)": (
        "benutzt ihn ein anderes Programm? (gpioinfo zeigt, welches)"
    ),
    "lights and buzzer do not obey: {reason}": "Lichter und Summer gehorchen nicht: {reason}",
    "the relay on GPIO {gpio} does not obey: {reason}": "das Relais an GPIO {gpio} gehorcht nicht: {reason}",
    "the key on GPIO {gpio} is not a desk's": "die Taste an GPIO {gpio} ist keine eines Schreibtischs",
    "the display {name} turned by rotate = {rotate} is {size}": (
        "die Anzeige {name}, mit rotate = {rotate} gedreht, hat {size}"
    ),
    "the pictures need 128 pixels from left to right: rotate = 0, or 2 for upside down": (
        "die Bilder brauchen 128 Pixel von links nach rechts: rotate = 0, oder 2 für kopfüber"
    ),
    "{device}: there is no {file}": "{device}: es gibt kein {file}",
    "enable {bus}: {order} in /boot/firmware/config.txt, or raspi-config, and restart": (
        "schalten Sie {bus} ein: {order} in /boot/firmware/config.txt, oder raspi-config, und starten Sie neu"
    ),
    "{device}: nothing answers on {bus} ({why})": "{device}: an {bus} antwortet nichts ({why})",
    "check the wiring and the address: i2cdetect -y {port}": (
        "prüfen Sie Verdrahtung und Adresse: i2cdetect -y {port}"
    ),
    "the display cannot draw {screen}": "die Anzeige kann {screen} nicht zeichnen",
    "check the wiring": "prüfen Sie die Verdrahtung",
    "{device} cannot be driven on {bus}: {reason}": "{device} lässt sich an {bus} nicht betreiben: {reason}",
    "some displays are for SPI only": "manche Anzeigen sind nur für SPI",
    "{bus} is no bus": "{bus} ist kein Bus",
    'as "i2c:1:0x3c" or "spi:0:0"': 'etwa "i2c:1:0x3c" oder "spi:0:0"',
}
