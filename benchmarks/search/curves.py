"""The picture of the report: one curve a method, as plain SVG."""

import math
from collections.abc import Sequence

import numpy as np
from scores import Measured, curves

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 56, 130, 34, 40
COLOURS = ("#777777", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
LABEL_GAP = 14
"""The least distance of two labels, in pixels."""
TICKS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)


def draw_curves(measured: Measured) -> str:
    """Return an SVG of each method's regret over the trials, on a log scale."""
    by_method = {m: curve for m, curve in curves(measured).items() if np.isfinite(curve).any()}
    finite = np.concatenate([curve[np.isfinite(curve)] for curve in by_method.values()])
    low, high = float(finite.min()) / 1.2, float(finite.max()) * 1.2
    n_trials = max(map(len, by_method.values()))
    body = [*_axes(low, high, n_trials)]
    ends = []
    for number, (method, curve) in enumerate(by_method.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [
            (_x(i, n_trials), _y(float(value), low, high))
            for i, value in enumerate(curve, 1)
            if math.isfinite(value)
        ]
        body.append(_line(places, colour))
        ends.append((places[-1][1], method, colour))
    body += _labels(ends)
    title = f"Regret, geometric mean over {len(measured.problems)} problems (random at the end: 1)"
    body.append(_text(LEFT, 18, title, "start"))
    return _document(body)


def _x(trial: int, n_trials: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (trial - 1) / max(n_trials - 1, 1)


def _y(value: float, low: float, high: float) -> float:
    share = math.log(value / low) / math.log(high / low)
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _axes(low: float, high: float, n_trials: int) -> list[str]:
    parts = []
    for tick in TICKS:
        if low <= tick <= high:
            y = _y(tick, low, high)
            path = f"M{LEFT} {y:.1f}H{WIDTH - RIGHT}"
            parts.append(f'<path d="{path}" stroke="#dddddd" fill="none"/>')
            parts.append(_text(LEFT - 6, y + 4, f"{tick:g}", "end"))
    step = max(1, n_trials // 5)
    parts += [
        _text(_x(trial, n_trials), HEIGHT - BOTTOM + 18, str(trial), "middle")
        for trial in sorted({1, *range(step, n_trials + 1, step)})
    ]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "trials", "middle"))
    return parts


def _labels(ends: Sequence[tuple[float, str, str]]) -> list[str]:
    """Return the methods' names at the ends of their curves, moved apart."""
    parts, lowest = [], -math.inf
    for end, method, colour in sorted(ends):
        y = max(end + 4, lowest + LABEL_GAP)
        parts.append(_text(WIDTH - RIGHT + 6, y, method, "start", colour))
        lowest = y
    return parts


def _line(places: Sequence[tuple[float, float]], colour: str) -> str:
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return f'<path d="{path}" stroke="{colour}" stroke-width="1.8" fill="none"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333333") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {place}>{text}</text>"


def _document(body: Sequence[str]) -> str:
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    style = 'font-family="sans-serif" font-size="12"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>'
    ground = '<rect width="100%" height="100%" fill="white"/>'
    return "\n".join([opening, ground, *body, "</svg>", ""])
