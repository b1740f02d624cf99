"""Columns beside a study's: what they share with the study's own must be the same numbers."""

import numpy as np
import pytest
from tiny import write_world

from lcacore import evaluation, localisation, quick, rankings, supplements


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def one(world, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LCACORE_STORE", str(tmp_path_factory.mktemp("store")))
        yield quick.QuickStudy(model=str(world / "model"), task=f"tsv:{world}#label", l1=1e-3, l2=1e-2, seeds=(0, 1))


def test_ablation_on_test_is_the_studys_own(one):
    ours = supplements.ablation(one, 0.2, "test")
    assert np.allclose(ours, one.ablation(0.2)[ours.columns])
    assert not np.allclose(supplements.ablation(one, 0.2, "dev")["Top"], ours["Top"])


def test_the_minimal_sets_accuracies_are_those_of_retraining(one):
    found = supplements.minimal_set(one, 0.5)
    train, test = one.data["train"], one.data["test"]
    for seed in one.seeds:
        top = one.ranking("weight_mass", seed).top(int(found["neurons"][seed]))
        again = evaluation.retraining(train.X, train.y, test.X, test.y, {"Top": top}, one._config(seed), seeds=[seed])["Top"][0]
        assert found["Acc_t"][seed] == pytest.approx(100 * again)
    assert np.allclose(found["Acc_a"], one.ablation(0.2)["All"])
    assert np.allclose(found["Neu_t"], 100 * found["neurons"] / one.n_neurons)


def test_selectivity_is_that_of_evaluation(one):
    """The library's own function, fed with one seed's words and labels."""
    train, test = one.data["train"], one.data["test"]
    ours = supplements.selectivity(one, 1.0)
    for seed, n in zip(one.seeds, one.minimal(1.0)["n"], strict=True):
        whole, edges = one.activations, one.activations.splits
        drawn = evaluation.control_labels(whole.words, whole.y, seed)
        y, y_test = (drawn[slice(*edges[split])] for split in ("train", "test"))
        chosen = {"a": None, "t": one.ranking("weight_mass", seed).top(int(n))}
        control = evaluation.retraining(train.X, y, test.X, y_test, chosen, one._config(seed), seeds=[seed])
        task = evaluation.retraining(train.X, train.y, test.X, test.y, chosen, one._config(seed), seeds=[seed])
        for name in chosen:
            assert ours[f"Sel_{name}"][seed] == pytest.approx(100 * (task[name][0] - control[name][0]))
    assert not np.allclose(supplements.selectivity(one, 1.0, "uniform")["Sel_t"], ours["Sel_t"])


def test_labels_of_the_minimal_set_are_the_studys_own(one):
    sizes = one.minimal(1.0)["n"]
    assert localisation.per_label(one, sizes).equals(one.neurons_per_label(1.0))


def test_labels_sets_cover_the_first_neurons_and_nothing_else(one):
    for seed, n in zip(one.seeds, one.minimal(1.0)["n"], strict=True):
        ranking = one.ranking("weight_mass", seed)
        sets = localisation.label_sets(ranking, int(n))
        assert {label: len(ids) for label, ids in sets.items()} == rankings.neurons_per_label(ranking, int(n))
        assert set(np.concatenate(list(sets.values())).tolist()) >= set(ranking.top(int(n)).tolist())


def test_a_planted_layer_holds_its_label():
    """Label a has its weight in layer 0, label b in layer 2: each is found there, and they share no neuron."""
    coef = np.zeros((2, 30))
    coef[0, :5], coef[1, 20:25] = np.arange(5, 0, -1), np.arange(5, 0, -1)
    ranking = rankings.weight_mass(coef, ["a", "b"])

    class Fake:
        seeds = (0,)
        classes = np.array(["a", "b"])

        class activations:
            layers = (0, 1, 2)

            @staticmethod
            def layer_of(ids):
                return np.asarray(ids) // 10

        def __init__(self):
            self.data = {"train": type("Train", (), {"y": np.array(["a", "b"])})}

        def ranking(self, method, seed):
            return ranking

    assert localisation.dominant_layers(Fake(), [6]).iloc[0].to_dict() == {"a": 0, "b": 2}
    shared = localisation.sharing(Fake(), [6]).iloc[0]
    assert shared["labels per neuron"] == 1.0 and shared["per label"] == 3.0


def test_word_forms_of_each_label(one):
    found = localisation.contexts(one)
    train = one.data["train"]
    assert found.to_dict() == {label: len(set(train.words[train.y == label])) for label in ("D", "N", "V")}


def test_rank_correlations_of_two_models_over_their_labels():
    import pandas as pd

    a, b = pd.DataFrame([[1, 2, 3, 9]], columns=list("wxyz")), pd.DataFrame([[30, 20, 10]], columns=list("wxy"))
    row = localisation.agreement({("POS", "a"): a, ("SEM", "a"): a, ("POS", "b"): b}).iloc[0]
    assert (row.task, row.labels, row.rho) == ("POS", 3, pytest.approx(-1.0))
    assert localisation.rank_correlation([1, 1, 1], [1, 2, 3]) == 0.0


def test_the_exact_engine_has_its_accuracy_inside_its_interval(one):
    at = supplements.exact(one, 1.0).iloc[0]
    assert at.Acc_a_low <= at.Acc_a <= at.Acc_a_high
    assert 0 < at.zeros < 100 and 0 <= at.shared <= 100


def test_the_exact_engines_ablation_is_that_of_its_own_ranking(one):
    """All is the same probe as `exact`'s; of a sparse probe's last neurons none has a weight, so that they leave the intercept alone."""
    at, whole = supplements.exact_ablation(one, 0.2).iloc[0], supplements.exact(one, 1.0).iloc[0]
    assert at.All == whole.Acc_a and at.All >= at.Top >= at.Bottom
    assert all(at[f"{name}_low"] <= at[name] <= at[f"{name}_high"] for name in ("All", "Top", "Random", "Bottom"))


def test_exact_probes_trained_again_on_parts_of_their_own_ranking(one):
    """On all neurons every part is the probe itself, up to the tolerance; on the minimal set the top is that of `exact`."""
    n = one.minimal(1.0)["n"].iloc[0]
    at, whole = supplements.exact_retraining(one, n).iloc[0], supplements.exact(one, 1.0).iloc[0]
    assert (at.All, at.Top) == (whole.Acc_a, whole.Acc_t) and at.Top >= at.Bottom
    everything = supplements.exact_retraining(one, one.n_neurons).iloc[0]
    assert everything[["Top", "Random", "Bottom"]].tolist() == pytest.approx([at.All] * 3, abs=0.5)


def test_accuracies_with_intervals_are_rows_of_a_report(one):
    rows = []

    class Report:
        def row(self, name, label, value, low, high, **more):
            rows.append((name, low <= value <= high, more))

    supplements.exact_rows(Report(), {("POS", "m"): supplements.exact(one, 1.0)}, {"m": "BERT"}, tolerance=1.5)
    assert rows == [(f"exact/{name}/POS/BERT", True, {"tolerance": 1.5}) for name in ("Acc_a", "Acc_t")]


def test_labels_that_words_give_away_are_short_to_send(one):
    """Every word has one label here, so the task's labels compress; control labels, one per word too, as well."""
    at = supplements.codelength(one, 1.0).iloc[0]
    assert at.MDL_a > 2 and at.MDL_t > 2 and at.control_t > 1
    assert at.bits_a == pytest.approx(np.log2(3) / at.MDL_a)


def test_control_labels_that_train_itself_does_not_have_are_sent_too(world, one, tmp_path):
    """As on real corpora, where test has rare tags of its own: control labels are drawn from all, and the alphabet must hold them."""
    test = (world / "test.tsv").read_text().splitlines()
    rare = [line.split("\t")[0] + "\tX" if line else line for line in test]  # every word of test has the label X
    for split in ("train", "dev"):
        (tmp_path / f"{split}.tsv").write_text((world / f"{split}.tsv").read_text())
    (tmp_path / "test.tsv").write_text("\n".join(rare) + "\n")
    other = quick.QuickStudy(model=one.model, task=f"tsv:{tmp_path}#label", l1=1e-3, l2=1e-2, seeds=(0,))
    assert "X" not in other.classes and "X" in other.activations.y
    assert supplements.codelength(other, 1.0).iloc[0].control_t > 1


def test_a_strength_of_zero_has_no_logarithm(one, monkeypatch):
    import pandas as pd

    rows = [(0, 0, 60.0, 50.0, 90.0, 90.0, 5.0), (1e-3, 0, 80.0, 30.0, 90.0, 88.0, 24.0)]
    monkeypatch.setattr(quick.QuickStudy, "grid", lambda self: pd.DataFrame(rows, columns=["l1", "l2", "A_t", "A_b", "A_z", "A_l", "S"]))
    at = supplements.lambdas(quick.QuickStudy(model=one.model, task=one.task)).iloc[0]
    assert (at.log10_l1, at.apart, at.apart_0, at.loss) == (pytest.approx(-3), 50, 10, 2)
    assert np.isnan(at.log10_l2)
