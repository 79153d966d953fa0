"""Why a punch waits for a person, in English: a sentence, and what ends it."""

from collections.abc import Mapping

from clockd.core.delivery import HoldCode
from clockd.web.words.shapes import HeldWords

ENGLISH_HELD: Mapping[HoldCode, HeldWords] = {
    HoldCode.UNKNOWN_BADGE: HeldWords(
        because="A badge that belongs to nobody was tapped.",
        advice="Say whose it is. Everything it was tapped for is then booked.",
    ),
    HoldCode.MISSING_OUT: HeldWords(
        because="The clock-out after this clock-in is missing.",
        advice="Say when they left.",
    ),
    HoldCode.ORPHAN_OUT: HeldWords(
        because="The clock-in before this clock-out is missing.",
        advice="Say when they came.",
    ),
    HoldCode.TOO_LONG: HeldWords(
        because="This clock-out comes longer than a shift after its clock-in.",
        advice="If it was so, try again. Else correct it, or add the clock-out that is missing between.",
    ),
    HoldCode.ITS_IN: HeldWords(
        because="The clock-in of this clock-out waits for you.",
        advice="Settle the clock-in first. This one follows by itself.",
    ),
    HoldCode.CONFLICT: HeldWords(
        because="Something else stands at the tracker in its place.",
        advice="Change the other entry at the tracker and try again, or do not book this one.",
    ),
    HoldCode.REFUSED: HeldWords(
        because="The tracker refuses it.",
        advice="Read the tracker’s answer, put it right there, and try again.",
    ),
    HoldCode.NOT_STARTED: HeldWords(
        because="The tracker refuses to start a timer for it.",
        advice="With its clock-out it is sent as a whole. You need not do anything today.",
    ),
    HoldCode.GAVE_UP: HeldWords(
        because="It was sent again and again and left no trace.",
        advice="Look at the tracker. If it is not there, try again; if it is, do not book it.",
    ),
    HoldCode.DELETED: HeldWords(
        because="Its entry was deleted at the tracker.",
        advice="If that was meant, take it back. If not, try again.",
    ),
    HoldCode.RENAMED: HeldWords(
        because="Its entry belongs to another username at the tracker now.",
        advice="Rename the person on the page People; this is released by it.",
    ),
    HoldCode.NOT_DELETED: HeldWords(
        because="It was taken back, and the tracker keeps its entry.",
        advice="Delete the entry at the tracker, then try again.",
    ),
    HoldCode.FORBIDDEN: HeldWords(
        because="The tracker does not book for this employee.",
        advice="Look whether the tracker has this username and whether the key may book for it, then try again.",
    ),
    HoldCode.UNSENDABLE: HeldWords(
        because="The tracker’s times cannot hold it.",
        advice="Enter it at the tracker by hand, then do not book it.",
    ),
    HoldCode.WITHIN_A_MINUTE: HeldWords(
        because="The next clock-in lies in the same minute, which the tracker cannot hold.",
        advice="Take one of the two back, or do not book this one.",
    ),
    HoldCode.UNCERTAIN: HeldWords(
        because="Nobody knows when this was: the clock was not set.",
        advice="Say when it was, or take the time that is proposed.",
    ),
    HoldCode.SWITCHED: HeldWords(
        because="It was made for another tracker or account.",
        advice="Try again to book it at the new one, or do not book it.",
    ),
    HoldCode.ZONE: HeldWords(
        because="It was recorded while another time zone was set.",
        advice="If the time below is right, try again. Else correct it.",
    ),
    HoldCode.DIRECTION: HeldWords(
        because="Nobody knows whether this was in or out.",
        advice="Say which it was.",
    ),
    HoldCode.INTERNAL: HeldWords(
        because="clockd made a mistake with it.",
        advice="Try again. If it comes back, send the log to whoever looks after clockd.",
    ),
    HoldCode.RESTORED: HeldWords(
        because="It may have been booked before this terminal was restored from a backup.",
        advice="Look at the tracker. If it is not there, try again; if it is, do not book it.",
    ),
    HoldCode.ROTTEN: HeldWords(
        because="Its row in the database is damaged.",
        advice="Restore a backup, or enter it at the tracker by hand and take it back here.",
    ),
    HoldCode.COUNTERSIGN: HeldWords(
        because="A correction of it waits for the yes of the person whose record it is.",
        advice="They are asked at their next tap. You need not do anything, or withdraw the correction.",
    ),
}
