from library_that_nobody_has import nn


class Small(nn.Module):
    pass


MODELS = {"small": Small, "large": Small}
