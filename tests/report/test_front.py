"""What a report shows of several objectives, and of constraints that nothing meets."""

from dataclasses import replace

from tests.query.conftest import summary
from tests.report.conftest import made_facts, made_spec, made_trials
from tunesmith.objective import Objective
from tunesmith.report.front_chart import front_charts
from tunesmith.report.markdown import render_markdown
from tunesmith.report.page import render_page
from tunesmith.scalar import ScalarColumn
from tunesmith.trial import Run

LATENCY = Objective(column=ScalarColumn(tag="latency"))
SEVERAL = replace(made_spec(), more_objectives=(LATENCY,))
RESULTS = [(0.1, 90.0), (0.2, 20.0), (0.9, 10.0), (0.3, 50.0)]


def trials() -> list[Run]:
    return [
        replace(run, objective=loss, scalars={"loss": summary(loss), "latency": summary(latency)})
        for run, (loss, latency) in zip(made_trials(4), RESULTS, strict=True)
    ]


def test_the_front_is_drawn_and_listed_with_its_knee() -> None:
    facts = made_facts(trials(), spec=SEVERAL)
    (chart,) = front_charts(facts)
    assert chart.count('class="best"') == 3
    assert chart.count('class="point"') == 1
    assert "2: loss 0.2, latency 20.0 (knee)" in chart

    page = render_page(facts)
    assert "<h2>Front</h2>" in page
    assert "minimize loss, minimize latency" in page
    assert '<tr class="completed best">' in page

    section = render_markdown(facts).partition("## The front")[2].partition("## ")[0]
    assert [line[:12] for line in section.splitlines() if line] == [
        "- loss 0.1, ",
        "- loss 0.2, ",
        "- loss 0.9, ",
    ]
    assert "| loss | latency |" in render_markdown(facts)


def test_with_one_objective_there_is_no_front() -> None:
    facts = made_facts(trials())
    assert front_charts(facts) == []
    assert "Front" not in render_page(facts)
    assert "## The front" not in render_markdown(facts)


def test_where_nothing_meets_the_constraints_the_nearest_is_named() -> None:
    spec = replace(made_spec(), subject_to=("latency <= 5",))
    page = render_page(made_facts(trials(), spec=spec))
    assert "No trial meets latency &lt;= 5; the nearest is trial 3, loss 0.9, latency 10.0" in page
    assert "subject to latency &lt;= 5" in page
    assert "Print it as" not in page


def test_of_those_that_meet_them_the_best_is_shown() -> None:
    spec = replace(made_spec(), subject_to=("latency <= 60",))
    assert "**Best loss: 0.2**, trial 2" in render_markdown(made_facts(trials(), spec=spec))
