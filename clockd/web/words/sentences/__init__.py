"""The daemon's sentences, as the page says them: for each English pattern what stands in its place, in each language.

`english` has those alone that name a command or an option, which nobody at a page types; an empty text is left out.
`german_refusals` has what a command answers, `german_holds` why a punch waits, `german_line` why the tracker cannot be
reached, `german_goodtime` what stands between us and a Goodtime account, `german_devices` how devices, clocks, disk and
ledger are, `german_keeping` what is discarded and erased, `german_updates` how an update went. A pattern that stands in
no catalogue is shown as the daemon says it.
"""

from collections.abc import Mapping

from clockd.web.words.sentences.english import ENGLISH_SENTENCES
from clockd.web.words.sentences.german_devices import GERMAN_DEVICES
from clockd.web.words.sentences.german_goodtime import GERMAN_GOODTIME
from clockd.web.words.sentences.german_holds import GERMAN_HOLDS
from clockd.web.words.sentences.german_keeping import GERMAN_KEEPING
from clockd.web.words.sentences.german_line import GERMAN_LINE
from clockd.web.words.sentences.german_refusals import GERMAN_REFUSALS
from clockd.web.words.sentences.german_updates import GERMAN_UPDATES

GERMAN_SENTENCES: Mapping[str, str] = {
    **GERMAN_REFUSALS,
    **GERMAN_HOLDS,
    **GERMAN_LINE,
    **GERMAN_GOODTIME,
    **GERMAN_DEVICES,
    **GERMAN_KEEPING,
    **GERMAN_UPDATES,
}

__all__ = ("ENGLISH_SENTENCES", "GERMAN_SENTENCES")
