"""What is said at several places: the nearer one counts."""

from dataclasses import fields, replace

from tunesmith.request.sweep_request import SweepRequest


def over(upper: SweepRequest, lower: SweepRequest) -> SweepRequest:
    """Return what two requests say together; where both say something, the upper one counts.

    Flags and the program's own arguments add up: of one flag the upper value comes last, which is
    the one that counts.
    """
    said = {
        field.name: getattr(lower, field.name)
        for field in fields(SweepRequest)
        if getattr(upper, field.name) is None
    }
    if upper.objective is not None:
        said |= {name: getattr(upper, name) for name in ("minimize", "maximize", "objectives")}
    if upper.optimizer is not None:
        said["optimizer_flags"] = upper.optimizer_flags
    joined = (*(lower.flags or ()), *(upper.flags or ()))
    words = (*(lower.extra_arguments or ()), *(upper.extra_arguments or ()))
    return replace(upper, **said | {"flags": joined or None, "extra_arguments": words or None})
