"""A backup: one file that holds the database and the configuration, and says what it is. A zip that any tool opens.

    manifest.json   what it is: format, release, schema, terminal, when, the ledger's head as its terminal signed it,
                    and each part with its length and SHA-256
    clockd.db       the database, whole, as of one moment between two taps
    clockd.toml     the configuration, where there was one
    badge-pepper    sealed under a passphrase (`sealed.py`); only where somebody asked for it

Badges are in it as fingerprints, which nobody can use without the pepper. The tracker's keys are never in it.
"""

import json
import os
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from sqlite_utils import Database

from clockd import __version__
from clockd.core.chain import signed_text
from clockd.core.json import Json
from clockd.errors import PackageMissing, Refused
from clockd.store import files, ledger, schema, signing

FORMAT = 1
DATABASE, CONFIGURATION, PEPPER, MANIFEST = "clockd.db", "clockd.toml", "badge-pepper", "manifest.json"
_CHUNK = 1024 * 1024
_REWRITTEN = "somebody changed the backup after it was made: take another one"
_SMALL_BYTES = 1024 * 1024
"""No other part is longer."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """How far the ledger of a database goes."""

    rows: int
    last_hash: str


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The ledger in a backup has the head that somebody signed; whether that was its terminal, the key says."""

    key: str
    """The public key, 64 digits in hex."""
    rows: int
    """So many rows were signed: what stands after them, anybody can have written."""


@dataclass(frozen=True, slots=True)
class UnsignedHead:
    """Nobody signed it: of an older clockd, made while no daemon ran, or taken out by somebody."""


@dataclass(frozen=True, slots=True)
class UncheckedHead:
    """It is signed, and here is no cipher to check that."""


HeadProof = SignedHead | UnsignedHead | UncheckedHead
"""What a backup proves of the ledger in it, beside that its hashes agree: those anybody can make anew."""


