from pathlib import Path

import pytest

from tunesmith.request.option import Option
from tunesmith.request.options import OPTIONS
from tunesmith.request.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "options.md"


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_the_reference_names_an_option_with_its_spellings_and_its_words(option: Option) -> None:
    (row,) = [line for line in reference().splitlines() if line.startswith(f"| `{option.name}`")]
    assert all(f"`{one}" in row for one in option.spelling)
    assert option.help in row
    assert f"| {option.default} |" in row


def test_the_page_of_the_documentation_is_the_one_that_is_printed() -> None:
    assert PAGE.read_text() == reference(), "python -m tunesmith.request.reference > docs/…"
