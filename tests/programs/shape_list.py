"""Small projects in the shapes that people have, and what comes of each; ``shapes/`` has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LR = "lr=loguniform[1e-3:1]"
RATE = "learning_rate=loguniform[1e-3:1]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is typed for a sweep of a project, and what its flags and its trials are then."""

    typed: str
    """What follows ``tunesmith run``."""
    flags: str = ""
    """The flags that are listed, all of them; those of a subcommand as ``fit/lr``."""
    addresses: str = ""
    """Some of the values of files that are listed."""
    searched: str | None = "lr"
    """The flag of which the objective is ``(flag - 0.3) ** 2 + plus``; None: of no such."""
    plus: float = 0.0
    tag: str = "loss"
    """The objective's, as the program spells it."""
    scalars: Mapping[str, float] = field(default_factory=dict)
    """What each trial reports besides."""
    also: tuple[str, ...] = ()
    """What may be typed as well."""
    says: str = ""
    """A part of what the command says before it runs."""
    is_warm: bool = False
    """Whether it is of the common kinds, of which the later trials are forked as well."""


ARGPARSE = {
    "argparse_digits": Shape(
        typed=f"digits.py {LR} no_gpu=yes",
        flags="batch-size keep lr no-gpu rounds",
        tag="Loss",
        plus=0.5,
        scalars={"bytes_read": 7, "on_gpu": 0, "Accuracy": 0.91},
        is_warm=True,
    ),
    "argparse_aliases": Shape(
        typed=f"photos.py {LR} weight_decay=0.5 --maximize Acc@1 -- others",
        flags="batch-size folder lr net seed wd",
        searched=None,
        tag="Acc@1",
        scalars={"photos_seen": 2},
        also=(
            "photos.py learning-rate=[0.1,0.2] weight-decay=0.1 net=wide",
            "photos.py learning_rate=[0.1,0.2] wd=0.1 folder=others",
        ),
    ),
    "dataclass_parser": Shape(
        typed=f"finetune.py {RATE} out_dir=out pad=no --minimize eval_loss",
        flags="half learning_rate max_length out_dir pad subset",
        searched="learning_rate",
        tag="eval_loss",
        scalars={"pads": 0, "eval_f1": 0.5, "train_loss": 0.4},
        also=("finetune.py learning-rate=[0.1,0.2] out-dir=out",),
    ),
    "argparse_subcommands": Shape(
        typed=f"tool.py {LR}",
        flags="loud fit/lr fit/rounds check/weights",
        also=("tool.py fit lr=[0.1,0.2]", "tool.py lr=[0.1,0.2] -- fit"),
    ),
    "argparse_parents": Shape(
        typed=f"fit.py {LR} seed=9",
        flags="learning_rate quick seed slow",
        searched="learning_rate",
        plus=9.0,
        also=("fit.py learning_rate=[0.1,0.2] quick=yes",),
    ),
    "argparse_bools": Shape(
        typed=f"fit.py {LR} half=yes norm=false",
        flags="exact half lr no-flip no-gpu norm odd",
        plus=2.0,
        scalars={"is_no_gpu": 0, "is_flip": 1, "is_odd": 1, "is_exact": 1},
        also=("fit.py half=[yes,no] norm=[true,false] exact=no flip=no",),
        is_warm=True,
    ),
    "argparse_choices": Shape(
        typed=f"fit.py {LR} solver=sgd n=5 units=[[4,4,4]]",
        flags="act lr n note out solver units",
        plus=2.0,
        scalars={"unit_sum": 12, "given_n": 5},
        also=("fit.py solver=[adam,sgd] act=[tanh,relu]",),
    ),
    "parser_module": Shape(typed="fit.py learning-rate=loguniform[1e-3:1]", flags="lr rounds"),
    "parser_of_helper": Shape(typed=f"fit.py {LR}", flags="lr"),
    "package_module": Shape(
        typed=f"kit/fit.py {LR}", flags="lr", also=("kit.fit lr=[0.1,0.2]",), is_warm=True
    ),
    "script_in_folder": Shape(
        typed=f"jobs/fit.py {LR}", flags="lr setup", scalars={"letters_read": 3}
    ),
    "csv_option": Shape(typed=f"fit.py {LR}", flags="lr table", plus=4.0),
    "checkpoints": Shape(
        typed=f"fit.py {LR} --minimize Loss",
        flags="ckpt-dir lr",
        tag="Loss",
        plus=1 / 3,
        scalars={"began_at": 0, "points_read": 5, "val_acc": 0.52},
    ),
    "spawned_pool": Shape(typed=f"fit.py {LR}", flags="lr processes start", plus=36.0),
}

