"""`clockd web` as a process of its own, beside the terminal it watches."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from clockd.web.tokens import hash_token, new_token
from tests.e2e.looking import PATIENCE_S
from tests.e2e.processes import CLOCKD, Daemon, Sections, environ, toml


@dataclass
class Page:
    """A running `clockd web`.

    Args:
        folder: where its configuration, log and state are.
        url: where it answers.
        process: the process.
    """

    folder: Path
    url: str
    process: subprocess.Popen[str]

    @property
    def log(self) -> str:
        """What it wrote to standard error."""
        return (self.folder / "web.log").read_text()

    def get(self, path: str, token: str | None = None, **more: str) -> httpx.Response:
        """Ask for something, with a token where one is given."""
        headers = {**more, **({} if token is None else {"Authorization": f"Bearer {token}"})}
        return httpx.get(self.url.rstrip("/") + path, headers=headers, trust_env=False, timeout=PATIENCE_S)


@contextmanager
def watching(
    daemon: Daemon, folder: Path, secrets: Mapping[str, str] | None = None, *options: str, **env: str
) -> Iterator[Page]:
    """Run `clockd web` for a terminal, with these credentials."""
    folder.mkdir(parents=True, exist_ok=True)
    credentials, state = folder / "credentials", folder / "state"
    credentials.mkdir(exist_ok=True)
    state.mkdir(exist_ok=True)
    for name, text in (secrets or {}).items():
        (credentials / name).write_text(text)
    sections: Sections = {**daemon.sections, "web": {"listen": "127.0.0.1:0", **daemon.sections.get("web", {})}}
    file = folder / "clockd.toml"
    file.write_text(toml(sections))
    variables = {**environ(**env), "CREDENTIALS_DIRECTORY": str(credentials), "STATE_DIRECTORY": str(state)}
    with (folder / "web.log").open("a") as log:
        process = subprocess.Popen(
            [*CLOCKD, "web", "--config", str(file), *options],
            stdout=subprocess.PIPE,
            stderr=log,
            env=variables,
            text=True,
        )
    page = Page(folder, "", process)
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.search(r"https?://\S+", first)
        assert found, first + page.log
        page.url = found[0]
        yield page
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        assert process.stdout is not None
        process.stdout.close()


async def token_of(daemon: Daemon, name: str) -> str:
    """Make a token that the terminal knows."""
    token = new_token()
    await daemon.ask("tokens.put", name=name, hash=hash_token(token))
    return token
