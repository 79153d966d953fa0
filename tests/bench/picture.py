"""The table as a picture: how far each figure is from its goal."""

from html import escape

from tests.bench.figures import Figure, Table, cells

ROW, LEFT, WIDTH, TOP = 26, 430, 380, 78
LONGEST = 3.0
"""Where the scale ends: three times the goal."""
SCALE = WIDTH / LONGEST


def svg(table: Table) -> str:
    """Draw a bar for each figure that has a goal; the dashed line is the goal, what passes it is missed.

    Of several runs a thin line goes from the least to the most.
    """
    wanted = [figure for figure in table.figures if figure.goal]
    bottom, goal_x = TOP + ROW * len(wanted), LEFT + SCALE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 230}" height="{bottom + 24}"'
        ' font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="12" y="24" font-weight="bold">{escape(table.about())}</text>',
        '<text x="12" y="44" fill="#555">Each figure as a share of its goal: 1 is the goal, less is better.</text>',
    ]
    if table.notes:
        lines.append('<text x="12" y="64" fill="#b3402e">The machine was not quiet: see the notes of the table.</text>')
    for number, figure in enumerate(wanted):
        lines += _bar(figure, TOP + ROW * number)
    lines += [
        f'<path d="M{goal_x:.1f} {TOP - 4}V{bottom}" stroke="#222" stroke-dasharray="4 3"/>',
        f'<text x="{goal_x:.1f}" y="{bottom + 14}" text-anchor="middle" fill="#222">the goal</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bar(figure: Figure, y: int) -> list[str]:
    share = _share(figure, figure.value)
    ends = [_share(figure, value) for value in (figure.least, figure.most) if value is not None]
    colour = "#2e7d4f" if figure.met else "#b3402e"
    _, clockd, _, ratio, _, _, goal, _ = cells(figure)
    length, farthest = _length(share), max(map(_length, [share, *ends]))
    lines = [
        f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{escape(figure.name)}</text>',
        f'<rect x="{LEFT}" y="{y + 3}" width="{length:.1f}" height="{ROW - 8}" fill="{colour}"/>',
        f'<text x="{LEFT + farthest + 6:.1f}" y="{y + 16}">{share:.2f}{"" if share <= LONGEST else " …"}'
        f'<tspan fill="#777" dx="8">{escape(f"{ratio or clockd} for {goal}")}</tspan></text>',
    ]
    if ends:
        first, last = sorted(LEFT + _length(end) for end in ends)
        middle = y + 3 + (ROW - 8) / 2
        lines.append(f'<path d="M{first:.1f} {middle}H{last:.1f}" stroke="#222" stroke-width="2" class="runs"/>')
    return lines


def _share(figure: Figure, value: float) -> float:
    """How much of its goal a value is: up to 1 it is met."""
    assert figure.goal
    if figure.at_least:
        return figure.goal / value if value else float("inf")
    return max(0.0, value) / figure.goal


def _length(share: float) -> float:
    return min(share, LONGEST) * SCALE