def check_database(path: Path) -> Ledger:
    """See that a database is whole, and its ledger as it was written.

    Raises:
        Refused: it is not.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            checked = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if checked != "ok":
                raise Refused(
                    f"the database is damaged: {checked}", hint="clockd status and dmesg tell more of the card"
                )
            needed = schema.too_new(connection)
            if needed is not None:
                raise Refused(f"the database needs {needed}; this clockd is too old for it")
            db = Database(connection, execute_plugins=False)
            found = ledger.verify(db)
    except sqlite3.Error as error:
        raise Refused(f"this is no database of clockd: {error}") from error
    if found.wrong is not None:
        raise Refused(f"the ledger was changed: {found.wrong}")
    return Ledger(found.head.rows, found.head.hash)


def write(file: Path, database: Path, others: Mapping[str, bytes], told: Mapping[str, Json]) -> Json:
    """Write a backup beside its place and read it back before it takes that; return its manifest.

    Args:
        file: where it goes; what stands there is replaced once the new one is whole.
        database: a whole database that nobody writes to.
        others: the other parts.
        told: what else the manifest says.

    Raises:
        Refused: the database is not whole.
        OSError: the disk refuses.
    """
    known = check_database(database)
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w+b") as out:
            parts = list[Json]()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                with database.open("rb") as source, archive.open(DATABASE, "w", force_zip64=True) as part:
                    parts.append(_pour(DATABASE, source, part))
                for name, data in others.items():
                    archive.writestr(name, data)
                    parts.append({"name": name, "bytes": len(data), "sha256": sha256(data).hexdigest()})
                manifest: dict[str, Json] = {
                    "format": FORMAT,
                    "clockd": __version__,
                    "schema": schema.newest(),
                    "created_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
                    "ledger": {"rows": known.rows, "hash": known.last_hash},
                    **told,
                    "parts": parts,
                }
                archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
            out.flush()
            os.fsync(out.fileno())
        with opened(draft) as backup:
            backup.check()
        draft.rename(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    files.sync_folder(file.parent)
    return manifest


@dataclass(frozen=True, slots=True)
class Backup:
    """An open backup."""

    manifest: Mapping[str, Json]
    _archive: zipfile.ZipFile

    def check(self) -> None:
        """Read all of it.

        Raises:
            Refused: a part is not what was written.
        """
        for name in self._parts():
            with self._archive.open(name) as part:
                self._compare(_pour(name, part, None))

    def small(self, name: str) -> bytes | None:
        """Return a part; None when there is none."""
        if name not in self._parts():
            return None
        with self._archive.open(name) as part:
            data = part.read(_SMALL_BYTES)
        self._compare({"name": name, "bytes": len(data), "sha256": sha256(data).hexdigest()})
        return data

    def take_database(self, target: Path) -> tuple[Ledger, HeadProof]:
        """Write the database to a new file; see that it is whole, and has the head that was signed, where one was.

        Raises:
            Refused: it is not, or has another one: its ledger was written anew after the backup was made.
        """
        handle = files.create(target)
        with os.fdopen(handle, "r+b") as out, self._archive.open(DATABASE) as part:
            out.truncate(0)
            self._compare(_pour(DATABASE, part, out))
            out.flush()
            os.fsync(out.fileno())
        known = check_database(target)
        return known, self._proof(target, known)

    def _proof(self, database: Path, known: Ledger) -> HeadProof:
        head = self.manifest.get("head")
        if not isinstance(head, dict):
            return UnsignedHead()
        said = {name: value for name, value in head.items() if name not in ("key", "signature")}
        signature = signing.Signature(str(head.get("key")), str(head.get("signature")))
        try:
            is_signed = signing.is_signed(signature, signed_text(said))
        except PackageMissing:
            is_signed = None  # what cannot be checked here is not taken for wrong
        if is_signed is False:
            raise Refused("the ledger's head in this backup is not what its terminal signed", hint=_REWRITTEN)
        rows = head.get("rows")
        if not isinstance(rows, int) or not 0 <= rows <= known.rows or _hash_at(database, rows) != head.get("hash"):
            raise Refused("the ledger in this backup is not the one that its terminal signed", hint=_REWRITTEN)
        return UncheckedHead() if is_signed is None else SignedHead(signature.public, rows)

    def _parts(self) -> dict[str, Mapping[str, Json]]:
        parts = self.manifest["parts"]
        assert isinstance(parts, list)
        return {str(part["name"]): part for part in parts if isinstance(part, dict)}

    def _compare(self, found: Json) -> None:
        assert isinstance(found, dict)
        name = str(found["name"])
        if self._parts().get(name) != found:
            raise Refused(f"{name} in this backup is not what was written", hint="take an older backup")


def _hash_at(database: Path, seq: int) -> str | None:
    if seq == 0:
        return ledger.GENESIS
    with closing(sqlite3.connect(database)) as connection:
        row = connection.execute("SELECT hash FROM ledger WHERE seq = ?", [seq]).fetchone()
    return None if row is None else str(row[0])


@contextmanager
def opened(file: Path) -> Iterator[Backup]:
    """Open a backup.

    Raises:
        Refused: it is none, is damaged, or is of a newer clockd.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if not isinstance(manifest, dict) or not isinstance(manifest.get("parts"), list):
                raise Refused(f"{file} is no backup of clockd")
            if manifest.get("format") != FORMAT:
                raise Refused(f"{file} was written by clockd {manifest.get('clockd')}; this one is too old for it")
            backup = Backup(manifest, archive)
            if set(backup._parts()) - {DATABASE, CONFIGURATION, PEPPER} or DATABASE not in backup._parts():
                raise Refused(f"{file} is no backup of clockd")
            yield backup
    except FileNotFoundError:
        raise Refused(f"{file} does not exist", hint="is its disk mounted?") from None
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, zlib.error) as error:
        raise Refused(f"{file} is no backup of clockd, or is damaged: {error}", hint="take an older backup") from error


def _pour(name: str, source: IO[bytes], target: IO[bytes] | None) -> Json:
    """Copy a part; return what the manifest says of it."""
    digest, count = sha256(), 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        count += len(chunk)
        if target is not None:
            target.write(chunk)
    return {"name": name, "bytes": count, "sha256": digest.hexdigest()}
