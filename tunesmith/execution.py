"""How the trials of a batch are run: where, how many at once, and what ends them early."""

from dataclasses import dataclass

from tunesmith.errors import SpecificationError
from tunesmith.runner import LOCAL, Runner, WarmMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How trials are run.

    Raises:
        SpecificationError: A count or a duration is out of range.
    """

    python: str = ""
    """The interpreter of the trials; empty for the one that runs Tunesmith."""
    runner: Runner = LOCAL
    """Where they run."""
    jobs: int = 1
    """Trials at once; 0, with workers elsewhere, for as many as those take."""
    warm: WarmMode = WarmMode.AUTO
    """Whether trials share the time that their imports take."""
    timeout_s: float | None = None
    """Seconds that one trial may take; None for no limit."""
    grace_s: float = 10.0
    """Seconds between SIGTERM and SIGKILL."""
    retries: int = 0
    """How often a failed trial is run again at once."""
    max_failures: int | None = None
    """The batch ends after this many failed trials; None for no limit."""
    is_fatal_on_error: bool = False
    """Whether the first failed trial ends the batch."""
    gpus: tuple[str, ...] = ()
    per_gpu: int = 1
    is_in_place: bool = False
    """Whether trials run in the project's folder instead of one of their own."""
    links: tuple[str, ...] = ()
    """Paths of the project that are linked into every trial's working directory."""
    output_scalars: tuple[str, ...] = ()
    """Patterns by which alone lines are read; empty for the default."""
    metrics: tuple[str, ...] = ()
    """The only files with metrics that count; empty for those with the usual names."""
    has_prefect_logs: bool = False
    """Whether a trial's output, its last lines, is the log of its task run in Prefect."""

    def __post_init__(self) -> None:
        is_remote = self.runner.is_remote
        for name, value, least in (
            ("--jobs", self.jobs, 0 if is_remote else 1),
            ("--per-gpu", self.per_gpu, 1),
            ("--retries", self.retries, 0),
            ("--max-failures", self.max_failures, 1),
        ):
            if value is not None and value < least:
                raise SpecificationError(f"{name} is {value}: expected {least} or more")
        if self.timeout_s is not None and not self.timeout_s > 0:
            raise SpecificationError(f"--timeout is {self.timeout_s} s: expected more than 0")
        if is_remote and self.gpus:
            raise SpecificationError(
                "--gpus shares out the GPUs of this machine: with --runner prefect:// give them "
                "to the workers (tunesmith worker --gpus 0,1), with Dask name what a trial takes "
                "(--runner dask://HOST:PORT?GPU=1)"
            )
