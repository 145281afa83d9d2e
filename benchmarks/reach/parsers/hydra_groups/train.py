import hydra
from omegaconf import DictConfig

@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg: DictConfig) -> None:
    raise SystemExit("trained")

if __name__ == "__main__":
    main()
