"""The words by which a number is known as a metric, a counter, a setting or a time."""

import re
from functools import lru_cache

from tunesmith.scalar_names import folded


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


METRICS = word_set(
    "loss losses cost acc accuracy auc auroc auprc auc_roc roc f1 fbeta precision prec recall "
    "sensitivity specificity mse rmse mae mape smape rmsle msle rse r2 r² score scores err error "
    "errors reward rewards return returns rew perplexity ppl bpc bpb bpd bleu rouge meteor cider "
    "wer cer map map50 ap ap50 ap75 iou miou jaccard dice psnr ssim lpips fid kid nll elbo kl kld "
    "bce logloss mlogloss merror rmspe entropy likelihood loglik gini kappa mcc ndcg mrr hits "
    "top1 top5 acc1 acc5 prec1 prec5 mfu metric objective regret energy residual gnorm "
    "corr correlation spearman pearson silhouette inertia deviance loss1 loss2 l1 l2 huber hinge "
    "correct crossentropy cindex balanced_accuracy explained_variance eer mindcf epe ece brier "
    "hd95 hausdorff nmi ari aic bic nrmse wmape mpjpe pck fscore f1score f2 gmean auprc map75 "
    "ap75 chrf bertscore rouge1 rouge2 rougel rougelsum pesq stoi sdr sisdr snr rrse fvd mmd emd "
    "perp xent nelbo vlb fitness sharpe winrate fmeasure dsc assd fwiou pq sq mota idf1 crps"
)
"""Parts of names of metrics, in lower case."""
UNSURE = word_set(
    "error errors err return returns map precision hits metric objective energy score scores "
    "residual l1 l2 cost corr correct kl recall hinge regret"
)
"""Metrics that are ordinary words as well, after which a whole number proves nothing."""
QUALIFIERS = word_set(
    "train training val valid validation test testing dev eval evaluation average avg mean median "
    "total final best overall min max current cumulative running last new macro micro weighted "
    "percentage squared "
    "balanced top cross log root squared absolute relative episode episodic ep per class pixel "
    "word char character token out-of-bag oob cv kfold holdout generator discriminator critic "
    "actor policy value reconstruction kl model sample batch epoch binary categorical student "
    "teacher head aux auxiliary smoothed ema neg negative adj adjusted std"
)
"""Words before a metric that are a part of its name."""
ABBREVIATIONS = QUALIFIERS | word_set("acc prec rec prob est approx no num var rel abs coef")
"""Words after which a full stop ends no sentence."""
COUNTERS = {
    "epoch": "epoch",
    "epochs": "epoch",
    "ep": "epoch",
    "step": "step",
    "steps": "step",
    "global_step": "step",
    "globalstep": "step",
    "train_step": "step",
    "training_step": "step",
    "global_steps": "step",
    "timestep": "step",
    "timesteps": "step",
    "total_timesteps": "step",
    "num_timesteps": "step",
    "total_env_steps": "step",
    "iter": "iteration",
    "iters": "iteration",
    "iter_num": "iteration",
    "iteration": "iteration",
    "iterations": "iteration",
    "itr": "iteration",
    "it": "iteration",
    "niter": "iteration",
    "update": "update",
    "updates": "update",
    "num_updates": "update",
    "n_updates": "update",
    "batch": "batch",
    "batch_idx": "batch",
    "minibatch": "batch",
    "mini_batch": "batch",
    "round": "round",
    "boosting_round": "round",
    "episode": "episode",
    "episodes": "episode",
    "generation": "generation",
    "gen": "generation",
    "fold": "fold",
    "trial": "trial",
}
"""The unit of each name of a counter."""
_SETTINGS = word_set(
    "batch_size bs batchsize seed random_seed random_state workers num_workers n_workers jobs "
    "n_jobs n_estimators momentum weight_decay wd betas beta1 beta2 eps epsilon_decay dropout "
    "hidden hidden_size hidden_dim embed_dim embedding_dim d_model n_embd n_head n_layer heads "
    "depth width layers block_size max_len max_length seq_len sequence_length max_depth max_iter "
    "max_epochs max_steps min_epochs min_steps max_grad_norm clip_grad grad_clip warmup "
    "warmup_steps warmup_epochs patience log_interval eval_interval save_interval print_freq "
    "print_every log_every eval_every save_every num_leaves min_data_in_leaf min_child_weight "
    "subsample colsample_bytree bagging_fraction feature_fraction gradient_accumulation_steps "
    "accumulation_steps num_boost_round in_features out_features in_channels out_channels "
    "kernel_size stride padding bias affine track_running_stats rank world_size local_rank "
    "node_rank gpu gpus device devices cuda port pid job_id id ids idx index line v_num run "
    "folds k split port vocab_size image_size img_size input_size num_classes n_classes "
    "classes version shape dtype nproc threads num_threads n_threads uid node nodes label labels "
    "target_update test_size train_size amp fp16 bf16 epochs steps iterations max_bin "
    "tol total_steps num_epochs n_epochs nb_epochs total_epochs num_steps n_steps"
)
_COUNTED = word_set(
    "params parameters parameter size samples sample examples example images image classes "
    "workers epochs steps iterations batches features feature length len dim dims dimension "
    "layers heads tokens nodes edges gpus devices cpus cores threads rows columns records files "
    "documents sentences instances bins bin interval freq frequency weights neurons units filters "
    "channels folds categories interactions users items positives negatives positive negative "
    "datapoints points vars variables seed splits shards replicas observations residuals layer "
    "part stage worker patience"
)
"""Nouns of which a number is a fact of the data or the model."""
_EPISODE = word_set("ep episode eplen episodic mean avg average")
_TIMES = word_set(
    "time elapsed eta took duration remaining date datetime timestamp seconds secs minutes hours "
    "data time_elapsed walltime wall_time epoch_time total_time data_time batch_time dur now utc "
    "start_time end_time wall train_wall progress percent downloading uploading extracting"
)
_VERSIONS = word_set(
    "version versions python torch pytorch torchvision numpy pandas scipy sklearn scikit-learn "
    "tensorflow keras jax cuda cudnn transformers lightgbm xgboost catboost driver nccl release "
    "build revision commit port pid"
)
LEVELS = word_set(
    "debug info warning warn error critical fatal note notice hint tip usage exception traceback"
)
_NAMES_OF_CONFIGS = (
    r"args|arguments|config|configs|configuration|hyper-?_?param\w*|params|parameters|settings"
    r"|options|opts?|namespace|flags|cfg|best_params|optimal params"
)
CONFIG = re.compile(
    rf"(?i)(?<![\w-])(?:{_NAMES_OF_CONFIGS})(?:_)?\s{{0,3}}(?:[:=]\s{{0,3}}|[({{])"
)
"""Where a line begins to show its settings, as ``args: lr=0.1``."""
CONFIG_TITLE = re.compile(
    rf"(?i)^\W{{0,20}}(?:[\w-]+ ){{0,3}}(?:{_NAMES_OF_CONFIGS})"
    r"(?: (?:used|set|found|are))?\W{0,40}$"
    rf"|^.{{0,80}}\b\w{{0,40}}(?:{_NAMES_OF_CONFIGS})\($"
)
"""A line below which settings are listed, one a line."""
_STEMS = ("arg", "conf", "param", "setting", "opt", "namespace", "flags", "cfg")
"""One of them is in each word for settings."""
_UNIT = re.compile(r"_?\((?:[kmgt]i?b|bytes|s|ms|sec|min)\)$")
_PART = re.compile(r"[^\W_]+(?:²)?")


