"""Has Hydra answer with the composed configuration instead of running the task."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import Any

from . import values

PLAIN = (
    "hydra/job_logging=default", "hydra/hydra_logging=default", "hydra/launcher=basic",
    "hydra/sweeper=basic",
)  # fmt: skip
"""Hydra's own choices, for which plugins give others."""
MAX_OPTIONS = 200
"""Choices of a group of which the values are read."""


def install(watch: Any, reply: Any) -> None:
    """Change what ``hydra.main`` calls."""

    def change(module: Any) -> None:
        make_parser = module.get_args_parser

        class Defaults:
            """Stands for Hydra's parser: argparse itself is asked for other scripts."""

            def parse_args(self, *_: Any) -> argparse.Namespace:
                """Return what an empty command line means."""
                return argparse.Namespace(
                    **{one.dest: one.default for one in make_parser()._actions}
                )

        def dump(
            args: Any,
            args_parser: Any,
            task_function: Any,
            config_path: str | None,
            config_name: str | None,
            **_: Any,
        ) -> None:
            answer(composed(task_function, config_path, config_name, reply.is_standing_in))

        module.get_args_parser = Defaults
        module._run_hydra = dump

    def change_compose(module: Any) -> None:
        compose = module.compose

        def dump(config_name: Any = None, overrides: Any = None, **keywords: Any) -> Any:
            if overrides is not None and list(overrides) == sys.argv[1:]:
                config = compose(config_name, overrides=[], return_hydra_config=True)
                loader = sys.modules["hydra.core.global_hydra"].GlobalHydra.instance()
                answer(described(config, loader.config_loader()))
            return compose(config_name, overrides=overrides or [], **keywords)

        module.compose = dump

    def answer(found: Any) -> None:
        found_by = "by asking a copy of the program for its Hydra configuration"
        reply("hydra", style=values.BARE, found_by=found_by, **found)

    watch("hydra.main", change)
    watch("hydra.compose", change_compose)


def composed(
    task: Any, path: str | None, name: str | None, is_standing_in: bool
) -> dict[str, Any]:
    """Return the flags of the configuration of a function that ``hydra.main`` decorates.

    Args:
        task: The function.
        path: The folder of the configuration.
        name: Its name.
        is_standing_in: Whether libraries are stood in for, of which Hydra's plugins may be some.
    """
    from hydra._internal import hydra as core
    from hydra._internal import utils
    from hydra.types import RunMode

    file, module = utils.detect_calling_file_or_module_from_task_function(task)
    search_path = utils.create_automatic_config_search_path(file, module, path)
    job = utils.detect_task_name(file, module)
    hydra = core.Hydra.create_main_hydra2(task_name=job, config_search_path=search_path)
    choices: tuple[tuple[str, ...], ...] = ((), PLAIN) if is_standing_in else ((),)
    for overrides in choices:
        try:
            config = hydra.compose_config(
                config_name=name,
                overrides=list(overrides),
                run_mode=RunMode.RUN,
                with_log_configuration=False,
            )
        except sys.modules["hydra.errors"].MissingConfigException:
            if overrides == choices[-1]:
                raise
        else:
            break
    return described(config, hydra.config_loader)


def described(config: Any, loader: Any) -> dict[str, Any]:
    """Return the flags of a configuration that has Hydra's own, and those of other choices."""
    read = sys.modules["omegaconf"].OmegaConf.to_container
    chosen = read(config.hydra.runtime.choices, resolve=False)
    plain = read(config, resolve=False)
    del plain["hydra"]
    found = [*groups(loader, chosen), *values.config_flags(plain, values.HYDRA)]
    others = [one for group in own_groups(chosen) for one in of_others(loader, group)]
    names = {one["name"] for one in found}
    return {
        "definitions": found,
        "unlisted": list(
            {one["name"]: one for one in others if one["name"] not in names}.values()
        ),
    }


def own_groups(chosen: Any) -> list[str]:
    """Return the groups of which one is chosen, as ``model/head@model.head``, but Hydra's own."""
    return [one for one in chosen if not one.split("@")[0].startswith("hydra/")]


def of_others(loader: Any, group: str) -> list[dict[str, Any]]:
    """Return the flags of all choices of a group, most of which another choice has not."""
    read = sys.modules["omegaconf"].OmegaConf.to_container
    path, _, package = group.partition("@")
    found = []
    for option in loader.get_group_options(path)[:MAX_OPTIONS]:
        with contextlib.suppress(Exception):  # a choice that cannot be read is none
            loaded = loader.repository.load_config(f"{path}/{option}")
            plain = read(loaded.config, resolve=False)
            plain.pop("defaults", None)
            named = package or (loaded.header or {}).get("package") or "_group_"
            named = named.replace("_group_", path.replace("/", ".")).replace("_global_", "")
            nested = {named: plain} if named else plain
            found += values.config_flags(nested, values.HYDRA)
    return found


def groups(loader: Any, chosen: Any) -> list[dict[str, Any]]:
    """Return a flag for each group of configurations of which one is chosen."""
    found = []
    for group in own_groups(chosen):
        choice = chosen[group]
        if not isinstance(choice, (str, type(None))):
            continue
        options = loader.get_group_options(group.split("@")[0])
        choice = choice and choice.removesuffix(".yaml")
        flag = values.flag(group, choice, values.HYDRA, help="a group of configurations")
        flag.update(type="text", choices=sorted(options) if choice in options else [])
        found.append(flag)
    return found
