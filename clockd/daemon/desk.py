"""The demo's page in place of wires: the same code of the panel, whose pictures and tones go to a browser.

This is the only part of the daemon that knows of the demo; it is imported if a configuration names the page.
"""

from dataclasses import dataclass
from typing import Any

from clockd import panel
from clockd.config import Config
from clockd.core.ports import Display, Lights, ReadClock, Reader
from clockd.panel.sounds import LightsState
from clockd.sim.desk.client import DeskLink, DeskReader, SpokenDisplay


@dataclass(frozen=True, slots=True)
class Desk:
    """The demo's page, as reader, display and lights over one link."""

    link: DeskLink

    @classmethod
    def at(cls, path: str) -> "Desk":
        """Return the page whose demo listens at this socket."""
        return cls(DeskLink(path))

    async def run(self) -> None:
        """Keep the link, until cancelled."""
        await self.link.run()

    def reader(self, read_clock: ReadClock) -> Reader:
        """Return the page's badge rack."""
        return DeskReader(self.link, read_clock)

    def display(self, config: Config) -> Display | None:
        """Return the display that is drawn on the page, and also told in words; None without one."""
        display = panel.open_display(config.panel, config.terminal.language, frames=self._frame)
        return None if display is None else SpokenDisplay(display, self.link)

    def lights(self, config: Config, read_clock: ReadClock) -> Lights | None:
        """Return lights, sound and keys of the page."""
        lights = panel.open_lights(
            config.panel, config.button, read_clock, open_pins=panel.desk_pins, on_change=self._lights
        )
        self.link.pressed = None if lights is None else panel.desk_keys(lights)
        return lights

    def _frame(self, picture: Any) -> None:
        self.link.send_frame(picture.tobytes(), picture.size)

    def _lights(self, state: LightsState) -> None:
        self.link.send_lights(green=state.green, red=state.red)
        self.link.send_sound(state.tone_hz)
