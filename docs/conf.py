"""How Sphinx builds the documentation: ``make docs``. Nothing is loaded from the network."""

import sys
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tunesmith.version import VERSION  # noqa: E402 - from this checkout

project = "Tunesmith"
version = release = VERSION
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinxcontrib.mermaid",
]
root_doc = "index"
exclude_patterns = ["pictures"]
html_theme = "furo"
html_title = f"Tunesmith {VERSION}"
myst_enable_extensions = ["attrs_block"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 3
suppress_warnings = [
    "myst.xref_missing",  # links to files of the repository that are no pages
    "misc.highlighting_failure",
]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True


def _as_text(_app: object, _context: object, lines: list[str]) -> None:
    """Escape what reStructuredText would read as emphasis: help texts are plain text."""
    lines[:] = [line.replace("*", r"\*") for line in lines]


def setup(app: Sphinx) -> None:
    """Connect to what sphinx-click reads of the commands."""
    app.connect("sphinx-click-process-options", _as_text)
