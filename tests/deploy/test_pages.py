"""What the pages and the files beside them say agrees with each other."""

import re
import tomllib
from urllib.parse import urlsplit

import pytest

from clockd import config
from clockd.panel.gpio import header_chip
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


PAGES = ["README.md", "deploy/README.md", *(f"hardware/{path.name}" for path in (ROOT / "hardware").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES)
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


@pytest.mark.parametrize("page", PAGES)
def test_links_to_a_section_lead_to_one(page: str) -> None:
    for target, section in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", (ROOT / page).read_text()):
        text = ((ROOT / page).parent / target if target else ROOT / page).read_text()
        titles = {
            re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")
            for title in re.findall(r"(?m)^#+ (.+)$", text)
        }
        assert section in titles, f"{page}: {target}#{section}"


BUILDS = {"zero-2w": "pinctrl-bcm2835", "pi-3": "pinctrl-bcm2835", "pi-4": "pinctrl-bcm2711", "pi-5": "pinctrl-rp1"}


@pytest.mark.parametrize("build", BUILDS)
def test_a_build_page_names_the_chip_that_clockd_looks_for(build: str) -> None:
    page = (ROOT / "hardware" / f"{build}.md").read_text()
    assert re.findall(r"pinctrl-\w+", page) == [BUILDS[build]]
    assert header_chip({7: BUILDS[build], 0: "another"}) == 7
    for path in re.findall(r'path = "([^"]+)"', page):
        config.parse(f'[[reader]]\nkind = "nfc"\npath = "{path}"\n')
    for device in re.findall(r'device = "([^"]+)"', page):
        config.parse(f'[[reader]]\nkind = "serial"\ndevice = "{device}"\n')


def test_the_display_page_names_every_display_and_size() -> None:
    page = (ROOT / "hardware" / "displays.md").read_text()
    for oled, sizes in config.OLED_SIZES.items():
        assert f'"{oled}"' in page
        for size in sizes[1:]:
            assert any(f'size = "{size}"' in row and oled in row for row in page.splitlines()), (oled, size)


def test_comments_of_config_txt_stand_on_lines_of_their_own() -> None:
    """Behind a setting they would be a part of its value."""
    for page in (ROOT / "hardware").glob("*.md"):
        for line in re.findall(r"(?m)^(?:dt\w+|enable_uart)=.*$", page.read_text()):
            assert "#" not in line, page
