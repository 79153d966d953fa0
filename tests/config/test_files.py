"""What may stand where a configuration or a credential is looked for: a clear error, never a hang or a secret."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from clockd.config import Secrets, load
from clockd.config.secrets import SECRETS
from clockd.errors import ConfigError, StoreUnusable
from clockd.store import badges

Stand = Callable[[Path], None]
GIGABYTE = 1 << 30


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _terminal(path: Path) -> None:
    path.symlink_to("/dev/tty")


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(GIGABYTE)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _utf16(path: Path) -> None:
    path.write_text("geheim", encoding="utf-16")


def _bytes(path: Path) -> None:
    path.write_bytes(b"geheim\xff\xfe\x80")


NO_FILES: list[tuple[Stand, str]] = [
    (_folder, "is a folder, and not a file"),
    (_pipe, "is a named pipe, and not a file"),
    (_device, "is a device, and not a file"),
    (_terminal, ""),
    (_huge, "is longer than 64 KiB"),
    (_loop, "cannot be read"),
    (_utf16, "is UTF-16"),
    (_bytes, "is not UTF-8"),
]
BY_NAME = [stand.__name__.strip("_") for stand, _ in NO_FILES]


@pytest.mark.parametrize(("stand", "why"), NO_FILES, ids=BY_NAME)
def test_no_configuration(tmp_path: Path, stand: Stand, why: str) -> None:
    path = tmp_path / "clockd.toml"
    stand(path)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.where == str(path)
    assert why in caught.value.why
    assert caught.value.hint
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(("stand", "why"), NO_FILES, ids=BY_NAME)
def test_no_credential(tmp_path: Path, name: str, stand: Stand, why: str) -> None:
    stand(tmp_path / name)
    with pytest.raises(ConfigError) as caught:
        Secrets(tmp_path, {}).find(name)
    assert caught.value.where == f"credential {name}"
    assert why in caught.value.why
    assert caught.value.hint
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(("stand", "why"), NO_FILES, ids=BY_NAME)
def test_no_pepper_in_the_state_folder(tmp_path: Path, stand: Stand, why: str) -> None:
    stand(tmp_path / "badge-pepper")
    with pytest.raises(StoreUnusable) as caught:
        badges.load_peppers(None, tmp_path)
    assert why in caught.value.message
    assert caught.value.hint


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "clockd.toml"
    path.write_bytes(b"\xef\xbb\xbf[terminal]\r\nname = 'x'\r\n")
    assert load(path).terminal.name == "x"


AROUND = ["{}", "{}\n", "{}\r\n", "\ufeff{}", "{}\0", "{}\0\n", "\u200b{}\u200b", "{}\u2060\n\n", "\n{}\n"]
BLANKS = [" {}", "{} ", "\t{}\t\n", "\u00a0{}\u00a0"]


@pytest.mark.parametrize("name", [name for name in SECRETS if name != "badge-pepper"])
def test_what_a_paste_leaves_around_is_dropped(tmp_path: Path, name: str) -> None:
    password = name.endswith("-password")
    for around in AROUND + BLANKS:
        text = around.format("abc-123")
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
        for secrets in (Secrets(tmp_path, {}), Secrets(None, {"CLOCKD_" + name.upper().replace("-", "_"): text})):
            found = secrets.need(name).reveal()
            wanted = text.strip("\t\n") if password and around in BLANKS else "abc-123"
            assert found == wanted, ascii(text)


@pytest.mark.parametrize("around", ['"{}"', "'{}'\r\n", '\ufeff"{}"\n', '" {} "'])
def test_quotes_around_a_key_are_dropped_and_those_of_a_password_are_its_own(tmp_path: Path, around: str) -> None:
    for name in ("timetrack-api-key", "goodtime-login-email", "tracker-proxy-password"):
        (tmp_path / name).write_text(around.format("abc-123"), encoding="utf-8", newline="")
        found = Secrets(tmp_path, {}).need(name).reveal()
        assert found == (around.format("abc-123").strip("\ufeff\r\n") if name.endswith("password") else "abc-123")


@pytest.mark.parametrize("inside", ["a\u200bb", "a\0b", "a\nb", "a\r\nb", "a\x1bb", "a\ufeffb", "a\u2028b", "a\x85b"])
@pytest.mark.parametrize("name", [name for name in SECRETS if name != "badge-pepper"])
def test_what_nobody_types_is_named_and_not_sent(tmp_path: Path, name: str, inside: str) -> None:
    (tmp_path / name).write_text(inside, encoding="utf-8", newline="")
    if name == "alert-urls" and inside in ("a\nb", "a\r\nb"):
        assert Secrets(tmp_path, {}).need(name).reveal() == "a\nb"
        return
    with pytest.raises(ConfigError) as caught:
        Secrets(tmp_path, {}).find(name)
    assert f"credential {name}" in caught.value.where
    assert "U+" in caught.value.why or "more than one line" in caught.value.why


@pytest.mark.parametrize("text", ["schlüssel", "a b", "a\u00a0b", "\udcff"])
def test_a_key_that_no_header_can_carry(text: str) -> None:
    with pytest.raises(ConfigError, match="timetrack-api-key"):
        Secrets(None, {"CLOCKD_TIMETRACK_API_KEY": text}).find("timetrack-api-key")


@pytest.mark.parametrize("text", ["pass wörd", "пароль", "🔑 x"])
def test_a_password_may_be_any_text(text: str) -> None:
    assert Secrets(None, {"CLOCKD_GOODTIME_API_PASSWORD": text}).need("goodtime-api-password").reveal() == text


def test_an_empty_credential_is_none(tmp_path: Path) -> None:
    for name in SECRETS:
        for empty in ("", "\n", "\r\n"):
            (tmp_path / name).write_text(empty, newline="")
            assert Secrets(tmp_path, {}).find(name) is None


def test_the_pepper_is_taken_as_it_is(tmp_path: Path) -> None:
    """Badges were made with it: another byte, and each is a stranger."""
    for text in (" pepper with blanks ", "\ufeffpepper\u200b", "pepper\0"):
        (tmp_path / "badge-pepper").write_text(text + "\n", encoding="utf-8")
        assert Secrets(tmp_path, {}).need("badge-pepper").reveal() == text
    with pytest.raises(ConfigError, match="badge-pepper"):
        Secrets(None, {"CLOCKD_BADGE_PEPPER": "x" * 32 + "\udcff"}).find("badge-pepper")
