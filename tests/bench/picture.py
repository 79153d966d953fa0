"""The table as a picture: how far each figure is from its goal."""

from html import escape

from tests.bench.figures import Table

ROW, LEFT, WIDTH = 26, 430, 380
LONGEST = 3.0
"""Where the scale ends: three times the goal."""


def svg(table: Table) -> str:
    """Draw a bar for each figure that has a goal; the line is the goal, what passes it is missed."""
    wanted = [figure for figure in table.figures if figure.goal]
    height = ROW * len(wanted) + 78
    scale = WIDTH / LONGEST
    goal_x = LEFT + scale
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 110}" height="{height}"'
        ' font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="12" y="24" font-size="15" font-weight="bold">{escape(table.machine)}</text>',
        f'<text x="12" y="44" fill="#555">{table.day:%Y-%m-%d}: what is measured, as a share of its goal</text>',
    ]
    for number, figure in enumerate(wanted):
        y = 58 + ROW * number
        assert figure.goal is not None
        share = figure.goal / figure.value if figure.at_least else max(0.0, figure.value) / figure.goal
        colour = "#2e7d4f" if figure.met else "#b3402e"
        length = min(share, LONGEST) * scale
        lines += [
            f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{escape(figure.name)}</text>',
            f'<rect x="{LEFT}" y="{y + 3}" width="{length:.1f}" height="{ROW - 8}" fill="{colour}"/>',
            f'<text x="{LEFT + length + 6:.1f}" y="{y + 15}">{share:.2f}{"" if share <= LONGEST else " …"}</text>',
        ]
    bottom = 58 + ROW * len(wanted)
    lines += [
        f'<line x1="{goal_x}" y1="54" x2="{goal_x}" y2="{bottom}" stroke="#222" stroke-dasharray="4 3"/>',
        f'<text x="{goal_x}" y="{bottom + 14}" text-anchor="middle" fill="#222">the goal</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
