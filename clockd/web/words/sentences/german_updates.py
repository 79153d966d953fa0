"""How an update of clockd went, in German."""

from collections.abc import Mapping

GERMAN_UPDATES: Mapping[str, str] = {
    # why a new version is not healthy
    "the daemon does not answer": "der Dienst antwortet nicht",
    "taps are not recorded: {why}": "Buchungen werden nicht gesichert: {why}",
    "the reader does not work any more: {readers}": "der Leser geht nicht mehr: {readers}",
    "the tracker was ok, and is {state}": "die Zeiterfassung war erreichbar und ist es nicht mehr ({state})",
    "it takes {taken} MB of the {most} MB that it may": "es braucht {taken} MB von den {most} MB, die es haben darf",
    "the daemon ended, and systemd started it anew": "der Dienst endete, und systemd hat ihn neu gestartet",
    # why it was not installed, or not begun
    "the installation was cut again and again": "die Installation wurde immer wieder unterbrochen",
    "it could not be installed: {why}": "sie ließ sich nicht installieren: {why}",
    "{first}; {version} could not be put back: {why}": "{first}; {version} ließ sich nicht zurückbringen: {why}",
    "the source offers no newer version": "die Quelle bietet keine neuere Version",
    "{version} failed before, and waits for a person: clockd update now": (
        "{version} misslang schon einmal und wartet darauf, dass jemand es von Hand noch einmal versucht"
    ),
    "no package of a version before is kept here": "ein Paket der Version davor ist hier nicht aufgehoben",
    "{file} is missing: deploy/apt-source says what belongs into it": (
        "{file} fehlt: die Anleitung zu deploy/apt-source sagt, was hineingehört"
    ),
    "the source gave no package of version {version}": "die Quelle gab kein Paket der Version {version}",
    "there would be no way back to {version} ({why})": "es gäbe keinen Weg zurück zu {version} ({why})",
    "{program}: {why}": "{program}: {why}",
    "dpkg did not install {version} as a whole": "dpkg hat {version} nicht ganz installiert",
}
