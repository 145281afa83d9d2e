from absl import flags
FLAGS = flags.FLAGS
flags.DEFINE_float("lr", 0.1, "Rate.")
flags.DEFINE_integer("depth", 2, "Layers.")
