import argparse, dataclasses, typing
def to_bool(text):
    if isinstance(text, bool):
        return text
    return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[text.lower()]
class DataclassParser(argparse.ArgumentParser):
    """In the shape of transformers' HfArgumentParser (4.40)."""
    def __init__(self, kinds):
        super().__init__(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        self.kinds = kinds
        for kind in kinds:
            for field in dataclasses.fields(kind):
                self.add_field(field, typing.get_type_hints(kind)[field.name])
    def add_field(self, field, kind):
        more = {key: field.metadata[key] for key in ("help", "choices") if key in field.metadata}
        kind = next((one for one in typing.get_args(kind) if one is not type(None)), kind)
        if kind is bool:
            more.update(type=to_bool, nargs="?", const=True, default=field.default)
        elif field.default is dataclasses.MISSING:
            more.update(type=kind, required=True)
        else:
            more.update(type=kind, default=field.default)
        dashed = "--" + field.name.replace("_", "-")
        self.add_argument(*dict.fromkeys(["--" + field.name, dashed]), **more)
    def parse_args_into_dataclasses(self, args=None):
        namespace, rest = self.parse_known_args(args=args)
        if rest:
            raise ValueError(rest)
        return [kind() for kind in self.kinds]
