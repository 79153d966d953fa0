"""What the operating system reads at its first start: user-data of cloud-init, or the script of the system before it.

Neither holds a secret: cloud-init keeps copies of what it was given. Both make the user and the name, and then begin
`deploy/first-boot`, which lies beside them.
"""

import json
import shlex

from clockd.provisioning.answers import Answers

CARD_FOLDER = "clockd-first-boot"
"""The folder on the open partition."""
BEGIN = f"f=/boot/firmware/{CARD_FOLDER}/first-boot; [ ! -e $f ] || exec sh $f begin"
FIRST_RUN = "systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot"
FIRST_RUN_TARGET = "systemd.unit=kernel-command-line.target"


def user_data(answers: Answers, ssh_key: str) -> str:
    """Return the document for cloud-init. Each value is JSON, which is YAML.

    Args:
        answers: the answers.
        ssh_key: the public key; empty: none.
    """
    user: dict[str, object] = {
        "name": answers.machine.user,
        "gecos": "looks after this time clock",
        "groups": ["adm", "sudo"],
        "shell": "/bin/bash",
        "lock_passwd": True,
        "sudo": "ALL=(ALL) NOPASSWD:ALL",
    }
    if ssh_key:
        user["ssh_authorized_keys"] = [ssh_key]
    document: dict[str, object] = {
        "hostname": answers.host,
        "manage_etc_hosts": True,
        "timezone": answers.config.terminal.time_zone,
        "ssh_pwauth": False,
        "users": [user],
        # at each boot, since what runs once does not come back after a power cut
        "bootcmd": [["sh", "-c", BEGIN]],
    }
    # the question for a user that the Raspberry Pi OS asks at its screen
    run = ["systemctl disable --now userconfig || true"]
    if ssh_key:
        run.append("systemctl enable --now ssh || true")
    document["runcmd"] = [["sh", "-c", each] for each in run]
    lines = [f"{key}: {json.dumps(value)}" for key, value in document.items()]
    return "#cloud-config\n" + "\n".join(lines) + "\n"


def first_run_script(answers: Answers, ssh_key: str) -> str:
    """Return `firstrun.sh` for the Raspberry Pi OS of Bookworm, as the Raspberry Pi Imager would write it."""
    host, user, zone = (
        shlex.quote(each) for each in (answers.host, answers.machine.user, answers.config.terminal.time_zone)
    )
    key = shlex.quote(ssh_key)
    enable = f"$custom enable_ssh -k {key}\n" if ssh_key else ""
    return f"""\
#!/bin/bash
# Runs once, as root, by a word in cmdline.txt that it takes away again.
set +e
custom=/usr/lib/raspberrypi-sys-mods/imager_custom
$custom set_hostname {host}
{enable}/usr/lib/userconf-pi/userconf {user} '!'
$custom set_timezone {zone}
sh /boot/firmware/{CARD_FOLDER}/first-boot begin
rm -f /boot/firmware/firstrun.sh
sed -i 's| systemd\\.run.*||g' /boot/firmware/cmdline.txt
exit 0
"""


def with_first_run(cmdline: str) -> str:
    """Return the words for the kernel, so that it runs `firstrun.sh` once; they stay on their one line."""
    words = cmdline.split()
    if any(word.startswith("systemd.run=") for word in words):
        return cmdline
    return " ".join([*words, FIRST_RUN, FIRST_RUN_TARGET]) + "\n"
