"""Another Wi-Fi network by NetworkManager, as Raspberry Pi OS has it.

The new network is a profile of its own. Only when it carried a connection does it replace the one of before with the
same name; the profiles of other networks stay, and NetworkManager goes back to them when this one is out of reach.
"""

import re

from clockd.errors import Refused, UsageError
from clockd.host.programs import NoProgram, Ran, run_program

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 63
LONGEST_SSID_BYTES = 32
WAIT_S = 45
"""How long NetworkManager may try to connect."""
_NOT_RUNNING, _NOT_CONNECTED = 8, 4
"""Exit codes of nmcli."""
_NO_NMCLI = "set the network as this system does it (raspi-config; netplan; /etc/network/interfaces)"


def profile_of(ssid: str) -> str:
    """Return the name of our profile for a network."""
    return f"clockd-{ssid}"


def join_wifi(ssid: str, password: str | None, *, hidden: bool) -> None:
    """Connect to a network, now and at each start.

    Args:
        ssid: its name.
        password: of WPA; None for a network that is open to everybody.
        hidden: whether it does not announce its name.

    Raises:
        UsageError: the name or the password can be none; the password is not repeated.
        Refused: there is no NetworkManager, or it does not connect; the networks of before are as they were.
    """
    if why := why_no_ssid(ssid):
        raise UsageError(f"this can be no name of a Wi-Fi network: {why}")
    if password is not None and (why := why_no_wifi_password(password)):
        raise UsageError(f"this can be no password of a Wi-Fi network: {why}")
    name, draft = profile_of(ssid), profile_of(ssid) + "-new"
    profiles = _nmcli("-t", "-f", "NAME", "connection", "show").out.splitlines()
    if draft.replace(":", r"\:") in profiles:
        _nmcli("connection", "delete", "id", draft)
    words = ["connection", "add", "type", "wifi", "ifname", "*", "con-name", draft, "ssid", ssid]
    words += ["connection.autoconnect", "yes", "connection.autoconnect-priority", "10"]
    words += ["802-11-wireless.hidden", "yes" if hidden else "no"]
    if password is not None:
        words += ["802-11-wireless-security.key-mgmt", "wpa-psk"]
    _nmcli(*words)
    line = "" if password is None else f"802-11-wireless-security.psk:{password}\n"
    up = ("--wait", str(WAIT_S), "connection", "up", "id", draft, "passwd-file", "/dev/stdin")
    try:
        _nmcli(*up, given=line, secret=password or "")
    except Refused:
        _ran(("connection", "delete", "id", draft), "")
        raise
    if name.replace(":", r"\:") in profiles:
        _nmcli("connection", "delete", "id", name)
    _nmcli("connection", "modify", "id", draft, "connection.id", name)


def why_no_ssid(text: str) -> str:
    """Say why a text can be no name of a Wi-Fi network; empty when it can."""
    if not 1 <= len(text.encode()) <= LONGEST_SSID_BYTES or not text.isprintable():
        return f"it has 1 to {LONGEST_SSID_BYTES} bytes, and no control characters"
    return ""


def why_no_wifi_password(text: str) -> str:
    """Say why a text can be no password of a Wi-Fi network, without repeating it; empty when it can."""
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return ""
    if not re.fullmatch(r"[\x20-\x7e]*", text):
        return "it holds a character beyond ASCII"
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        return f"it has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters, and this one {len(text)}"
    return ""


def _ran(words: tuple[str, ...], given: str) -> Ran:
    try:
        return run_program(("nmcli", *words), given=given)
    except NoProgram as error:
        raise Refused(error.message, hint=_NO_NMCLI) from None


def _nmcli(*words: str, given: str = "", secret: str = "") -> Ran:
    """Run nmcli.

    Raises:
        Refused: it says no, with its own words.
    """
    done = _ran(words, given)
    if done.code == 0:
        return done
    said = " ".join((done.err or done.out).split())
    said = said.replace(secret, "(hidden)") if secret else said
    match done.code:
        case code if code == _NOT_RUNNING:
            raise Refused("NetworkManager does not run here", hint=_NO_NMCLI)
        case code if code == _NOT_CONNECTED or code < 0:
            hint = "is the password right, and the network in reach (nmcli device wifi list)?"
            raise Refused(f"no connection; the network of before stays. {said}", hint=hint)
        case _:
            raise Refused(f"nmcli refuses: {said}", hint="sudo is needed; nmcli device shows whether there is Wi-Fi")
