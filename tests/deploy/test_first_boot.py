"""The first boot: secrets leave the open partition encrypted, a cut anywhere loses none, and nothing of them stays."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from clockd.provisioning.card import files_of
from tests.deploy.first_boot import BADGE, SECRETS, FirstBoot, answers_of, given_of, held, holders
from tests.deploy.places import ROOT

pytestmark = pytest.mark.skipif(shutil.which("systemd-creds") is None, reason="there is no systemd-creds")

SEALED = {name: text for name, text in SECRETS.items() if name != "wifi-password"}
WIFI = "etc/NetworkManager/system-connections/clockd-first.nmconnection"


@pytest.fixture
def machine(tmp_path: Path) -> FirstBoot:
    found = FirstBoot(tmp_path)
    found.write()
    return found


def assert_done(machine: FirstBoot) -> None:
    """All is in the machine, and no secret is where it must not be."""
    assert {name: machine.opened(name) for name in SEALED} == SEALED
    assert list(holders(machine.root, SECRETS | {"badge": BADGE})) == [("wifi-password", WIFI)]
    assert stat.S_IMODE((machine.root / WIFI).stat().st_mode) == 0o600
    assert not (machine.card / "clockd-first-boot").exists()
    assert not (machine.root / "var/lib/clockd-first-boot").exists()
    assert (
        machine.files.secret["clockd-first-boot/secret/badges.csv"].decode() in (machine.state / "imported").read_text()
    )


def test_all_of_it(machine: FirstBoot) -> None:
    done = machine.boot()
    assert done.returncode == 0, done.stderr
    assert_done(machine)
    for path in ("sealed", "sealed/badge-pepper"):
        assert stat.S_IMODE((machine.root / "etc/clockd" / path).stat().st_mode) & 0o077 == 0
    toml = machine.root / "etc/clockd/clockd.toml"
    assert stat.S_IMODE(toml.stat().st_mode) == 0o644
    assert toml.read_bytes() == machine.files.plain["clockd-first-boot/files/etc/clockd/clockd.toml"]
    assert (machine.root / "etc/fstab").read_text().splitlines()[0].split()[3] == "defaults,noatime"
    calls = machine.calls()
    assert "apt-get install -qy -o Dpkg::Options::=--force-confold clockd" in calls
    for wanted in ("systemctl restart clockd.service", "systemctl reboot", "raspi-config nonint do_wifi_country AT"):
        assert wanted in calls


def test_the_plain_text_goes_only_when_its_encrypted_form_is_on_disk(machine: FirstBoot) -> None:
    machine.boot()
    calls = machine.calls()
    first_wipe = next(n for n, call in enumerate(calls) if call.startswith("dd "))
    taken = next(n for n, call in enumerate(calls) if call.startswith("mv ") and call.endswith("/taken"))
    sealed = [n for n, call in enumerate(calls) if call.startswith("mv ") and "/sealed/" in call]
    assert len(sealed) == len(SEALED)
    assert all(calls[n - 1] == f"sync {calls[n].split()[1]}" for n in sealed)
    assert calls.index("sync") > max(sealed)
    assert calls.index("sync") < taken < first_wipe
    gone = next(n for n, call in enumerate(calls) if call.startswith("rm ") and call.endswith("/secret"))
    assert gone > max(n for n, call in enumerate(calls) if call.startswith("dd "))


FEW = {name: SECRETS[name] for name in ("wifi-password", "timetrack-api-key", "badge-pepper")}
FEW_SEALED = {name: text for name, text in FEW.items() if name != "wifi-password"}
SLICE = 12
"""How many of the cuts are made each time."""


def cut_at(folder: Path, cut: int) -> bool:
    """Cut a boot and let it go on twice; False: it was done before it came so far."""
    machine = FirstBoot(folder, files=files_of(answers_of(), given_of(secrets=FEW)))
    machine.write()
    if machine.boot(cut=cut).returncode == 0:
        return False
    for name, text in FEW_SEALED.items():
        plain = machine.card / "clockd-first-boot/secret/credentials" / name
        if not (plain.exists() and plain.read_text() == text):
            assert machine.opened(name) == text, f"cut {cut}: {name} is lost"
    for _ in range(2):  # the second has nothing left to do
        again = machine.boot()
        assert again.returncode == 0, (cut, again.stderr)
    assert {name: machine.opened(name) for name in FEW_SEALED} == FEW_SEALED, cut
    assert list(holders(machine.root, SECRETS)) == [("wifi-password", WIFI)], cut
    assert not (machine.card / "clockd-first-boot").exists(), cut
    assert (machine.state / "imported").exists(), cut
    shutil.rmtree(folder)
    return True


def cut_points(folder: Path) -> int:
    """How many programs an uncut boot calls."""
    folder.mkdir()
    whole = FirstBoot(folder, files=files_of(answers_of(), given_of(secrets=FEW)))
    whole.write()
    assert whole.boot().returncode == 0
    return len(whole.calls())


def test_a_slice_of_all_cuts(tmp_path: Path) -> None:
    count = cut_points(tmp_path / "whole")
    for cut in range(1, count, count // SLICE):
        (tmp_path / str(cut)).mkdir()
        assert cut_at(tmp_path / str(cut), cut)


@pytest.mark.soak
def test_a_cut_anywhere_goes_on_at_the_next_boot(tmp_path: Path) -> None:
    for cut in range(1, cut_points(tmp_path / "whole") + 1):
        (tmp_path / str(cut)).mkdir()
        cut_at(tmp_path / str(cut), cut)


def test_without_a_network_the_secrets_leave_all_the_same(machine: FirstBoot) -> None:
    machine.has_network(False)
    done = machine.boot()
    assert done.returncode == 1
    assert "network" in done.stderr
    assert "package lists" in (machine.card / "clockd-first-boot/PROBLEM.txt").read_text()
    assert {name: machine.opened(name) for name in SEALED} == SEALED
    assert list(holders(machine.card, SECRETS)) == []
    machine.has_network(True)
    assert machine.boot().returncode == 0
    assert_done(machine)


def test_a_list_of_badges_that_is_refused_keeps_nobody_from_tapping(machine: FirstBoot) -> None:
    """It is tried again and again, and the door is left alone meanwhile: clockd was started anew once."""
    itself = machine.folder / "clockd-itself"
    good = itself.read_text()
    itself.write_text("#!/bin/sh\nexit 1\n")
    calls: list[str] = []
    for _ in range(3):
        assert machine.boot().returncode == 1
        calls += machine.calls()
    assert calls.count("systemctl restart clockd.service") == 1
    assert calls.count("nmcli connection reload") == 1
    assert "badges import" in (machine.card / "clockd-first-boot/PROBLEM.txt").read_text()
    itself.write_text(good)
    assert machine.boot().returncode == 0
    assert_done(machine)


def test_a_card_that_was_pulled_out_too_early_is_told_and_kept(machine: FirstBoot) -> None:
    secret = machine.card / "clockd-first-boot/secret/credentials/timetrack-api-secret"
    secret.write_bytes(b"")
    done = machine.boot()
    assert (done.returncode, "was not written completely" in done.stderr) == (1, True)
    assert "eject" in (machine.card / "clockd-first-boot/PROBLEM.txt").read_text()
    assert not machine.sealed.exists()


def test_what_cannot_be_read_back_is_not_wiped(tmp_path: Path) -> None:
    machine = FirstBoot(tmp_path)
    machine.write()
    shim = machine.folder / "bin/systemd-creds"
    shim.write_text('#!/bin/sh\n[ "$1" = decrypt ] || cp "$3" "$4"\n')
    assert machine.boot().returncode == 1
    assert (machine.card / "clockd-first-boot/secret/credentials/web-password").read_text() == SECRETS["web-password"]


def test_another_card_for_the_same_machine_replaces_what_was_there(machine: FirstBoot) -> None:
    machine.boot()
    machine.files = files_of(
        answers_of(), given_of("fedcba9876543210", SECRETS | {"timetrack-api-key": "a-new-key-0042"})
    )
    machine.write()
    before = (machine.root / "etc/clockd/clockd.toml").read_bytes()
    (machine.root / "etc/clockd/clockd.toml").write_bytes(b"# mine\n" + before)
    assert machine.boot().returncode == 0
    assert machine.opened("timetrack-api-key") == "a-new-key-0042"
    assert (machine.root / "etc/clockd/clockd.toml.before").read_bytes() == b"# mine\n" + before


def test_begin_makes_a_service_that_comes_back(machine: FirstBoot) -> None:
    assert machine.boot("begin").returncode == 0
    unit = machine.root / "etc/systemd/system/clockd-first-boot.service"
    program = machine.root / "usr/local/lib/clockd-first-boot/first-boot"
    assert unit.read_text() == (ROOT / "systemd/clockd-first-boot.service").read_text()
    assert os.access(program, os.X_OK)
    assert machine.calls()[-2:] == [
        "systemctl enable clockd-first-boot.service",
        "systemctl start --no-block clockd-first-boot.service",
    ]
    assert machine.boot().returncode == 0
    assert not unit.exists()
    assert not program.exists()
    assert machine.boot("begin").returncode == 0


def test_the_packages_own_unit_is_used_where_it_is(machine: FirstBoot) -> None:
    unit = machine.root / "usr/lib/systemd/system/clockd-first-boot.service"
    unit.parent.mkdir(parents=True)
    unit.touch()
    assert machine.boot("begin").returncode == 0
    assert not (machine.root / "etc/systemd").exists()
    assert machine.boot().returncode == 0
    assert machine.calls()[-2] == "systemctl enable clockd-first-boot.service"


def test_without_a_card_nothing_is_done(tmp_path: Path) -> None:
    machine = FirstBoot(tmp_path)
    assert machine.boot().returncode == 0
    assert not any(call.startswith(("systemctl", "mv")) for call in machine.calls())


# --- a real file system, and its raw bytes ------------------------------------------------------------------------


def file_system(folder: Path) -> str | None:
    """One that this kernel mounts: the FAT of a card, else ext4."""
    for name in ("vfat", "ext4"):
        image = folder / name
        with image.open("wb") as file:
            file.truncate(16 * 1024 * 1024)
        make = shutil.which(f"mkfs.{name}", path=os.environ["PATH"] + ":/sbin:/usr/sbin")
        if make is None or subprocess.run([make, image], capture_output=True, check=False).returncode:
            continue
        words = ["unshare", "--mount", "mount", "-o", "loop", str(image), "/mnt"]
        if subprocess.run(words, capture_output=True, check=False).returncode == 0:
            return name
    return None


def boot_from_image(machine: FirstBoot, image: Path) -> bytes:
    """Write a card into an image, let the machine boot from it, and return the image's bytes before and after."""
    mount = f"mount -o loop '{image}' '{machine.card}'"
    write = machine.folder / "written"
    write.mkdir()
    machine.card.rmdir()
    machine.card.symlink_to(write)
    machine.write()
    machine.card.unlink()
    machine.card.mkdir()
    copy = f"{mount} && cp -r '{write}'/. '{machine.card}' && sync && umount '{machine.card}'"
    subprocess.run(["unshare", "--mount", "sh", "-c", copy], check=True)
    shutil.rmtree(write)
    assert set(held(image.read_bytes(), SECRETS)) == set(SECRETS), "they are on the card to begin with"
    done = machine.boot(before=mount, after=f"umount '{machine.card}'")
    assert done.returncode == 0, done.stderr
    return image.read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
@pytest.mark.parametrize("wipes", [True, False])
def test_no_byte_of_the_partition_holds_a_secret(tmp_path: Path, wipes: bool) -> None:
    """With the overwriting left out, the same search finds them."""
    name = file_system(tmp_path)
    if name is None:
        pytest.skip("this kernel mounts no image")
    script = tmp_path / "first-boot"
    text = (ROOT / "deploy/first-boot").read_text()
    script.write_text(text if wipes else re.sub(r"(?m)^ +head -c .*\| dd of=.*$", "        :", text))
    assert (script.read_text() == text) == wipes
    (tmp_path / "machine").mkdir()
    machine = FirstBoot(tmp_path / "machine", script)
    found = held(boot_from_image(machine, tmp_path / name), SECRETS)
    assert (found == []) == wipes
    assert list(holders(machine.root, SECRETS)) == [("wifi-password", WIFI)]
