"""A real Chromium, driven over its DevTools protocol: enough to open the demo's page and use it as a person would."""

import asyncio
import base64
import itertools
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
WAIT_S = 60.0


class Page:
    """One tab. What the page logs as an error, or throws, is kept in `errors`."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.errors: list[str] = []

    async def listen(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                self._answers.pop(message["id"]).set_result(message)
            elif message["method"] == "Runtime.exceptionThrown":
                details = message["params"]["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description", details["text"]))
            elif message["method"] == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
                entry = message["params"]["entry"]
                self.errors.append(f"{entry['text']} {entry.get('url', '')}")

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(WAIT_S):
            message = await answer
        assert "error" not in message, message["error"]
        result: dict[str, Any] = message["result"]
        return result

    async def eval(self, expression: str) -> Any:
        result = await self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def until(self, expression: str) -> Any:
        """Wait until an expression becomes true; looked at with each animation frame, in the page itself."""
        script = f"""new Promise((done, fail) => {{
            const end = performance.now() + {WAIT_S * 1000 - 2000};
            const look = () => {{
                const value = (() => {{ try {{ return {expression}; }} catch {{ return null; }} }})();
                if (value) done(value);
                else if (performance.now() > end) fail(new Error("never true"));
                else setTimeout(look, 15);
            }};
            look();
        }})"""
        result = await self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, (
            f"never true: {expression}\n{await self.eval('document.body.innerText')}"
        )
        return result["result"].get("value")

    async def open(self, url: str) -> None:
        await self.send("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def size(self, width: int, height: int, *, ratio: float = 1, touch: bool = False) -> None:
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=ratio, mobile=touch
        )
        await self.send("Emulation.setTouchEmulationEnabled", enabled=touch)

    async def media(self, **features: str) -> None:
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        await self.send("Emulation.setEmulatedMedia", features=listed)

    async def place(self, selector: str) -> tuple[float, float]:
        box = await self.eval(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect();"
            "return [r.left + r.width / 2, r.top + r.height / 2]; })()"
        )
        return box[0], box[1]

    async def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        await self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1, **more)

    async def click(self, selector: str) -> None:
        x, y = await self.place(selector)
        await self.mouse("mousePressed", x, y)
        await self.mouse("mouseReleased", x, y)

    async def touch(self, selector: str) -> None:
        x, y = await self.place(selector)
        await self.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        await self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    async def drag(self, selector: str, target: tuple[float, float], steps: int = 8) -> None:
        x, y = await self.place(selector)
        await self.mouse("mousePressed", x, y)
        for n in range(1, steps + 1):
            share = n / steps
            await self.mouse("mouseMoved", x + (target[0] - x) * share, y + (target[1] - y) * share, buttons=1)
        await self.mouse("mouseReleased", *target)

    async def key(self, key: str) -> None:
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        await self.send("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        await self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def picture(self, path: Path, *, whole: bool = False) -> None:
        clip: dict[str, Any] = {}
        if whole:
            size = (await self.send("Page.getLayoutMetrics"))["cssContentSize"]
            clip = {"clip": {**size, "scale": 1}, "captureBeyondViewport": True}
        shot = await self.send("Page.captureScreenshot", format="png", **clip)
        path.write_bytes(base64.b64decode(shot["data"]))


@asynccontextmanager
async def chromium() -> AsyncIterator[Page]:
    """Start a fresh browser with one empty tab."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(prefix="clockd-browser-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            CHROMIUM,
            *ARGUMENTS,
            f"--user-data-dir={profile}",
            "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            limit=2**20,
        )
        try:
            async with connect(await _tab(process), max_size=None, compression=None) as socket:
                page = Page(socket)
                listening = asyncio.create_task(page.listen())
                try:
                    for domain in ("Page", "Runtime", "Log"):
                        await page.send(f"{domain}.enable")
                    yield page
                finally:
                    listening.cancel()
                    await asyncio.gather(listening, return_exceptions=True)
        finally:
            process.terminate()
            await process.communicate()


async def _tab(process: asyncio.subprocess.Process) -> str:
    """Return the WebSocket address of the browser's first tab."""
    assert process.stderr is not None
    async with asyncio.timeout(WAIT_S):
        while True:
            line = (await process.stderr.readline()).decode("utf-8", "replace")
            assert line, "Chromium ended at once"
            if "DevTools listening on " in line:
                break
        address = line.split("DevTools listening on ")[1].strip()
        async with connect(address, max_size=None) as browser:
            await browser.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
            targets = json.loads(await browser.recv())["result"]["targetInfos"]
    tab = next(target["targetId"] for target in targets if target["type"] == "page")
    return f"{address.partition('/devtools/')[0]}/devtools/page/{tab}"
