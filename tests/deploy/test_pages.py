"""What the pages and the files beside them say agrees with each other."""

import re
import tomllib
from urllib.parse import urlsplit

import pytest

from clockd import config
from tests.deploy.places import FIRST_CONFIGURATION, ROOT

HEADER = {2: 3, 3: 5, 4: 7, 5: 29, 6: 31, 12: 32, 13: 33, 14: 8, 15: 10, 16: 36, 17: 11, 18: 12, 22: 15, 26: 37, 27: 13}
"""GPIO -> pin of the 40-pin header, from the Raspberry Pi's documentation."""


def test_first_configuration() -> None:
    parsed = config.parse(FIRST_CONFIGURATION.read_text())
    assert isinstance(parsed.tracker, config.NoTracker), "it must start before a tracker is known"
    assert parsed.reader


def alternatives() -> list[str]:
    """The tables of the first configuration that are commented out."""
    return re.findall(r"(?m)(?:^# (?:\[.*\]|[a-z_]+ = .*)\n)+", FIRST_CONFIGURATION.read_text())


def test_there_are_alternatives() -> None:
    kinds = set(re.findall(r'# kind = "(\w+)"', "".join(alternatives())))
    assert kinds == {"timetrack", "goodtime", "nfc", "keyboard", "serial"}


@pytest.mark.parametrize("block", alternatives())
def test_a_commented_table_works_when_opened(block: str) -> None:
    opened = re.sub(r"(?m)^# ", "", block)
    config.parse(opened)


def test_readme_configuration() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        config.parse(block)


def test_wiring_table_says_what_the_first_configuration_says() -> None:
    page = (ROOT / "hardware" / "README.md").read_text()
    raw = tomllib.loads(FIRST_CONFIGURATION.read_text())
    rows = re.findall(r"\| GPIO(\d+) \| (\d+) \| `(\w+) = (\d+)`(?:, `action = \"(\w+)\"`)? \|", page)
    said = {}
    for gpio, pin, key, value, action in rows:
        assert HEADER[int(gpio)] == int(pin)
        assert gpio == value
        said[action or key] = int(gpio)
    panel = {key: raw["panel"][key] for key in ("green_led", "red_led", "buzzer")}
    keys = {button["action"]: button["gpio"] for button in raw["button"]}
    assert said == panel | keys | {"break": 13}
    picture = (ROOT / "hardware" / "wiring.svg").read_text()
    assert all(f">GPIO{gpio}<" in picture for gpio in said.values())


@pytest.mark.parametrize("page", ["README.md", "hardware/README.md", "deploy/README.md"])
def test_links_lead_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    targets = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text())
    missing = [link for link in targets if not urlsplit(link).scheme and not (folder / link).exists()]
    assert missing == []


def test_usb_readers_of_nfcpy_may_be_opened() -> None:
    device = pytest.importorskip("nfc.clf.device")
    rules = (ROOT / "hardware" / "99-clockd.rules").read_text()
    allowed = {
        (int(vendor, 16), int(product, 16))
        for vendor, products in re.findall(r'ATTR\{idVendor\}=="(\w+)", ATTR\{idProduct\}=="([\w|]+)"', rules)
        for product in products.split("|")
    }
    assert allowed == set(device.usb_device_map)
