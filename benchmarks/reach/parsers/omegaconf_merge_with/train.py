from omegaconf import OmegaConf

conf = OmegaConf.create({"lr": 0.1, "net": {"width": 8}})
conf.merge_with_cli()
raise SystemExit("trained")
