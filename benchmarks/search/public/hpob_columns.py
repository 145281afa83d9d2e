"""The columns of HPO-B's search spaces, by the number of the space, in the order of the tables."""

_TEXT = """
4796 minsplit minbucket cp
5527 cost gamma gamma.na degree degree.na kernel.ohe._INVALID kernel.ohe._linear
  kernel.ohe._polynomial
5636 minsplit minsplit.na minbucket cp maxdepth maxdepth.na
5859 minsplit minsplit.na minbucket cp maxdepth maxdepth.na
5860 alpha lambda
5889 num.trees num.trees.na mtry sample.fraction replace.ohe._FALSE replace.ohe._INVALID
5891 cost gamma gamma.na degree degree.na kernel.ohe._INVALID kernel.ohe._linear
  kernel.ohe._polynomial
5906 eta max_depth max_depth.na min_child_weight min_child_weight.na subsample colsample_bytree
  colsample_bytree.na colsample_bylevel colsample_bylevel.na lambda alpha nrounds nrounds.na
  booster.ohe._INVALID booster.ohe._gblinear
5965 num.trees num.trees.na mtry sample.fraction min.node.size min.node.size.na
  replace.ohe._FALSE replace.ohe._INVALID respect.unordered.factors.ohe._INVALID
  respect.unordered.factors.ohe._TRUE
5970 alpha lambda
5971 eta max_depth max_depth.na min_child_weight min_child_weight.na subsample colsample_bytree
  colsample_bytree.na colsample_bylevel colsample_bylevel.na lambda alpha nrounds nrounds.na
  booster.ohe._INVALID booster.ohe._gblinear
6766 alpha lambda
6767 eta subsample lambda alpha nthread nthread.na nrounds nrounds.na max_depth max_depth.na
  min_child_weight min_child_weight.na colsample_bytree colsample_bytree.na colsample_bylevel
  colsample_bylevel.na booster.ohe._INVALID booster.ohe._gblinear
6794 num.trees num.trees.na mtry sample.fraction min.node.size min.node.size.na
  replace.ohe._FALSE replace.ohe._INVALID respect.unordered.factors.ohe._INVALID
  respect.unordered.factors.ohe._TRUE
7607 num.trees num.trees.na mtry min.node.size sample.fraction
  respect.unordered.factors.ohe._INVALID respect.unordered.factors.ohe._TRUE replace.ohe._FALSE
  replace.ohe._INVALID
7609 num.trees num.trees.na mtry min.node.size sample.fraction
  respect.unordered.factors.ohe._INVALID respect.unordered.factors.ohe._TRUE replace.ohe._FALSE
  replace.ohe._INVALID
"""
"""A space a paragraph: its number, then its columns; lines that are indented go on with it."""

COLUMNS = {
    words[0]: words[1:]
    for words in (line.split() for line in _TEXT.replace("\n  ", " ").splitlines())
    if words
}
