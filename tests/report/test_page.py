import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from tests.report.conftest import made_facts, made_spec, made_trials
from tunesmith.flags.display import format_value
from tunesmith.job_time import JobTime
from tunesmith.report.page import render_page
from tunesmith.search.recommendation import Recommendation
from tunesmith.trial import Run, short_id

_SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)
_VOID = {"meta", "link", "br"}


class _Balance(HTMLParser):
    """Notes the elements that are open, and refuses an end without its start."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _parsed(page: str) -> _Balance:
    parser = _Balance()
    parser.feed(page)
    parser.close()
    return parser


def _rows(page: str) -> list[list[str]]:
    (body,) = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    return [
        [html.unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in rows
    ]


@pytest.mark.parametrize("n", [0, 1, 2, 20, 1000])
def test_a_page_is_whole_and_asks_for_nothing_else(n: int) -> None:
    page = render_page(made_facts(made_trials(n)))

    parsed = _parsed(page)
    assert parsed.open == []
    assert parsed.addresses == ["data:,"]
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", page)
    for drawing in _SVG.findall(page):
        ElementTree.fromstring(drawing)


def test_the_page_of_1000_trials_is_under_a_megabyte() -> None:
    page = render_page(made_facts(made_trials(1000, n_failed=50)))

    assert len(page.encode()) < 1_000_000
    assert len(_rows(page)) == 1000


def test_the_page_says_where_the_time_went() -> None:
    noted = JobTime(available=60.0, proposing=6.0)

    page = render_page(replace(made_facts(made_trials(20)), job_times=(noted,)))

    section = page.partition("<h2>Where the time went</h2>")[2].partition("<h2>")[0]
    assert "<td>completed</td><td>30.0s</td><td>50 %</td>" in section
    assert "<td>proposing</td><td>6.0s</td><td>10 %</td>" in section
    assert "The last 6 trials (9.0s)" in section
    assert "Where the time went" not in render_page(made_facts([]))


def test_every_trial_is_in_the_table_with_why_it_was_proposed() -> None:
    trials = made_trials(5)

    rows = _rows(render_page(made_facts(trials)))

    assert rows[3] == [
        "4",
        short_id(trials[3].id),
        "completed",
        format_value(trials[3].objective),
        str(trials[3].flags["kind"]),
        format_value(trials[3].flags["lr"]),
        format_value(trials[3].flags["x"]),
        "gp",
        "1.50",
        "0.25",
        "0.5",
        "0.1",
    ]
    assert rows[0][7] == "random-start"
    assert rows[0][-3:] == ["", "", ""]


def test_the_best_trial_comes_with_a_command_in_full_precision() -> None:
    trials = made_trials(20)
    best = min(trials, key=lambda run: run.objective or 0.0)

    page = html.unescape(render_page(made_facts(trials)))

    flags = best.flags
    assert (
        f"tunesmith run train.py kind={flags['kind']} lr={flags['lr']!r} noise=0.3 "
        f"x={flags['x']!r}" in page
    )
    assert f"trial {best.number} ({short_id(best.id)})" in page


def test_the_command_of_the_batch_has_what_differs_from_the_defaults() -> None:
    page = html.unescape(render_page(made_facts(made_trials(3))))

    assert (
        "tunesmith run train.py 'kind=[a,b]' 'lr=loguniform[1e-5:1e-1]' noise=0.3 'x=[-2.0:2.0]' "
        "--optimizer gp --max-trials 20 --random-seed 7 -Fo random-starts=5" in page
    )


def test_failures_are_shown_with_their_last_lines() -> None:
    page = render_page(made_facts(made_trials(30, n_failed=25)))

    assert page.count("ValueError: too hot") == 20
    assert "and 5 more" in page


def test_texts_of_a_script_cannot_become_part_of_the_page() -> None:
    evil = "<script>alert(1)</script>\x1b[2J\u202e"
    trials = [
        replace(run, flags={**run.flags, "x": evil, "<b>": i})
        for i, run in enumerate(made_trials(3, n_failed=1))
    ]

    page = render_page(
        made_facts(trials, spec=made_spec(label=evil), output=(evil, "</pre>" + evil))
    )

    assert page.count("<script>") == 1
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "<b>" not in page
    assert _parsed(page).open == []


def test_a_batch_without_an_objective_says_how_to_report_one() -> None:
    trials = [replace(run, objective=None) for run in made_trials(3)]

    page = render_page(made_facts(trials))

    assert "No trial reported loss" in page
    assert "Print it as" in page


def test_few_trials_come_with_a_caution() -> None:
    assert "Caution: there are only 20 trials" in render_page(made_facts(made_trials(20)))
    assert "Caution" not in render_page(made_facts(made_trials(100)))


def test_one_huge_objective_does_not_flatten_the_others() -> None:
    trials = made_trials(20)
    trials[7] = replace(trials[7], objective=1e9)

    page = render_page(made_facts(trials))

    assert "Rings at the edge: 1 trial far worse than the others." in page
    assert 'class="edge"' in page


def _heights(page: str, style: str) -> list[float]:
    return [float(y) for y in re.findall(rf'cy="([\d.]+)" r="[\d.]+" class="{style}"', page)]


def test_the_best_point_is_lowest_when_minimizing() -> None:
    page = render_page(made_facts(made_trials(30)))
    history = _SVG.findall(page)[0]

    assert _heights(history, "best")[0] >= max(_heights(history, "point"))


@pytest.mark.parametrize("n_lanes", [1, 3])
def test_the_timeline_has_a_lane_for_each_trial_at_a_time(n_lanes: int) -> None:
    trials: list[Run] = [
        replace(run, started=float(i // n_lanes * 10), stopped=float(i // n_lanes * 10 + 9))
        for i, run in enumerate(made_trials(6))
    ]

    page = render_page(made_facts(trials))
    (timeline,) = (one for one in _SVG.findall(page) if "when each trial ran" in one)

    assert len(set(re.findall(r'<rect x="[\d.]+" y="([\d.]+)"', timeline))) == n_lanes


@pytest.mark.parametrize("pause", [86_400.0, 1.7e9], ids=["a day", "a clock from 1970"])
def test_the_timeline_leaves_long_pauses_out(pause: float) -> None:
    trials: list[Run] = [
        replace(run, started=10.0 * i + (pause if i > 2 else 0.0), seconds=9.0)
        for i, run in enumerate(made_trials(6))
    ]

    page = render_page(made_facts(trials))
    (timeline,) = (one for one in _SVG.findall(page) if "when each trial ran" in one)

    assert ":00" not in timeline  # no tick of a minute or an hour
    assert len(set(re.findall(r'<rect x="([\d.]+)"', timeline))) == 6


def test_a_recommended_trial_stands_beside_the_best_one() -> None:
    trials = made_trials(20)
    best = min(trials, key=lambda run: run.objective or 0.0)
    other = next(run for run in trials if run is not best)
    advice = Recommendation(number=other.number, mean=-0.5, sd=0.123)

    page = html.unescape(render_page(made_facts(trials, recommendation=advice)))

    assert f"recommended, trial {other.number} ({short_id(other.id)}); expected loss" in page
    assert "-0.5 ± 0.12" in page
    assert f"x={other.flags['x']!r}" in page


def test_the_best_trial_is_not_recommended_a_second_time() -> None:
    trials = made_trials(20)
    best = min(trials, key=lambda run: run.objective or 0.0)
    advice = Recommendation(number=best.number, mean=-0.5, sd=0.123)

    assert "recommended, trial" not in render_page(made_facts(trials, recommendation=advice))
