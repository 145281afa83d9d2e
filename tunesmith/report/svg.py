"""SVG drawings as text: a canvas with a plot area.

Colours are CSS classes, so that a chart fits both a light and a dark page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from tunesmith.query.cells import one_line

STYLE = """
.chart text{font:11px system-ui,sans-serif;fill:var(--muted)}
.chart text{paint-order:stroke;stroke:var(--page);stroke-width:3px}
.chart .name{font-weight:600;fill:var(--text)}
.chart .grid{stroke:var(--grid);stroke-width:1}
.chart .axis{stroke:var(--muted);stroke-width:1}
.chart .point{fill:var(--point);fill-opacity:.65}
.chart .edge{fill:none;stroke:var(--point);stroke-opacity:.65}
.chart .best{fill:var(--best);stroke:var(--page);stroke-width:1.5}
.chart .line{fill:none;stroke:var(--best);stroke-width:2}
.chart .mean{fill:none;stroke:var(--model);stroke-width:2}
.chart .band{fill:var(--model);fill-opacity:.16}
.chart .bar{fill:var(--point)}
.chart .faint{fill:var(--grid)}
.chart .path{fill:none;stroke-width:1;stroke-opacity:.5}
.chart .path.best{stroke:var(--best);stroke-width:2.5;stroke-opacity:1;fill:none}
.chart .completed{fill:var(--point)}
.chart .error,.chart .terminated{fill:var(--bad)}
.chart .running,.chart .pending{fill:var(--grid)}
.chart .pruned{fill:var(--pruned);fill-opacity:.6}
.chart [class^=curve]{fill:none;stroke:var(--point);stroke-opacity:.7}
.chart .curve-pruned{stroke:var(--pruned);stroke-opacity:.4}
.chart .curve-end{stroke:none;fill:var(--pruned);fill-opacity:.6}
.chart .curve-failed{stroke:var(--bad);stroke-opacity:.4}
.chart .curve-best{stroke:var(--best);stroke-opacity:1;stroke-width:2.5}
"""
"""The style of all charts; ``LIGHT`` and ``DARK`` set its variables."""
_HUES = ("#fde725", "#9fda3a", "#4ac16d", "#1fa187", "#277f8e", "#365c8d", "#46327e", "#440154")
N_HUES = len(_HUES)
"""The number of colours of the classes q0, q1, …; later ones have more contrast."""
STYLE += "".join(f".chart .q{place}{{stroke:var(--q{place})}}" for place in range(N_HUES))
LIGHT = (
    "--page:#ffffff;--text:#1b1f24;--muted:#59636e;--grid:#dfe3e8;--point:#3b6fb6;"
    "--best:#1a7f37;--model:#b35900;--bad:#cf222e;--pruned:#a87900;--panel:#f6f8fa"
    + "".join(f";--q{place}:{hue}" for place, hue in enumerate(_HUES))
)
DARK = (
    "--page:#14181d;--text:#e6e9ed;--muted:#9aa4af;--grid:#333b45;--point:#7aa7e8;"
    "--best:#4ac26b;--model:#f0a35e;--bad:#ff7b72;--pruned:#d29922;--panel:#1c2229"
    + "".join(f";--q{place}:{hue}" for place, hue in enumerate(reversed(_HUES)))
)


@dataclass(slots=True, kw_only=True)
class Canvas:
    """A drawing with a size in pixels, and margins for the axes."""

    width: int
    height: int
    left: int = 62
    right: int = 14
    top: int = 12
    bottom: int = 40
    label: str
    """The description of the drawing for screen readers."""
    _parts: list[str] = field(default_factory=list)

    def x(self, fraction: float) -> float:
        """Return the x coordinate of a fraction of the plot area."""
        return self.left + fraction * (self.width - self.left - self.right)

    def y(self, fraction: float) -> float:
        """Return the y coordinate of a fraction of the plot area, 0 at the bottom."""
        return self.height - self.bottom - fraction * (self.height - self.top - self.bottom)

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
        """Draw a straight line."""
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{style}"/>'
        )

    def circle(self, x: float, y: float, style: str, *, radius: float = 3, tip: str = "") -> None:
        """Draw a point, with an optional tooltip."""
        body = f"<title>{_safe(tip)}</title>" if tip else ""
        self._parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="{style}">{body}</circle>'
        )

    def path(self, points: Sequence[tuple[float, float]], style: str, *, tip: str = "") -> None:
        """Draw a line through points."""
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        body = f"<title>{_safe(tip)}</title>" if tip else ""
        self._parts.append(f'<polyline points="{places}" class="{style}">{body}</polyline>')

    def area(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """Fill the polygon between points."""
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polygon points="{places}" class="{style}"/>')

    def bar(
        self, x: float, y: float, width: float, height: float, style: str, *, tip: str = ""
    ) -> None:
        """Draw a rectangle at least one pixel wide, with an optional tooltip."""
        body = f"<title>{_safe(tip)}</title>" if tip else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(1.0, width):.1f}" '
            f'height="{height:.1f}" class="{style}">{body}</rect>'
        )

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "start", style: str = ""
    ) -> None:
        """Draw a string; the anchor is start, middle or end."""
        name = f' class="{style}"' if style else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{name}>{_safe(text)}</text>'
        )

    def frame(self, x_label: str, y_label: str) -> None:
        """Draw the two axes and their labels."""
        self.line(self.x(0), self.y(0), self.x(1), self.y(0), "axis")
        self.line(self.x(0), self.y(0), self.x(0), self.y(1), "axis")
        self.text(self.x(0.5), self.height - 6, x_label, anchor="middle", style="name")
        middle = self.y(0.5)
        self._parts.append(
            f'<text transform="translate(13,{middle:.1f}) rotate(-90)" text-anchor="middle" '
            f'class="name">{_safe(y_label)}</text>'
        )

    def x_ticks(self, marks: Iterable[tuple[float, str]]) -> None:
        """Draw ticks and their labels at fractions of the x axis."""
        for fraction, text in marks:
            self.line(self.x(fraction), self.y(0), self.x(fraction), self.y(0) + 4, "axis")
            self.text(self.x(fraction), self.y(0) + 16, text, anchor="middle")

    def y_ticks(self, marks: Iterable[tuple[float, str]]) -> None:
        """Draw grid lines and their labels at fractions of the y axis."""
        for fraction, text in marks:
            self.line(self.x(0), self.y(fraction), self.x(1), self.y(fraction), "grid")
            self.text(self.x(0) - 6, self.y(fraction) + 4, text, anchor="end")

    def render(self) -> str:
        """Return the drawing as an SVG element."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" '
            f'viewBox="0 0 {self.width} {self.height}" aria-label="{_safe(self.label)}">'
            f"{''.join(self._parts)}</svg>"
        )


def standalone(drawing: str) -> str:
    """Return a drawing that includes the style, for use outside a page."""
    head, _, rest = drawing.partition(">")
    style = (
        f".chart{{{LIGHT}}}@media(prefers-color-scheme:dark){{.chart{{{DARK}}}}}"
        f".chart{{background:var(--page)}}{STYLE}"
    )
    return f"{head}><style>{style}</style>{rest}"


def _safe(text: str) -> str:
    return escape(one_line(text))
