"""Draws detectors by speed and error, both on a logarithmic scale, as SVG."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 76, 48, 24, 60
#: Of a name's letters, and how far it stands from its point.
LETTER, LINE = 7.4, 16
GAP = 9

Box = tuple[float, float, float, float]


def draw(points: list[tuple[str, float, float, bool]]) -> str:
    """Name, samples a second, detection error rate in percent, whether it is ours. Right and low is good."""
    points = [(name, speed, max(errors, 0.01), mine) for name, speed, errors, mine in points if speed > 0]
    x_low, x_high = bounds([speed for _, speed, _, _ in points])
    y_low, y_high = bounds([errors for _, _, errors, _ in points])

    def x(speed: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(speed) - x_low) / (x_high - x_low)

    def y(errors: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(errors) - y_low) / (y_high - y_low)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for power in range(x_low, x_high + 1):
        at = x(10.0**power)
        lines.append(f'<line x1="{at:.1f}" y1="{TOP}" x2="{at:.1f}" y2="{HEIGHT - BOTTOM}" stroke="#dddddd"/>')
        lines.append(text(at, HEIGHT - BOTTOM + 20, label(10.0**power), "middle"))
    for power in range(y_low, y_high + 1):
        at = y(10.0**power)
        lines.append(f'<line x1="{LEFT}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}" stroke="#dddddd"/>')
        lines.append(text(LEFT - 8, at + 4, f"{10.0**power:g} %", "end"))
    lines.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "samples a second on one core (more is better)", "middle"))
    lines.append(f'<text x="18" y="{(TOP + HEIGHT - BOTTOM) / 2:.1f}" text-anchor="middle" fill="#333333" '
                 f'transform="rotate(-90 18 {(TOP + HEIGHT - BOTTOM) / 2:.1f})">'
                 "beats missed and invented (less is better)</text>")
    places = [(x(speed), y(errors)) for _, speed, errors, _ in points]
    taken = [(at - 7, level - 7, at + 7, level + 7) for at, level in places]
    for (name, _, _, mine), (at, level) in zip(points, places):
        lines += mark(name, at, level, mine, taken)
    return "\n".join(lines + ["</svg>", ""])


def bounds(values: list[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def label(value: float) -> str:
    return f"{value / 1e6:g} million" if value >= 1e6 else f"{value / 1e3:g} thousand"


def text(x: float, y: float, words: str, anchor: str, color: str = "#333333", weight: str = "normal") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}" font-weight="{weight}">'
            f"{escape(words)}</text>")


def mark(name: str, x: float, y: float, mine: bool, taken: list[Box]) -> list[str]:
    """A point, and its name where nothing else is."""
    color, weight = ("#b3261e", "bold") if mine else ("#37618e", "normal")
    width = LETTER * len(name) * (1.15 if mine else 1)
    sides = [x + GAP, x - GAP - width, x - width / 2]
    levels = [4, -LINE + 2, LINE + 6, -2 * LINE, 2 * LINE + 6, -3 * LINE, 3 * LINE + 6]
    tries = [(side, y + level) for level in levels for side in sides if level != 4 or side != sides[2]]
    start, at = next((one for one in tries if is_free(box(*one, width), taken)), tries[0])
    taken.append(box(start, at, width))
    side = ("end", start + width) if start + width <= x else ("start", start)
    return [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{6 if mine else 5}" fill="{color}"/>',
            text(side[1], at, name, side[0], color, weight)]


def box(start: float, baseline: float, width: float) -> Box:
    return start, baseline - LINE + 4, start + width, baseline + 4


def is_free(one: Box, taken: list[Box]) -> bool:
    left, top, right, bottom = one
    inside = left >= LEFT and right <= WIDTH - 4 and top >= TOP and bottom <= HEIGHT - BOTTOM
    return inside and all(right <= a or left >= c or bottom <= b or top >= d for a, b, c, d in taken)
