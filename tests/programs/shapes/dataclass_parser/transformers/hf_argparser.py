import dataclasses
import json
from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser, ArgumentTypeError
from typing import Union, get_args, get_origin, get_type_hints


def to_bool(word):
    if isinstance(word, bool):
        return word
    if word.lower() in ("yes", "true", "1"):
        return True
    if word.lower() in ("no", "false", "0"):
        return False
    raise ArgumentTypeError(f"{word} is neither true nor false")


class HfArgumentParser(ArgumentParser):
    def __init__(self, dataclass_types, **options):
        options.setdefault("formatter_class", ArgumentDefaultsHelpFormatter)
        super().__init__(**options)
        self.dataclass_types = list(dataclass_types)
        for kind in self.dataclass_types:
            self._add(kind)

    def _add(self, kind):
        hints = get_type_hints(kind)
        for field in dataclasses.fields(kind):
            if not field.init:
                continue
            options, type_ = dict(field.metadata), hints[field.name]
            if get_origin(type_) is Union:
                type_ = next(one for one in get_args(type_) if one is not type(None))
            if type_ is bool:
                options |= {"type": to_bool, "nargs": "?", "const": True}
                options["default"] = field.default
            else:
                options["type"] = type_
                if field.default is not dataclasses.MISSING:
                    options["default"] = field.default
                elif field.default_factory is not dataclasses.MISSING:
                    options["default"] = field.default_factory()
                else:
                    options["required"] = True
            self.add_argument(f"--{field.name}", f"--{field.name.replace('_', '-')}", **options)

    def parse_args_into_dataclasses(self, args=None):
        known, rest = self.parse_known_args(args=args)
        if rest:
            raise ValueError(f"unknown arguments: {rest}")
        return tuple(
            kind(**{field.name: getattr(known, field.name) for field in dataclasses.fields(kind)})
            for kind in self.dataclass_types
        )

    def parse_json_file(self, json_file):
        with open(json_file) as file:
            table = json.load(file)
        return tuple(
            kind(**{f.name: table[f.name] for f in dataclasses.fields(kind) if f.name in table})
            for kind in self.dataclass_types
        )
