import sys
from hydra import compose, initialize

with initialize(version_base=None, config_path="conf"):
    cfg = compose(config_name="config", overrides=sys.argv[1:])
raise SystemExit("trained")
