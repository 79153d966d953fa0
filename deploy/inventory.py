"""Lists what a package ships: `inventory.py SITE DOCUMENTS`, called by deploy/package.

SITE is a folder of installed Python packages. Their licence texts move to DOCUMENTS/licences/NAME/, and DOCUMENTS gets
sbom.cdx.json (CycloneDX 1.6, with the libraries that wheels bring along) and copyright.
"""

import email
import hashlib
import json
import shutil
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

LICENCE_NAMES = ("licen", "copying", "notice", "author")
"""How the files begin that belong to a licence."""

OLD_NAMES = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "Apache License, Version 2.0": "Apache-2.0",
}
"""Classifiers of older packages, as SPDX has them."""

WITHOUT_METADATA = {
    "ndeflib": "ISC",
    "nfcpy": "EUPL-1.1",
    "pyDes": "MIT",
    "pyserial": "BSD-3-Clause",
    "lgpio": "Unlicense",
    "click-default-group": "BSD-3-Clause",
}
"""Licences that metadata says wrongly, in free words or not at all; read in their own files."""


@dataclass(frozen=True)
class Shipped:
    """One Python package in the tree."""

    name: str
    version: str
    licence: str
    homepage: str | None
    texts: tuple[Path, ...]
    inside: tuple[dict[str, Any], ...]
    """CycloneDX components of the libraries that its wheel brings along."""

    @property
    def purl(self) -> str:
        """Its name among all packages of the world."""
        return f"pkg:pypi/{self.name.lower().replace('_', '-')}@{self.version}"


def licence_of(metadata: Message) -> str:
    """An SPDX expression, or the words of the package where they are none."""
    if name := WITHOUT_METADATA.get(metadata["Name"]):
        return name
    if expression := metadata["License-Expression"]:
        return str(expression)
    classifiers = [
        line.split(" :: ")[-1] for line in metadata.get_all("Classifier", []) if line.startswith("License ::")
    ]
    known = sorted({OLD_NAMES.get(name, name) for name in classifiers} - {"OSI Approved"})
    if known:
        return " AND ".join(known)
    said = str(metadata["License"] or "").strip().splitlines()
    if not said:
        raise SystemExit(f"error: {metadata['Name']} does not say its licence\n       name it in deploy/inventory.py")
    return OLD_NAMES.get(said[0], said[0])


def homepage_of(metadata: Message) -> str | None:
    """Where the package lives."""
    for line in metadata.get_all("Project-URL", []):
        label, _, address = line.partition(",")
        if label.strip().lower() in ("homepage", "source", "source code", "repository", "home"):
            return str(address.strip())
    return metadata["Home-page"]


def libraries_in(folder: Path) -> Iterator[dict[str, Any]]:
    """What a wheel's own lists (PEP 770) say is compiled into it."""
    for path in sorted((folder / "sboms").glob("*.json")):
        for component in json.loads(path.read_text()).get("components", ()):
            yield {key: component[key] for key in ("type", "name", "version", "purl", "licenses") if key in component}


def shipped(site: Path) -> list[Shipped]:
    """Every installed package, by name."""
    found = []
    for folder in sorted(site.glob("*.dist-info"), key=lambda path: path.name.lower()):
        metadata = email.message_from_string((folder / "METADATA").read_text())
        texts = tuple(
            path for path in sorted(folder.rglob("*")) if path.name.lower().startswith(LICENCE_NAMES) and path.is_file()
        )
        found.append(
            Shipped(
                metadata["Name"],
                metadata["Version"],
                licence_of(metadata),
                homepage_of(metadata),
                texts,
                tuple(libraries_in(folder)),
            )
        )
    return found


def component(package: Shipped) -> dict[str, Any]:
    """A package as CycloneDX has it."""
    entry: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "licenses": [{"expression": package.licence}]
        if _is_spdx(package.licence)
        else [{"license": {"name": package.licence}}],
        "purl": package.purl,
    }
    if package.homepage:
        entry["externalReferences"] = [{"type": "website", "url": package.homepage}]
    if package.inside:
        entry["components"] = list(package.inside)
    return entry


def _is_spdx(text: str) -> bool:
    return not set(text) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.+() ") and (
        " " not in text or " AND " in text or " OR " in text or " WITH " in text
    )


def bill(packages: list[Shipped], files: str) -> dict[str, Any]:
    """The whole list; the same for the same tree."""
    (itself,) = (package for package in packages if package.name == "clockd")
    others = [package for package in packages if package is not itself]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, files)}",
        "version": 1,
        "metadata": {"component": component(itself) | {"type": "application"}},
        "components": [component(package) for package in others],
        "dependencies": [{"ref": itself.purl, "dependsOn": [package.purl for package in others]}],
    }


def copyright_page(packages: list[Shipped], clockd_licence: str) -> str:
    """The file that Debian wants of every package."""
    lines = [
        "clockd is:",
        "",
        *(f"  {line}".rstrip() for line in clockd_licence.splitlines()),
        "",
        "Its package holds these Python packages as well, each under the licence named. The",
        "texts are in /usr/share/doc/clockd/licences; sbom.cdx.json.gz beside this file also",
        "names the libraries that are compiled into them. Of Apache-2.0, LGPL-2.1 and GPL-2",
        "every Debian has the text: /usr/share/common-licenses.",
        "",
    ]
    lines += [
        f"  {package.name} {package.version}: {package.licence}" for package in packages if package.name != "clockd"
    ]
    return "\n".join(lines) + "\n"


def digest(site: Path) -> str:
    """What the tree holds, as one number."""
    seen = hashlib.sha256()
    for path in sorted(site.rglob("*")):
        if path.is_file():
            seen.update(f"{path.relative_to(site)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()


def main(site: Path, documents: Path) -> None:
    """Write the lists, and move the licence texts to them."""
    packages = shipped(site)
    documents.mkdir(parents=True, exist_ok=True)
    page = json.dumps(bill(packages, digest(site)), indent=1, sort_keys=True)
    (documents / "sbom.cdx.json").write_text(page + "\n")
    (itself,) = (package for package in packages if package.name == "clockd")
    (documents / "copyright").write_text(copyright_page(packages, itself.texts[0].read_text()))
    for package in packages:
        for text in package.texts:
            target = documents / "licences" / package.name
            target.mkdir(parents=True, exist_ok=True)
            if package is not itself:
                shutil.copy(text, target / text.name)
            text.unlink()
        if package is itself:
            (documents / "licences" / package.name).rmdir()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
