import sys
from omegaconf import OmegaConf

conf = OmegaConf.create({"lr": 0.1, "net": {"width": 8}})
conf.merge_with(OmegaConf.from_dotlist(sys.argv[1:]))
raise SystemExit("trained")
