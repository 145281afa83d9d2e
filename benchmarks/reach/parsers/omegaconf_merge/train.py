from omegaconf import OmegaConf

base = OmegaConf.load("config.yaml")
conf = OmegaConf.merge(base, OmegaConf.from_cli())
raise SystemExit("trained")
