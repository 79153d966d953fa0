"""Why a punch waits for a person, in German: a sentence, and what ends it."""

from collections.abc import Mapping

from clockd.core.delivery import HoldCode
from clockd.web.words.shapes import HeldWords

GERMAN_HELD: Mapping[HoldCode, HeldWords] = {
    HoldCode.UNKNOWN_BADGE: HeldWords(
        because="Ein Badge, der niemandem gehört, wurde vorgehalten.",
        advice="Sagen Sie, wem er gehört. Alles, wofür er vorgehalten wurde, wird dann gebucht.",
    ),
    HoldCode.MISSING_OUT: HeldWords(
        because="Nach diesem Kommen fehlt das Gehen.",
        advice="Sagen Sie, wann die Person gegangen ist.",
    ),
    HoldCode.ORPHAN_OUT: HeldWords(
        because="Vor diesem Gehen fehlt das Kommen.",
        advice="Sagen Sie, wann die Person gekommen ist.",
    ),
    HoldCode.TOO_LONG: HeldWords(
        because="Dieses Gehen kommt länger als eine Schicht nach seinem Kommen.",
        advice="War es so, dann versuchen Sie es erneut. Sonst berichtigen Sie es oder tragen das fehlende Gehen nach.",
    ),
    HoldCode.ITS_IN: HeldWords(
        because="Das Kommen zu diesem Gehen wartet auf Sie.",
        advice="Klären Sie zuerst das Kommen. Dieses folgt von selbst.",
    ),
    HoldCode.CONFLICT: HeldWords(
        because="In der Zeiterfassung steht an seiner Stelle etwas anderes.",
        advice="Ändern Sie dort den anderen Eintrag und versuchen Sie es erneut, oder buchen Sie dieses nicht.",
    ),
    HoldCode.REFUSED: HeldWords(
        because="Die Zeiterfassung lehnt es ab.",
        advice="Lesen Sie ihre Antwort, bringen Sie es dort in Ordnung und versuchen Sie es erneut.",
    ),
    HoldCode.NOT_STARTED: HeldWords(
        because="Die Zeiterfassung startet dafür keinen Timer.",
        advice="Mit seinem Gehen wird es als Ganzes gesendet. Heute müssen Sie nichts tun.",
    ),
    HoldCode.GAVE_UP: HeldWords(
        because="Es wurde immer wieder gesendet und hat keine Spur hinterlassen.",
        advice="Sehen Sie in der Zeiterfassung nach. Fehlt es dort, dann erneut versuchen; sonst nicht buchen.",
    ),
    HoldCode.DELETED: HeldWords(
        because="Sein Eintrag wurde in der Zeiterfassung gelöscht.",
        advice="War das Absicht, nehmen Sie es zurück. Wenn nicht, versuchen Sie es erneut.",
    ),
    HoldCode.RENAMED: HeldWords(
        because="Sein Eintrag gehört in der Zeiterfassung jetzt zu einem anderen Benutzernamen.",
        advice="Ändern Sie den Benutzernamen auf der Seite Personen; damit wird es frei.",
    ),
    HoldCode.NOT_DELETED: HeldWords(
        because="Es wurde zurückgenommen, und die Zeiterfassung behält den Eintrag.",
        advice="Löschen Sie den Eintrag dort und versuchen Sie es erneut.",
    ),
    HoldCode.FORBIDDEN: HeldWords(
        because="Die Zeiterfassung bucht für diese Person nicht.",
        advice="Prüfen Sie dort den Benutzernamen und die Rechte des Schlüssels; dann versuchen Sie es erneut.",
    ),
    HoldCode.UNSENDABLE: HeldWords(
        because="Die Zeiterfassung kann diese Zeiten nicht aufnehmen.",
        advice="Tragen Sie es dort von Hand ein, dann buchen Sie dieses nicht.",
    ),
    HoldCode.WITHIN_A_MINUTE: HeldWords(
        because="Das nächste Kommen liegt in derselben Minute; das kann die Zeiterfassung nicht aufnehmen.",
        advice="Nehmen Sie eines der beiden zurück, oder buchen Sie dieses nicht.",
    ),
    HoldCode.UNCERTAIN: HeldWords(
        because="Niemand weiß, wann das war: Die Uhr war nicht gestellt.",
        advice="Sagen Sie, wann es war, oder nehmen Sie den Vorschlag an.",
    ),
    HoldCode.SWITCHED: HeldWords(
        because="Es wurde für eine andere Zeiterfassung oder ein anderes Konto erfasst.",
        advice="Versuchen Sie es erneut, um es in der neuen zu buchen, oder buchen Sie es nicht.",
    ),
    HoldCode.ZONE: HeldWords(
        because="Es wurde erfasst, als eine andere Zeitzone eingestellt war.",
        advice="Stimmt die Zeit unten, versuchen Sie es erneut. Sonst berichtigen Sie sie.",
    ),
    HoldCode.DIRECTION: HeldWords(
        because="Niemand weiß, ob das ein Kommen oder ein Gehen war.",
        advice="Sagen Sie, was es war.",
    ),
    HoldCode.INTERNAL: HeldWords(
        because="clockd hat damit einen Fehler gemacht.",
        advice="Versuchen Sie es erneut. Kommt es wieder, schicken Sie das Protokoll an Ihre Betreuung.",
    ),
    HoldCode.RESTORED: HeldWords(
        because="Es wurde vielleicht gebucht, bevor dieses Terminal aus einer Sicherung wiederhergestellt wurde.",
        advice="Sehen Sie in der Zeiterfassung nach. Fehlt es dort, dann erneut versuchen; sonst nicht buchen.",
    ),
    HoldCode.ROTTEN: HeldWords(
        because="Seine Zeile in der Datenbank ist beschädigt.",
        advice="Stellen Sie eine Sicherung wieder her, oder tragen Sie es von Hand ein und nehmen es hier zurück.",
    ),
    HoldCode.COUNTERSIGN: HeldWords(
        because="Eine Berichtigung wartet auf die Zustimmung der Person, um deren Zeiten es geht.",
        advice="Sie wird beim nächsten Badge gefragt. Sie müssen nichts tun, oder ziehen die Berichtigung zurück.",
    ),
}
