"""Reports of batches with pruned trials."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.batches import make_record, make_spec
from tests.report.conftest import made_facts, made_spec, made_trials
from tunesmith.output.scalars import summarize
from tunesmith.pruning import Pruned, PruningSpec
from tunesmith.report.contents import curves_note
from tunesmith.report.curve_chart import curve_chart
from tunesmith.report.curves import MAX_CURVES, MAX_POINTS, Curve, read_curves
from tunesmith.report.facts import BatchFacts, gather
from tunesmith.report.markdown import render_markdown
from tunesmith.report.page import render_page
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialRecord, TrialStatus

BATCH = "ab" * 16
REASON = "at point 4 its loss 0.1 had less than a 10 % chance of beating 0.3"


def as_pruned(run: Run, *, point: int = 4) -> Run:
    """A trial that was pruned with the lowest loss of all."""
    fields: dict[str, Any] = {"status": TrialStatus.PRUNED, "exit_code": None, "objective": -99.0}
    pruned = Pruned(point=point, estimate=1.0, among=(1, 2, 3))
    return replace(run, reason=REASON, pruned=pruned, **fields)


def curve(run: Run, values: Sequence[float]) -> Curve:
    return Curve(run=run, points=tuple(enumerate(values, 1)), unit="epoch")


@pytest.fixture
def facts() -> BatchFacts:
    """Twelve trials, the last three pruned, each with a curve."""
    trials = made_trials(12)
    trials = [*trials[:9], *(as_pruned(run, point=4 + k) for k, run in enumerate(trials[9:]))]
    made = made_facts(trials, spec=replace(made_spec(), pruning=PruningSpec()))
    curves = [curve(run, (1.0, 0.5) if run.number > 9 else (1.0, 0.5, 0.2)) for run in trials]
    return replace(made, curves=tuple(curves))


def test_the_best_is_a_finished_trial_and_the_page_says_which_were_pruned(
    facts: BatchFacts,
) -> None:
    page = render_page(facts)
    assert facts.best is not None
    assert facts.best.run.number <= 9
    assert "<th>reason</th>" in page
    assert page.count('<tr class="pruned">') == page.count(REASON) == 3
    assert "<h2>Pruning</h2>" in page
    assert "Rule: careful. Pruned: 3 of 12 trials." in page
    assert "Stopped at points 4 to 6, half of them by point 5." in page
    assert "Without the 3 pruned trials: only finished ones count." in page
    assert "trials without loss" not in page
    assert "Continue it" in page


def test_curves_of_pruned_trials_are_pale_and_end_in_a_dot(facts: BatchFacts) -> None:
    drawn = curve_chart(facts)
    styles = re.findall(r'<polyline [^>]*class="([\w-]+)"', drawn)
    assert sorted(styles) == ["curve"] * 8 + ["curve-best"] + ["curve-pruned"] * 3
    assert styles[-1] == "curve-best"
    assert drawn.count('class="curve-end"') == 3
    assert ">epoch</text>" in drawn
    assert "<title>12: 0.5 pruned at epoch 2</title>" in drawn


def test_markdown_says_the_rule_and_the_figures(facts: BatchFacts) -> None:
    text = render_markdown(facts)
    assert "## Pruning\n\nRule: careful." in text
    assert REASON.replace("%", "%") in text.replace("\\", "")
    assert "| pruned | 3 |" in text


def test_without_pruning_there_is_neither_section_nor_reason() -> None:
    page = render_page(made_facts(made_trials(5)))
    assert "<h2>Pruning</h2>" not in page
    assert "<th>reason</th>" not in page
    assert "while it ran" not in page


def test_a_grid_whose_trials_were_pruned_is_whole(facts: BatchFacts) -> None:
    assert facts.spec.optimizer is not None
    grid = replace(facts.spec.optimizer, name="grid", settings={})
    settings = {"kind": facts.spec.settings["kind"]}
    spec = replace(facts.spec, optimizer=grid, settings=settings, n_trials=12)
    assert not replace(facts, spec=spec).has_more


def publish(store: Store, number: int, n: int) -> TrialRecord:
    values = [number + 1 / (k + 1) for k in range(n)]
    one = ScalarSeries(tag="loss", steps=range(1, n + 1), values=values, times=[1.0] * n)
    record = make_record(
        BATCH, number, flags={"x": number}, scalars=summarize([one]), objective=values[-1]
    )
    store.publish(record, [one])
    return record


def test_curves_are_read_from_the_store(tmp_path: Path) -> None:
    store = Store.create(tmp_path / ".tunesmith")
    spec = make_spec(BATCH)
    store.put_batch(spec)
    for number, n in ((1, 3), (2, 1), (3, 10 * MAX_POINTS)):
        publish(store, number, n)
    found = gather(store, BATCH, store.list_runs().runs).curves
    assert [one.run.number for one in found] == [1, 3]  # one point is no curve
    assert found[0].points == ((1, 2.0), (2, 1.5), (3, 1 + 1 / 3))
    assert len(found[1].points) <= MAX_POINTS


def test_of_many_trials_the_best_and_some_others_are_drawn(tmp_path: Path) -> None:
    store = Store.create(tmp_path / ".tunesmith")
    spec = make_spec(BATCH)
    store.put_batch(spec)
    records = [publish(store, number, 2) for number in range(1, 2 * MAX_CURVES + 2)]
    runs = sorted(
        (run for run in store.list_runs().runs if run.is_trial), key=lambda run: run.number
    )
    numbers = [one.run.number for one in read_curves(store, spec, runs)]
    assert len(numbers) <= MAX_CURVES
    assert numbers[:10] == list(range(1, 11))
    assert max(numbers) > len(records) - 10
    note = curves_note(gather(store, BATCH, store.list_runs().runs))
    assert f"{len(numbers)} of {len(records)} trials are drawn." in note


def test_no_more_points_are_read_than_a_report_may_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunesmith.report.curves.MAX_READ", 50)
    store = Store.create(tmp_path / ".tunesmith")
    store.put_batch(make_spec(BATCH))
    for number in range(1, 11):
        publish(store, number, 20)
    found = gather(store, BATCH, store.list_runs().runs)
    assert [one.run.number for one in found.curves] == [1, 2]  # the best ones
    assert curves_note(found).endswith("2 of 10 trials are drawn.")
