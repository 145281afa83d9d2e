"""Has OmegaConf answer with the configuration that the command line is merged into."""

from __future__ import annotations

import sys
from typing import Any

from . import values


def install(watch: Any, reply: Any) -> None:
    """Change what reads the command line, and what merges it."""
    merges = Merges(reply)
    watch("omegaconf.omegaconf", merges.change)
    watch("omegaconf.basecontainer", merges.change_containers)


class Merges:
    """What OmegaConf calls instead of its own functions."""

    def __init__(self, reply: Any) -> None:
        self._reply = reply
        self._lines: list[Any] = []
        """What stands for the command line; it is empty."""

    def change(self, module: Any) -> None:
        """Change the functions of ``OmegaConf``."""
        conf = module.OmegaConf
        read, merge = conf.from_dotlist, conf.merge

        def from_dotlist(dotlist: Any) -> Any:  # from_cli calls it, too
            found = read(dotlist)
            if list(dotlist) == sys.argv[1:]:
                self._lines.append(found)
            return found

        def merge_all(*configs: Any) -> Any:
            return self._merged(merge(*configs), configs)

        conf.from_dotlist = staticmethod(from_dotlist)
        conf.merge = staticmethod(merge_all)

    def change_containers(self, module: Any) -> None:
        """Change the methods of a configuration."""
        container = module.BaseContainer
        merge = container.merge_with

        def merge_with(config: Any, *others: Any, **keywords: Any) -> None:
            merge(config, *others, **keywords)
            self._merged(config, others)

        container.merge_with = merge_with

        def merge_with_cli(config: Any) -> None:
            self._answer(config)

        container.merge_with_cli = merge_with_cli

    def _merged(self, config: Any, others: Any) -> Any:
        """Answer if a configuration has taken the command line in."""
        if any(one is line for one in others for line in self._lines):
            self._answer(config)
        return config

    def _answer(self, config: Any) -> None:
        plain = sys.modules["omegaconf"].OmegaConf.to_container(config, resolve=False)
        found = values.config_flags(plain, values.YAML)
        self._reply(
            "omegaconf",
            found,
            style=values.BARE,
            found_by="by asking a copy of the program for its OmegaConf configuration",
        )
