"""Who plays in the demo: made-up people, their badges, and the terminal's keys."""

from dataclasses import dataclass

from clockd.core.model import Action


@dataclass(frozen=True, slots=True)
class Player:
    """A badge on the rack, and whose it is."""

    id: str
    """What the page calls it; the identifier on the badge itself stays on this side."""
    uid: str
    name: str
    """Empty for the badge that belongs to nobody."""
    tone: str
    """Its colour, by the name the style sheet has for it."""

    @property
    def known(self) -> bool:
        """Whether it is enrolled; then `id` is the username."""
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class DeskKey:
    """A key of the terminal and the GPIO it is wired to."""

    gpio: int
    action: Action


CAST = (
    Player("ada", "04A1DA51C27F80", "Ada Lovelace", "coral"),
    Player("lukasz", "043B7EC2D94A81", "Łukasz Wiśniewski", "teal"),
    Player("xiaolong", "04D56F18A37B82", "李小龙", "amber"),
    Player("angeliki", "0472C0E95D1683", "Αγγελική Παππά", "violet"),
    Player("juergen", "04E85B37F01C84", "Jürgen Öztürk-Maier", "blue"),
    Player("stranger", "049C41AE6D7F1E", "", "plain"),
)

KEYS = (
    DeskKey(5, Action.IN),
    DeskKey(6, Action.OUT),
    DeskKey(13, Action.BREAK),
    DeskKey(19, Action.RESUME),
    DeskKey(26, Action.UNDO),
    DeskKey(21, Action.INFO),
)

GREEN_LED, RED_LED, BUZZER = 17, 27, 18
"""GPIOs of the lights and the buzzer."""
