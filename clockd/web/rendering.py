"""Templates -> text; whatever is put into one is escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from clockd import __version__
from clockd.web.words.speech import Speech

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"


class Templates:
    """The pages' templates. They are read once, when the first page needs one."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def render(self, template: str, speech: Speech, **context: object) -> str:
        """Fill a template.

        Args:
            template: its file's name.
            speech: in which language; `t` in the template has its texts, `say` its ways to write times and numbers.
            context: what else the template needs.
        """
        found = self._environment.get_template(template)
        return found.render(t=speech.t, say=speech, version=__version__, **context)
