"""How Sphinx builds the documentation: ``make docs``. Nothing is loaded from the network."""

from sphinx.application import Sphinx
from sphinx.util.typing import stringify_annotation

from tunesmith.api.spaces import FlagInput
from tunesmith.flags.values import FlagValue
from tunesmith.version import VERSION

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
autodoc_typehints_format = "short"
maximum_signature_line_length = 80
python_use_unqualified_type_names = True


_VALUE = stringify_annotation(FlagValue, "smart")
_INPUT = stringify_annotation(FlagInput, "smart").replace(_VALUE, "FlagValue")


def _as_text(_app: object, _context: object, lines: list[str]) -> None:
    """Escape what reStructuredText would read as emphasis: help texts are plain text."""
    lines[:] = [line.replace("*", r"\*") for line in lines]


def _with_aliases(*event: object) -> tuple[object, object]:
    """Write a signature with the names of our types, not with all that they stand for."""
    *_, signature, result = event
    if isinstance(signature, str):
        for text, name in ((_VALUE, "FlagValue"), (_VALUE, "FlagValue"), (_INPUT, "FlagInput")):
            signature = signature.replace(text, name)  # a tuple of values holds values: twice
    return signature, result


def setup(app: Sphinx) -> None:
    """Connect what changes the texts of commands and signatures."""
    app.connect("sphinx-click-process-options", _as_text)
    app.connect("autodoc-process-signature", _with_aliases)
