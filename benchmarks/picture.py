"""A growth curve as a picture: SVG, both axes logarithmic, one line for each name. Pure: same values, same bytes.

The picture stands in Markdown as an image, so it brings its own colours for light and dark schemes. No name depends on
colour alone: each line has its name at its end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from figures import Point, fit_growth

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 130, 44, 56
LINE_HEIGHT = 15
LIGHT = ("#111", "#d55e00", "#007a5a", "#b0468c", "#7a5c00", "#0072b2", "#777", "#a33")
DARK = ("#eee", "#ff9a4d", "#2fd6a4", "#f0a3d3", "#f0d442", "#56b4e9", "#999", "#f88")

STYLE = """text{font:13px system-ui,sans-serif;fill:#222}
.title{font-weight:600}.grid{stroke:#ddd}.axis{stroke:#888}.back{fill:#fff}
path{fill:none;stroke-width:2}.guess{stroke-dasharray:3 5}
@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#333}.axis{stroke:#999}.back{fill:#111}}"""


def draw_growth(title: str, unit: str, lines: Mapping[str, Sequence[Point]], until: float) -> str:
    """Return the SVG of some lines of (articles, value), each in the order of articles; the values have a `unit`.

    Beyond the last point a line goes on, dashed, to `until` articles as its last two points let expect (`fit_growth`).
    Values of nought have no place on such an axis and are left out. Raises ValueError when there is nothing to draw.
    """
    drawn = {name: [point for point in points if point[1] > 0] for name, points in lines.items()}
    drawn = {name: points for name, points in drawn.items() if points}
    if not drawn:
        raise ValueError("no line has a value above nought")
    guesses = {name: guess for name, points in drawn.items() if (guess := _guess(points, until))}
    everything = [point for points in (*drawn.values(), *guesses.values()) for point in points]
    axes = _Axes([x for x, _ in everything], [y for _, y in everything])
    about = "; ".join(f"{name}: {_describe(points, unit)}" for name, points in drawn.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(f"{about}. Dashed: extrapolated.")}</desc>',
        f"<style>{STYLE}\n{_colour(len(drawn))}</style>",
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text x="{LEFT}" y="24" class="title">{escape(title)}</text>',
        *_draw_axes(axes, unit),
    ]
    ends: list[tuple[float, str, int]] = []
    for number, (name, points) in enumerate(drawn.items()):
        parts += _draw_line(axes, points, guesses.get(name, ()), number)
        ends.append((axes.y((*points, *guesses.get(name, ()))[-1][1]), name, number))
    for height, name, number in _spread(ends):
        parts.append(f'<text class="n{number}" x="{WIDTH - RIGHT + 10}" y="{height:.1f}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


class _Axes:
    """Where a value stands: decades as wide as the room allows."""

    def __init__(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        self.columns = _find_decades(xs)
        self.rows = _find_decades(ys)

    def x(self, value: float) -> float:
        return LEFT + _find_share(value, self.columns) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - _find_share(value, self.rows) * (HEIGHT - TOP - BOTTOM)


def _find_decades(values: Sequence[float]) -> range:
    """Return the powers of ten from at or below the least to at or above the greatest value; two of them at least."""
    first = math.floor(math.log10(min(values)) + 1e-9)
    last = math.ceil(math.log10(max(values)) - 1e-9)
    return range(first, max(last, first + 1) + 1)


def _find_share(value: float, decades: range) -> float:
    return (math.log10(value) - decades[0]) / (decades[-1] - decades[0])


def _guess(points: Sequence[Point], until: float) -> list[Point]:
    """Return the points of the extrapolated part, four for each decade: only a power law is straight here."""
    growth, start = fit_growth(points), points[-1][0]
    if growth is None or start >= until:
        return []
    steps = math.ceil(4 * math.log10(until / start))
    places = (start * (until / start) ** (step / steps) for step in range(steps + 1))
    return [(place, growth.at(place)) for place in places]


def _draw_axes(axes: _Axes, unit: str) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for power in axes.rows:
        y = axes.y(10.0**power)
        yield f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:,.10g} {unit}</text>'
    for power in axes.columns:
        x = axes.x(10.0**power)
        yield f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{10.0**power:,.0f}</text>'
    yield f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>'
    yield f'<text x="{(LEFT + right) / 2:.1f}" y="{HEIGHT - 14}" text-anchor="middle">articles</text>'


def _draw_line(axes: _Axes, points: Sequence[Point], guess: Sequence[Point], number: int) -> Iterator[str]:
    yield f'<path class="s{number}" d="{_join(axes, points)}"/>'
    if guess:
        yield f'<path class="s{number} guess" d="{_join(axes, guess)}"/>'
    for x, y in points:
        yield f'<circle class="n{number}" cx="{axes.x(x):.1f}" cy="{axes.y(y):.1f}" r="4"/>'


def _join(axes: _Axes, points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{axes.x(x):.1f} {axes.y(y):.1f}" for x, y in points)


def _spread(ends: Sequence[tuple[float, str, int]]) -> Iterator[tuple[float, str, int]]:
    """Yield the ends of lines from top to bottom, moved so far apart that their names can be read."""
    ends = sorted(ends)
    lowest = HEIGHT - BOTTOM - LINE_HEIGHT * (len(ends) - 1)
    free = 0.0
    for height, name, number in ends:
        free = max(min(height + 4, lowest), free)
        yield free, name, number
        free += LINE_HEIGHT
        lowest += LINE_HEIGHT


def _colour(count: int) -> str:
    """Return the colours of the lines and of their names, for the light scheme and for the dark one."""

    def rules(colours: Sequence[str]) -> str:
        chosen = [colours[number % len(colours)] for number in range(count)]
        return "".join(f".s{n}{{stroke:{colour}}}.n{n}{{fill:{colour}}}" for n, colour in enumerate(chosen))

    return f"{rules(LIGHT)}\n@media(prefers-color-scheme:dark){{{rules(DARK)}}}"


def _describe(points: Sequence[Point], unit: str) -> str:
    return ", ".join(f"{y:.3g} {unit} at {x:,.0f}" for x, y in points)
