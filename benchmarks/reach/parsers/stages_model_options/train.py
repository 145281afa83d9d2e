import argparse


import models
class BaseOptions:
    def gather(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--model", default="pix")
        parser.add_argument("--name", default="run")
        opt, _ = parser.parse_known_args()
        parser = models.setter(opt.model)(parser)
        opt, _ = parser.parse_known_args()
        self.parser = parser
        return parser.parse_args()
opt = BaseOptions().gather()
raise SystemExit("trained")
