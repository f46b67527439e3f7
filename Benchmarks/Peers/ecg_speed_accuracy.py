"""Draws detectors by speed and error, both on a logarithmic scale, as SVG."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 76, 24, 24, 60
#: Of a point to its name, and between two names.
GAP = 9
LINE = 15


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
    taken: list[tuple[float, float, float]] = []
    for name, speed, errors, mine in sorted(points, key=lambda point: point[2]):
        lines += mark(name, x(speed), y(errors), mine, taken)
    return "\n".join(lines + ["</svg>", ""])


def bounds(values: list[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def label(value: float) -> str:
    return f"{value / 1e6:g} million" if value >= 1e6 else f"{value / 1e3:g} thousand"


def text(x: float, y: float, words: str, anchor: str, color: str = "#333333", weight: str = "normal") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}" font-weight="{weight}">'
            f"{escape(words)}</text>")


def mark(name: str, x: float, y: float, mine: bool, taken: list[tuple[float, float, float]]) -> list[str]:
    """A point and its name, moved down where another name stands."""
    color, weight = ("#b3261e", "bold") if mine else ("#37618e", "normal")
    width = 7.2 * len(name)
    anchor, start = ("start", x + GAP) if x + GAP + width < WIDTH - RIGHT else ("end", x - GAP - width)
    at = y + 4
    while any(abs(at - other) < LINE and start < end and begin < start + width for other, begin, end in taken):
        at += LINE
    taken.append((at, start, start + width))
    place = start if anchor == "start" else start + width
    return [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{6 if mine else 5}" fill="{color}"/>',
            text(place, at, name, anchor, color, weight)]
