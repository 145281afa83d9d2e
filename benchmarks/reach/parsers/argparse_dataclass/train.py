import argparse


import dataclasses
@dataclasses.dataclass
class Config:
    lr: float = 0.1
    layers: int = 2
parser = argparse.ArgumentParser()
for field in dataclasses.fields(Config):
    parser.add_argument("--" + field.name, type=field.type, default=field.default)
config = Config(**vars(parser.parse_args()))
raise SystemExit("trained")
