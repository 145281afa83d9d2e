import enum
import sys
from absl import flags

class Kind(enum.Enum):
    small = 1
    large = 2

flags.DEFINE_enum_class("kind", Kind.small, Kind, "Kind.")
flags.DEFINE_float("lr", 0.1, "Rate.")
flags.FLAGS(sys.argv)
print("loss:", flags.FLAGS.lr)