OUTPUTS = {
    "logging_lines": Shape(
        typed=f"fit.py {LR}",
        flags="lr",
        plus=0.5,
        scalars={"val_loss": 0.5, "val_acc": 0.75},
        is_warm=True,
    ),
    "progress_bar": Shape(typed=f"fit.py {LR}", flags="lr", scalars={"acc": 0.5, "val_acc": 0.75}),
    "json_lines": Shape(typed=f"fit.py {LR}", flags="lr", scalars={"val/acc": 0.75}),
    "event_files": Shape(typed=f"fit.py {LR}", flags="lr"),
}

LIBRARIES = {
    "hydra_group": Shape(
        typed="fit.py solver.lr=loguniform[1e-3:1] net=wide",
        flags="net net.units seed solver.lr solver.name",
        searched="solver.lr",
        scalars={"units_made": 32},
        also=("fit.py net=[thin,wide]",),
        is_warm=True,
    ),
    "absl_flags": Shape(
        typed=f"fit.py {RATE} normed=no",
        flags="batch_size learning_rate normed solver",
        searched="learning_rate",
        scalars={"is_normed": 0, "accuracy": 91.5},
        is_warm=True,
    ),
    "fire_function": Shape(
        typed=f"adapt.py {RATE}",
        flags="base batch_size layers learning_rate on_inputs out_dir",
        searched="learning_rate",
        scalars={"layer_count": 2},
        is_warm=True,
    ),
    "tyro_dataclass": Shape(
        typed=f"agent.py {RATE} --maximize episodic_return",
        flags="anneal learning_rate title worlds",
        searched=None,
        tag="episodic_return",
        scalars={"SPS": 902, "anneals": 1},
    ),
    "jsonargparse_functions": Shape(
        typed=f"run.py {LR}",
        flags="config fit/config fit/epochs fit/lr fit/units check/config check/weights",
        also=("run.py fit lr=[0.1,0.2]",),
    ),
    "docopt_usage": Shape(
        typed=f"fit.py {LR} rounds=7", flags="lr rounds", scalars={"round_count": 7}
    ),
    "simple_parsing_mixed": Shape(typed=f"fit.py {LR} bar=5", flags="bar lr rounds", plus=5.0),
    "sacred_experiment": Shape(
        typed="margin.py C=loguniform[0.1:10] width=2.5",
        flags="C seed width",
        searched="C",
        plus=2.5,
    ),
    "click_command": Shape(
        typed=f"fit.py {LR} mixed=no",
        flags="lr mixed net out rounds unit",
        scalars={"is_mixed": 0},
        also=("fit.py net=[thin,wide] rounds=3",),
        is_warm=True,
    ),
    "click_group": Shape(
        typed=f"tool.py {LR}",
        flags="loud check/weights fit/lr",
        also=("tool.py fit lr=[0.1,0.2]",),
    ),
    "typer_app": Shape(
        typed=f"fit.py {LR} mixed=no",
        flags="lr mixed rounds seed solver",
        scalars={"is_mixed": 0},
        also=("fit.py solver=[adam,sgd] rounds=1",),
    ),
    "sklearn_call": Shape(
        typed="neighbours.py n_neighbors=[1,5] --maximize Accuracy",
        addresses="KNeighborsClassifier.n_neighbors KNeighborsClassifier.p",
        searched=None,
        tag="Accuracy",
        also=("neighbours.py 'KNeighborsClassifier(n_neighbors)=[1,5]'",),
        says="n_neighbors is ",
    ),
    "xgboost_params": Shape(
        typed="boost.py boost_rounds=[2,5] eta=0.5 --minimize valid-rmse",
        flags="boost_rounds",
        addresses="params.eta params.max_depth",
        searched=None,
        tag="valid-rmse",
        says="eta is ",
    ),
    "lightgbm_auc": Shape(
        typed=f"leaves.py {RATE} --maximize auc",
        flags="learning_rate num_leaves",
        searched=None,
        tag="valid_0's_auc",
    ),
}

