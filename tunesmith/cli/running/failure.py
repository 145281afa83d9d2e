"""The output of the first failed trial, shown while the batch is running."""

from tunesmith.cli import console
from tunesmith.cli.running.tally import Tally
from tunesmith.cli.running.trial_text import describe_outcome
from tunesmith.executor.output_log import tail_lines
from tunesmith.trial import TrialRecord

N_TAIL = 6
"""How many lines of the output are shown."""


def show_first_failure(tally: Tally, record: TrialRecord) -> None:
    """Print the end of the output of the first failed trial: the user may want to stop."""
    if not record.status.is_failed or tally.n_failed != 1:
        return
    output = tally.layout.output(record.batch, record.id)
    console.say(f"trial {record.number} failed ({describe_outcome(tally.spec, record)})")
    for line in tail_lines(output, N_TAIL):
        console.say(f"  | {line}")
    console.say(f"  full output: {output}")