def mentions_settings(line: str) -> bool:
    """Return whether a line may have one of the words for settings."""
    lowered = line.lower()
    return any(stem in lowered for stem in _STEMS)


@lru_cache(maxsize=4096)
def is_metric(name: str) -> bool:
    """Return whether a part of a name is the name of a metric."""
    parts = _parts(name)
    is_at = "@" in name and parts[-1].isdigit()  # precision at k
    return is_at or any(part in METRICS for part in parts) or "loss" in name.lower()


@lru_cache(maxsize=4096)
def is_unsure(name: str) -> bool:
    """Return whether a metric's name is an ordinary word, too."""
    parts = [part for part in _parts(name) if part in METRICS]
    return bool(parts) and all(part in UNSURE for part in parts)


@lru_cache(maxsize=4096)
def is_setting(name: str) -> bool:
    """Return whether a name is that of a setting, a version, a time or a fact of the data."""
    plain = _UNIT.sub("", folded(name)).strip("()[] ").replace(".", "_")
    if plain in _SETTINGS or plain in _TIMES or plain in _VERSIONS:
        return True
    parts = plain.split("_")
    if (
        "batch_size" in plain
        or parts[0] == "time"
        or parts[-1]
        in (
            "time",
            "elapsed",
            "eta",
            "version",
            "duration",
            "timestamp",
            "pid",
        )
    ):
        return True
    if parts[-1] in COUNTERS and "per" in parts:
        return True
    if is_metric(name):
        return False
    if parts[0] in ("num", "n", "number", "nb") or (
        parts[0] in ("count", "max", "total", "found") and any(part in _COUNTED for part in parts)
    ):
        return True
    if parts[0] in _EPISODE and parts[-1] in ("len", "length"):
        return False
    return parts[-1] in _COUNTED or any(part in ("version", "seed") for part in parts)


@lru_cache(maxsize=4096)
def is_counter(name: str) -> bool:
    """Return whether a name counts, as ``train epoch`` does; ``loss_epoch`` is a result."""
    words = folded(name).replace("/", "_").split("_")
    is_after = len(words) > 1 and words[-2] in ("after", "at", "in", "for")
    is_named = words[-1] in COUNTERS and words[0] != "best" and (is_after or not is_metric(name))
    return is_named or counter_unit(name) is not None


def counter_unit(name: str) -> str | None:
    """Return the unit that a name counts; None if it is no counter."""
    return COUNTERS.get(folded(name).rpartition("/")[2])


def _parts(name: str) -> list[str]:
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [part.lower() for part in _PART.findall(split)]