VALUES = {
    "globals_overridden": Shape(
        typed=f"story.py {RATE} --minimize 'val loss'",
        flags="accumulated bias device learning_rate out steps stories width",
        searched="learning_rate",
        tag="val_loss",
        plus=1 / 3,
        scalars={"letters_read": 9},
        is_warm=True,
    ),
    "globals_shapes": Shape(
        typed="fit.py LEARNING_RATE=loguniform[1e-3:1] SHIFT=-4 BATCH=48 params.depth=5 -N Loss",
        flags="BATCH FAST LEARNING_RATE SEED SHIFT SIZE SOLVER UNITS WIDTHS decay rounds",
        addresses="params.lr params.depth",
        searched="LEARNING_RATE",
        tag="Loss",
        plus=-4.0,
        scalars={"val_acc": 0.75, "batch_made": 48, "depth_made": 5},
        also=("fit.py SHIFT=[-5:-1] UNITS=[[4,4],[8,8]] \"params['depth']=[1,2]\"",),
        is_warm=True,
    ),
    "argv_places": Shape(
        typed="elastic.py alpha=[0.0:1.0] --minimize RMSE",
        flags="alpha share",
        searched="alpha",
        tag="RMSE",
        also=("elastic.py 1=[0.1,0.2] 2=0.5", "elastic.py share=[0.1,0.2]"),
    ),
    "yaml_config": Shape(
        typed="fit.py solver.args.lr=loguniform[1e-3:1]",
        flags="config resume",
        addresses="settings.yaml:solver.args.lr settings.yaml:rounds",
        scalars={"val_loss": 1.5},
        also=("fit.py settings.yaml:solver.args.lr=[0.1,0.2]",),
        is_warm=True,
    ),
    "yaml_params_beside": Shape(
        typed="src/fit.py fit.lr=loguniform[1e-3:1] fit.trees=30",
        addresses="params.yaml:fit.lr params.yaml:fit.trees",
        scalars={"trees_grown": 30},
    ),
    "ini_settings": Shape(
        typed="fit.py fit.lr=loguniform[1e-3:1]",
        addresses="fit.ini:fit.lr fit.ini:fit.rounds",
        also=("fit.py fit.ini:fit.lr=[0.1,0.2]",),
    ),
    "dataclass_defaults": Shape(
        typed=f"fit.py {RATE}",
        addresses="FitConfig.learning_rate FitConfig.rounds",
        searched="learning_rate",
        also=("fit.py FitConfig.learning_rate=[0.1,0.2]",),
        is_warm=True,
    ),
    "function_defaults": Shape(
        typed=f"fit.py {LR}",
        flags="batch_size",
        addresses="fit(lr) fit(rounds)",
        also=("fit.py 'fit(lr)=[0.1,0.2]'",),
    ),
    "environment": Shape(
        typed="fit.py LR=loguniform[1e-3:1] ROUNDS=3", flags="LR ROUNDS", searched="LR"
    ),
    "notebook": Shape(typed=f"fit.ipynb {LR} rounds=3", flags="lr rounds", plus=3.0),
    "shell_script": Shape(typed=f"fit.sh {LR}", flags="LR lr", also=("./fit.sh lr=[0.1,0.2]",)),
    "binary": Shape(typed=f"./fit {LR}"),
}

SHAPES = {**ARGPARSE, **OUTPUTS, **LIBRARIES, **VALUES}
"""Each folder that one sweep shows; ``test_shapes.py`` has a test of its own for the others."""
