"""The report and TensorBoard's HPARAMS as a browser shows them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import TIMEOUT_MS, Visit, tensorboard
from tunesmith.cli.main import main
from tunesmith.storage.store import Store

pytestmark = [pytest.mark.tools]


def test_a_report_of_1000_trials_opens_without_asking_the_network(
    make_store: Callable[..., Store], visit: Visit, tmp_path: Path
) -> None:
    store = make_store(1000, n_failed=30)
    page = tmp_path / "report.html"
    assert main(["report", "--home", str(store.home), "-o", str(page)]) == 0

    visit.page.goto(page.as_uri())

    assert page.stat().st_size < 1_000_000
    assert [url for url in visit.requests if not url.startswith("data:")] == [page.as_uri()]
    assert visit.complaints == []
    assert visit.page.locator("svg.chart:visible").count() == 8
    assert visit.page.locator(".sortable tbody tr").count() == 1000


def test_a_click_on_a_heading_sorts_the_trials_of_a_report(
    make_store: Callable[..., Store], visit: Visit, tmp_path: Path
) -> None:
    store = make_store(30, n_failed=2)
    page = tmp_path / "report.html"
    main(["report", "--home", str(store.home), "-o", str(page)])
    visit.page.goto(page.as_uri())
    cells = visit.page.locator(".sortable tbody td:nth-child(4)")

    def losses() -> list[str]:
        texts: list[str] = cells.all_text_contents()
        return texts

    heading = visit.page.locator("th", has_text="loss")
    heading.click()
    rising = losses()
    heading.click()
    falling = losses()

    numbers = [float(text) for text in rising if text]
    assert numbers == sorted(numbers)
    assert rising[-2:] == falling[-2:] == ["", ""]
    assert [float(text) for text in falling if text] == sorted(numbers, reverse=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_report_fits_a_phone_and_cuts_no_row(
    make_store: Callable[..., Store], visit: Visit, tmp_path: Path, width: int
) -> None:
    store = make_store(40, n_failed=2)
    page = tmp_path / "report.html"
    main(["report", "--home", str(store.home), "-o", str(page)])
    visit.page.set_viewport_size({"width": width, "height": 844})

    visit.page.goto(page.as_uri())

    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    box = visit.page.locator("#trials")
    assert box.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert box.evaluate("one => one.scrollHeight <= one.clientHeight")
    rows = visit.page.locator(".sortable tbody tr:visible")
    assert rows.count() == 25
    visit.page.get_by_text("Show all 40 trials").click()
    assert rows.count() == 40
    assert visit.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_is_light_or_dark_as_its_reader_wants(
    make_store: Callable[..., Store], visit: Visit, tmp_path: Path, scheme: str
) -> None:
    store = make_store(5)
    page = tmp_path / "report.html"
    main(["report", "--home", str(store.home), "-o", str(page)])
    visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    visit.page.goto(page.as_uri())

    colour = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[scheme]


@pytest.mark.parametrize("n", [20, 1000])
def test_hparams_shows_table_parallel_coordinates_and_scatter_matrix(
    make_store: Callable[..., Store], visit: Visit, tmp_path: Path, n: int
) -> None:
    make_store(n)
    page = visit.page

    with tensorboard(tmp_path) as url:
        page.goto(url)
        if n > 100:
            size = page.get_by_label("Max # of session groups per page")
            size.fill(str(n))
            size.press("Enter")
        page.get_by_text("0001-").first.wait_for(timeout=TIMEOUT_MS)
        headings = page.locator(
            "tf-hparams-table-view vaadin-grid-cell-content"
        ).all_text_contents()
        page.get_by_text("PARALLEL COORDINATES VIEW").click()
        lines = page.locator("tf-hparams-parallel-coords-plot .foreground path")
        page.wait_for_function(_count_is("tf-hparams-parallel-coords-plot", ".foreground path", n))
        page.get_by_text("SCATTER PLOT MATRIX VIEW").click()
        points = page.locator("tf-hparams-scatter-plot-matrix-plot circle.data-marker")
        points.nth(14 * n - 1).wait_for(state="attached", timeout=TIMEOUT_MS)

        assert {"kind", "lr", "noise", "sourcecode", "x", "loss", "time"} <= {
            text.strip() for text in headings
        }
        assert lines.count() == n
        assert points.count() == 14 * n
        assert all(
            "127.0.0.1" in one or one.startswith(("data:", "blob:")) for one in visit.requests
        )


def _count_is(host: str, selector: str, n: int) -> str:
    """A condition in the page: so many elements within an element's shadow."""
    return f"""() => {{
      const find = root => {{
        const found = root.querySelector("{host}")
        if (found) return found
        for (const one of root.querySelectorAll("*")) {{
          const within = one.shadowRoot && find(one.shadowRoot)
          if (within) return within
        }}
      }}
      return find(document).shadowRoot.querySelectorAll("{selector}").length === {n}
    }}"""
