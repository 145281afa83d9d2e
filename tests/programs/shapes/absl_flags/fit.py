from absl import app, flags, logging

FLAGS = flags.FLAGS
flags.DEFINE_float("learning_rate", 0.2, "Of the steps.")
flags.DEFINE_integer("batch_size", 16, "Of a step.")
flags.DEFINE_bool("normed", True, "Whether layers are.")
flags.DEFINE_enum("solver", "sgd", ["sgd", "adam"], "Which one.")


def main(argv):
    del argv
    for epoch in range(1, 3):
        loss = (FLAGS.learning_rate - 0.3) ** 2
        logging.info("epoch: %d, loss: %.4f, accuracy: %.2f", epoch, loss, 91.5)
    print(f"loss: {loss}")
    print(f"is_normed: {int(FLAGS.normed)}")


if __name__ == "__main__":
    app.run(main)
