"""One Wi-Fi network, as the two programs want it that may join it. Both texts hold its password."""

import json
import re

from clockd.host.wifi import profile_of
from clockd.provisioning.answers import WifiSection


def network_manager_text(wifi: WifiSection, password: str | None) -> str:
    """Return the profile for NetworkManager (Raspberry Pi OS), which `clockd set wifi` would replace."""
    lines = ["[connection]", f"id={_escaped(profile_of(wifi.ssid))}", "type=wifi", "autoconnect=true", ""]
    lines += ["[wifi]", "mode=infrastructure", f"ssid={_ssid(wifi.ssid)}", f"hidden={str(wifi.hidden).lower()}", ""]
    if password is not None:
        lines += ["[wifi-security]", "key-mgmt=wpa-psk", f"psk={_escaped(password)}", ""]
    lines += ["[ipv4]", "method=auto", "", "[ipv6]", "method=auto", ""]
    return "\n".join(lines)


def netplan_text(wifi: WifiSection, password: str | None) -> str:
    """Return the document for netplan (Ubuntu). JSON is YAML."""
    point: dict[str, object] = {"hidden": True} if wifi.hidden else {}
    if password is not None:
        point["password"] = password
    device = {
        "dhcp4": True,
        "optional": True,
        "regulatory-domain": wifi.country,
        "access-points": {wifi.ssid: point},
    }
    return json.dumps({"network": {"version": 2, "wifis": {"wlan0": device}}}, ensure_ascii=False, indent=1) + "\n"


def _ssid(text: str) -> str:
    """A plain name as it is; any other as the numbers of its bytes, since a key file has signs of its own."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*( [A-Za-z0-9_.-]+)*", text):
        return text
    return "".join(f"{byte};" for byte in text.encode())


def _escaped(text: str) -> str:
    """A text in a key file: blanks at its ends would be dropped."""
    return text.replace("\\", "\\\\").replace(" ", "\\s")
