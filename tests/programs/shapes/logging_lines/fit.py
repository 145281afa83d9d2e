import argparse
import logging

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("fit")
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.02)
args = parser.parse_args()
for epoch in range(2):
    loss = (args.lr - 0.3) ** 2 + 1 / (epoch + 1)
    log.info("loss: %.6f", loss)
    log.info("epoch=%d train_loss=%.4f val_loss=%.4f val_acc=%.3f", epoch, loss, 0.5, 0.75)
