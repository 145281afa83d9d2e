"""Configurations of Hydra and ml_collections whose libraries are not installed."""

from pathlib import Path

from tests.script.asking.conftest import FindFlags

CONFIGURED = """\
from absl import app, flags
import heavylib
from ml_collections import config_flags

FLAGS = flags.FLAGS
flags.DEFINE_string("workdir", "here", "the folder")
config_flags.DEFINE_config_file("config", "default.py", "the configuration")

def main(argv):
    open("worked", "w")

if __name__ == "__main__":
    app.run(main)
"""
DEFAULT = """\
import heavylib
import ml_collections

def get_config():
    config = ml_collections.ConfigDict()
    config.lr = 0.1
    config.model = ml_collections.ConfigDict({"width": 64, "inner": {"kind": "relu"}})
    config.steps = ml_collections.FieldReference(5)
    config.dtype = heavylib.float32
    return config
"""


def test_values_of_an_ml_collections_configuration_are_flags(find: FindFlags) -> None:
    found = find(CONFIGURED, default=DEFAULT)
    assert {flag.name: (str(flag.type), flag.default) for flag in found.definitions} == {
        "workdir": ("text", "here"),
        "config": ("text", "default.py"),
        "config.lr": ("float", 0.1),
        "config.model.width": ("int", 64),
        "config.model.inner.kind": ("text", "relu"),
        "config.steps": ("int", 5),
        "config.dtype": ("any", "computed"),
    }
    flag = found.get("model.width")
    assert flag is not None
    assert flag.option == "--config.model.width"


HYDRA = """\
import hydra
import heavylib

@hydra.main(version_base=None, config_path="conf", config_name="train")
def main(config):
    open("worked", "w")

main()
"""


def test_a_plugin_of_hydra_may_be_lacking(project: Path, find: FindFlags) -> None:
    (project / "conf").mkdir()
    (project / "conf" / "train.yaml").write_text(
        "defaults:\n  - _self_\n  - override hydra/job_logging: heavy\nlr: 0.1\n"
    )
    assert [(flag.name, flag.default) for flag in find(HYDRA).definitions] == [("lr", 0.1)]
