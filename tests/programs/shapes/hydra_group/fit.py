import logging

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

log = logging.getLogger(__name__)


@hydra.main(version_base=None, config_path="conf", config_name="base")
def main(cfg: DictConfig) -> float:
    log.info(OmegaConf.to_yaml(cfg))
    assert HydraConfig.get().runtime.output_dir
    loss = (cfg.solver.lr - 0.3) ** 2
    log.info("val_loss: %.4f", loss)
    print(f"loss: {loss:.6f}")
    print(f"units_made: {cfg.net.units}")
    return loss


if __name__ == "__main__":
    main()
