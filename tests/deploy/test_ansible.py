"""The role is YAML of ansible.builtin alone, and puts things where a card from deploy/provision puts them."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from clockd.config.secrets import OF_DAEMON, OF_WEB
from clockd.provisioning.answers import parse_answers
from clockd.provisioning.card import SEALED, files_of
from tests.deploy.first_boot import ANSWERS, SECRETS, answers_of, given_of
from tests.deploy.places import DEPLOY

ROLE = DEPLOY / "ansible"
KEYWORDS = {"name", "loop", "loop_control", "register", "changed_when", "no_log", "notify", "vars", "when", "listen"}
IN = "clockd-first-boot/files"
FILES = files_of(answers_of(), given_of())


def tasks() -> list[dict[str, Any]]:
    found = yaml.safe_load((ROLE / "tasks/main.yml").read_text())
    assert isinstance(found, list)
    return found


def defaults() -> dict[str, Any]:
    found = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
    assert isinstance(found, dict)
    return found


def test_every_task_has_a_name_and_one_module_of_the_builtin_ones() -> None:
    handlers = yaml.safe_load((ROLE / "handlers/main.yml").read_text())
    for task in [*tasks(), *handlers]:
        (module,) = task.keys() - KEYWORDS
        assert module.startswith("ansible.builtin."), task
        assert task["name"]
    heard = {handler["listen"] for handler in handlers}
    assert {task["notify"] for task in tasks() if "notify" in task} == heard
    assert yaml.safe_load((ROLE / "meta/main.yml").read_text())["dependencies"] == []


def targets() -> Iterator[str]:
    """Where the role puts files, with the loops opened."""
    for task in tasks():
        for module in ("ansible.builtin.copy", "ansible.builtin.template"):
            if module in task:
                for item in task.get("loop", [None]):
                    yield jinja2.Template(task[module]["dest"]).render(item=item)


def test_it_puts_files_where_a_card_does() -> None:
    store = ("var-lib-clockd.mount", "60-store.conf")  # for whoever has a partition for it
    card = {path.removeprefix(IN) for path in FILES.plain if path.startswith(IN) and not path.endswith(store)}
    assert set(targets()) == card
    assert defaults()["clockd_sealed"] == SEALED


def test_what_it_copies_is_there() -> None:
    (copied,) = [task for task in tasks() if "role_path" in str(task)]
    for item in copied["loop"]:
        assert (DEPLOY / "card" / item["from"]).is_file()


def test_each_service_is_given_what_it_may_have() -> None:
    assert defaults()["clockd_of_daemon"] == list(OF_DAEMON)
    assert defaults()["clockd_of_web"] == list(OF_WEB)
    template = jinja2.Template((ROLE / "templates/credentials.conf.j2").read_text(), trim_blocks=True)
    names = [name for name in OF_DAEMON if name in SECRETS]
    drop_in = template.render(clockd_names=names, clockd_sealed=SEALED).splitlines()
    of_card = FILES.plain[f"{IN}/etc/systemd/system/clockd.service.d/50-first-boot.conf"].decode().splitlines()
    assert sorted(drop_in[1:]) == sorted(of_card[1:])


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("systemd-creds") is None, reason="root, and systemd-creds")
def test_a_secret_is_encrypted_when_it_is_another_one(tmp_path: Path) -> None:
    (task,) = [task for task in tasks() if "ansible.builtin.shell" in task]
    assert task["no_log"] is True
    words = task["ansible.builtin.shell"]
    assert words["stdin_add_newline"] is False
    filled = words["cmd"].replace("{{ (clockd_sealed + '/' + item.key) | quote }}", str(tmp_path / "web-password"))
    filled = filled.replace("{{ item.key | quote }}", "web-password")
    assert "{{" not in filled
    env = os.environ | {"SYSTEMD_CREDENTIAL_SECRET": str(tmp_path / "host.secret")}
    for text, said in (("one-password", "sealed"), ("one-password", ""), ("another-one", "sealed")):
        done = subprocess.run(["sh", "-c", filled], input=text, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout.strip()) == (0, said), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["host.secret", "web-password"]


def test_the_books_example_of_answers_is_one() -> None:
    book = (DEPLOY / "README.md").read_text()
    (block,) = [each for each in re.findall(r"```toml\n(.*?)```", book, re.DOTALL) if "[machine]" in each]
    answers = parse_answers(block, "the book")
    assert answers.card is not None
    opened = parse_answers(block.replace("# store =", "store ="), "the book")
    assert opened.card is not None
    assert opened.card.store == "clockd-store"
    assert parse_answers(ANSWERS, "the tests").card is not None
