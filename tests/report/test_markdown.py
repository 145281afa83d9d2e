from dataclasses import replace

from tests.report.conftest import made_facts, made_spec, made_trials
from tunesmith.report.markdown import render_markdown


def test_the_best_trials_come_first() -> None:
    trials = made_trials(30, n_failed=2)

    text = render_markdown(made_facts(trials))

    section = text.partition("## The best trials")[2].partition("\n\n| proposed")[0]
    losses = [float(line.split("|")[8]) for line in section.splitlines() if line[2:3].isdigit()]
    assert losses == sorted(losses)
    assert len(losses) == 20


def test_images_are_data_and_only_on_demand() -> None:
    facts = made_facts(made_trials(5))

    assert "data:image" not in render_markdown(facts)
    assert render_markdown(facts, has_images=True).count("](data:image/svg+xml;base64,") == 4


def test_texts_of_a_script_cannot_end_a_table_or_a_block() -> None:
    evil = "a|b\n# heading `code` <img src=x>"
    trials = [
        replace(run, flags={"x": f"{evil}{run.number}"}) for run in made_trials(3, n_failed=1)
    ]

    text = render_markdown(
        made_facts(trials, spec=made_spec(label=evil), output=("```", "# no heading", evil))
    )

    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert not any("heading" in line for line in headings)
    assert "<img" not in "".join(
        line for line in text.splitlines() if not line.startswith("    ")
    ).replace("\\<img", "")
    tables = [line for line in text.splitlines() if line.startswith("| ") and "completed" in line]
    assert len({line.replace("\\|", "").count("|") for line in tables[1:]}) == 1
