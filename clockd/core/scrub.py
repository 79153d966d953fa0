"""Texts without secrets and names, for somebody who helps and shall not know who works here.

What is not known to be harmless goes. Known names become pseudonyms, the same one everywhere. Of the rest only words
stay that clockd itself uses, times, and short numbers: so a name that nobody thought of (an employee who was
never here, what somebody wrote into a note), an e-mail, a badge's number in any notation and a key are gone as well,
however they are written.
"""

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote

from clockd.core.json import Json

GONE = "…"
HIDDEN = "(hidden)"
SHORTEST_HIDDEN = 4
"""A secret that is shorter may be a part of any word; as a word of its own it goes all the same."""
LONGEST_NUMBER = 6
"""Digits of a number that stays; a badge's has more."""
_TIME = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d\d:\d\d:\d\d(?:[.,]\d+)?"
_PAIRS = r"(?<!\w)[0-9A-Fa-f]{2}(?P<between>[:\-. ])[0-9A-Fa-f]{2}(?:(?P=between)[0-9A-Fa-f]{2})+(?!\w)"
_CARD = r"\d{1,5}[,;/]\s?\d{3,10}"
_USER = r"(?<=://)[^/\s]*@"
_QUERY = r"[?#][^\s\"')\]]*="
_PIECE = re.compile(rf"(?P<time>{_TIME})|(?P<pairs>{_PAIRS})|(?P<card>{_CARD})|(?P<word>\w+)")
_NUMBERED = re.compile(r"(?<=[a-z]{2})\d{1,2}$")
_ADDRESS = re.compile(r"[^\s@<>()\"',;:=/]+@[^\s@<>()\"',;:=/]+")
_WORDS = re.compile(r"[^\W\d_]+|\w+")


def lower_words(text: str) -> frozenset[str]:
    """Return the words of a text, in small letters, as `Scrubber` compares them."""
    return frozenset(word.lower() for piece in re.findall(r"\w+", text) for word in (piece, *_WORDS.findall(piece)))


class Scrubber:
    """Takes secrets and names out of texts.

    Args:
        secrets: texts that appear nowhere, in whatever form they are written.
        pseudonyms: name -> what stands in its place; upper and lower case are the same.
        words: what may stay, in small letters.
    """

    def __init__(self, secrets: Collection[str], pseudonyms: Mapping[str, str], words: Collection[str]) -> None:
        self._words = frozenset(words) | lower_words(" ".join((HIDDEN, *pseudonyms.values())))
        written = sorted({form for text in secrets for form in forms(text)}, key=len, reverse=True)
        self._secret = re.compile("|".join(map(re.escape, written)), re.IGNORECASE) if written else None
        names = {name.strip().lower(): put for name, put in pseudonyms.items() if name.strip()}
        self._names = {
            form.lower(): names[name] for name in names for form in (name, quote(name), quote(name, safe=""))
        }
        longest_first = sorted(map(re.escape, self._names), key=len, reverse=True)
        self._name = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", re.IGNORECASE) if names else None

    def text(self, text: str) -> str:
        """Return a text with pseudonyms, and else nothing but words that may stay."""
        text = _ADDRESS.sub(lambda found: self._names.get(found[0].lower(), GONE), self.without_secrets(text))
        if self._name is None:
            return self._plain(text)
        found, at = [], 0
        for name in self._name.finditer(text):
            found += [self._plain(text[at : name.start()]), self._names[name[0].lower()]]
            at = name.end()
        return "".join([*found, self._plain(text[at:])])

    def facts(self, text: str) -> str:
        """Return a text of the machine (devices, versions), in which any word may stay, but for names and secrets."""
        text = self.without_secrets(text)
        return text if self._name is None else self._name.sub(lambda found: self._names[found[0].lower()], text)

    def document(self, document: Json) -> Json:
        """Return a document whose texts, and whose keys that are not clockd's own, went through `text`."""
        match document:
            case str():
                return self.text(document)
            case dict():
                return {self._key(key): self.document(value) for key, value in document.items()}
            case list():
                return [self.document(value) for value in document]
            case int() if not isinstance(document, bool) and len(str(document)) > LONGEST_NUMBER + 8:
                return GONE
            case _:
                return document

    def without_secrets(self, text: str) -> str:
        """Return a text without the secrets, and without what stands before the host or in the query of an address."""
        if self._secret is not None:
            text = self._secret.sub(HIDDEN, text)
        return re.sub(_QUERY, GONE, re.sub(_USER, "", text))

    def _key(self, key: str) -> str:
        return key if lower_words(key) <= self._words else self.text(key)

    def _plain(self, text: str) -> str:
        return _PIECE.sub(self._piece, text)

    def _piece(self, found: re.Match[str]) -> str:
        match found.lastgroup:
            case "time":
                return found[0]
            case "word":
                word = found[0]
                short = word.isdecimal() and len(word) <= LONGEST_NUMBER
                is_one = len(word) == 1
                return word if short or is_one or self._stays(word.lower()) else GONE
            case _:
                return GONE

    def _stays(self, word: str) -> bool:
        """Whether a word is clockd's own, or is made of such: `spidev0`, `held_because`."""
        parts = [_NUMBERED.sub("", part) for part in word.split("_")]
        return word in self._words or all(part in self._words for part in parts)


def forms(text: str) -> Iterator[str]:
    """Yield the ways in which a text may be written: plain, as JSON, in an address, in hex, in base64."""
    if len(text) < SHORTEST_HIDDEN:
        return
    data = text.encode()
    yield from (text, json.dumps(text)[1:-1], quote(text), quote(text, safe=""), data.hex(), data.hex().upper())
    for shift in range(3):  # a text in the middle of others begins at one of three places of a group
        begun = base64.b64encode(b"\0" * shift + data).decode()
        whole = begun[(0, 2, 3)[shift] :].rstrip("=")
        inner = whole[: len(whole) - (0 if (len(data) + shift) % 3 == 0 else 1)]
        if len(inner) >= SHORTEST_HIDDEN:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
