import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.scalar_names import candidates, folded, meant_tag, resolve_tag


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        pytest.param("loss", ["loss", "val#loss"], "loss", id="itself"),
        pytest.param("acc", ["loss", "val#acc"], "val#acc", id="the only one with that ending"),
        pytest.param("acc", ["train#acc", "val#acc"], None, id="two have that ending"),
        pytest.param("val#acc", ["val/acc"], "val/acc", id="a slash for a hash"),
        pytest.param("acc", [], None, id="nothing reported"),
        pytest.param("val loss", ["val_loss", "loss"], "val_loss", id="a blank for an underscore"),
        pytest.param("val-loss", ["Val_Loss"], "Val_Loss", id="a hyphen, and the case"),
        pytest.param("LOSS", ["loss", "Loss"], None, id="two differ only in case"),
        pytest.param("Loss", ["loss", "Loss"], "Loss", id="the exact one of two"),
        pytest.param("auc", ["valid_0's_auc"], "valid_0's_auc", id="the last word"),
        pytest.param("accuracy", ["Accuracy_on_test"], "Accuracy_on_test", id="the first word"),
        pytest.param("loss", ["val_loss"], None, id="another loss"),
        pytest.param("acc", ["loss", "train acc"], None, id="another accuracy"),
        pytest.param("loss", ["avg_val_loss", "avg_loss"], "avg_val_loss", id="held-out data"),
        pytest.param("loss", ["Average_loss", "train_loss"], "Average_loss", id="loss of all"),
        pytest.param("loss", ["d_loss", "g_loss"], None, id="two losses of one kind"),
        pytest.param("acc", ["train_acc", "val_acc"], None, id="only loss is preferred"),
        pytest.param("oss", ["loss"], None, id="a part of a word"),
        pytest.param("val loss", ["Val._Loss"], "Val._Loss", id="an abbreviation"),
        pytest.param("acc", ["Acc (%)"], "Acc (%)", id="without the unit"),
        pytest.param("val acc", ["train/acc", "val/acc"], "val/acc", id="a blank for a slash"),
        pytest.param("acc", ["train/acc", "val/acc"], "val/acc", id="held-out data beside it"),
        pytest.param("acc", ["a/acc", "val/acc"], None, id="another word beside it"),
    ],
)
def test_a_tag_is_found_by_its_name(name: str, known: list[str], meant: str | None) -> None:
    assert resolve_tag(name, known) == meant


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        pytest.param("val_loss", ["Validation_Loss"], "Validation_Loss", id="the short form"),
        pytest.param("accuracy", ["test_acc", "acc"], "acc", id="the long form"),
        pytest.param("val acc", ["valid/accuracy"], "valid/accuracy", id="two words"),
        pytest.param("val_loss", ["valid_loss", "validation_loss"], None, id="two fit"),
        pytest.param("val_loss", ["valid_loss", "val_loss"], "val_loss", id="the name itself"),
        pytest.param("loss", ["val_loss"], None, id="another loss"),
        pytest.param(
            "val auc", ["best_val_auc", "Validation_AUC"], "Validation_AUC", id="not the best"
        ),
        pytest.param(
            "kl loss", ["KL_Loss_(Task)"], "KL_Loss_(Task)", id="without what is in brackets"
        ),
    ],
)
def test_a_name_that_is_typed_has_the_short_or_the_long_form(
    name: str, known: list[str], meant: str | None
) -> None:
    assert meant_tag(name, known) == meant
    assert meant_tag("nothing", known) is None


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@given(st.text(max_size=10), st.lists(st.text(max_size=10), unique=True))
def test_what_is_resolved_is_a_candidate(name: str, known: list[str]) -> None:
    tag = resolve_tag(name, known)
    assert tag is None or tag in candidates(name, known)
