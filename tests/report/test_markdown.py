import re
from dataclasses import replace

from markdown_it import MarkdownIt

from tests.report.conftest import DIRECTORY, made_facts, made_spec, made_trials
from tunesmith.job_time import JobTime
from tunesmith.objective import Objective
from tunesmith.report.contents import describe_flags
from tunesmith.report.markdown import render_markdown
from tunesmith.scalar import ScalarColumn
from tunesmith.search.recommendation import Recommendation


def test_the_best_trials_come_first() -> None:
    trials = made_trials(30, n_failed=2)

    text = render_markdown(made_facts(trials))

    section = text.partition("## The best trials")[2].partition("\n\n| proposed")[0]
    losses = [float(line.split("|")[4]) for line in section.splitlines() if line[2:3].isdigit()]
    assert losses == sorted(losses)
    assert len(losses) == 20


def test_it_says_where_the_time_went() -> None:
    noted = JobTime(available=60.0, waiting=3.0)

    text = render_markdown(replace(made_facts(made_trials(30, n_failed=2)), job_times=(noted,)))

    section = text.partition("## Where the time went")[2].partition("## ")[0]
    assert "| completed | 42.0s | 70 % | trials that completed |" in section
    assert "| failed | 3.0s | 5 % |" in section
    assert "| waiting | 3.0s | 5 % |" in section
    assert "| overhead | 12.0s | 20 % |" in section
    assert "The last 10 trials \\(15.0s\\)" in section
    assert "noted neither" not in section


def test_it_says_where_the_time_of_a_generation_is_not_noted() -> None:
    assert "noted neither waiting nor" in render_markdown(made_facts(made_trials(3)))


def test_the_folder_of_the_runs_is_named() -> None:
    text = render_markdown(made_facts(made_trials(3)))

    assert f"The folder of its trials:\n\n    {DIRECTORY}\n" in text


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
    before = text.partition("## Where the time went")[0]
    tables = [
        line for line in before.splitlines() if line.startswith("| ") and "completed" in line
    ]
    assert len({line.replace("\\|", "").count("|") for line in tables[1:]}) == 1


def test_a_recommended_trial_stands_below_the_best_one() -> None:
    trials = made_trials(20)
    best = min(trials, key=lambda run: run.objective or 0.0)
    other = next(run for run in trials if run is not best)
    advice = Recommendation(number=other.number, mean=-0.5, sd=0.123)

    text = render_markdown(made_facts(trials, recommendation=advice))

    found = text.index(f"**Recommended: trial {other.number}**")
    assert text.index("**Best loss") < found < text.index("## The batch")
    assert "expected to give -0.5 ± 0.12." in text


EVIL = (
    "[c](javascript:window.PWNED=1) ![i](x) <img src=x onerror=1> <http://a.b> | `a` ~~b~~\n"
    "[r]: http://a.b\n# h"
)


def test_what_others_wrote_is_no_link_no_image_and_no_html() -> None:
    trials = [
        replace(run, flags={EVIL: f"{EVIL}{run.number}"}, origin=EVIL)
        for run in made_trials(6, n_failed=2)
    ]
    objective = Objective(column=ScalarColumn(tag=EVIL.replace("\n", " ")))
    spec = replace(
        made_spec(label=EVIL), script=f"{EVIL}.py", operation=f"{EVIL}.py", objective=objective
    )

    facts = made_facts(trials, spec=spec, output=tuple(EVIL.split("\n")))
    for text in (render_markdown(facts), render_markdown(facts, has_images=True)):
        own = re.sub(r"!\[[^\n]*\]\(data:image/svg\+xml;base64,[\w+/=]*\)", "", text)
        tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(own)
        kinds = {inner.type for one in tokens for inner in [one, *(one.children or [])]}
        assert not {"link_open", "image", "html_inline", "html_block", "fence", "s_open"} & kinds
        assert "javascript:window.PWNED=1" in tokens[1].content
        assert not any(one.content == "h" for one in tokens if one.type == "inline")


def test_a_flag_that_is_not_active_in_the_best_trial_is_not_shown() -> None:
    trials = made_trials(5)
    facts = made_facts(trials)
    active = describe_flags(facts, trials[0])
    flags = {name: value for name, value in trials[0].flags.items() if name != "x"}

    assert "x=" in active
    assert "x=" not in describe_flags(facts, replace(trials[0], flags=flags))
