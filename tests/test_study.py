"""A study on a tiny random BERT over a written corpus: the protocol's truths, not its numbers."""

import numpy as np
import pytest
from tiny import WORDS, write_world

from lcacore import qualitative, study, summaries


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture
def one(world, tmp_path, monkeypatch):
    monkeypatch.setenv("LCACORE_STORE", str(tmp_path))
    return study.Study(model=str(world / "model"), task=f"tsv:{world}#label", l1=1e-3, l2=1e-2, seeds=(0, 1))


def test_tables_have_a_row_per_seed_and_percentages(one):
    for table in (one.ablation(), one.retraining(), one.selectivity()):
        assert list(table.index) == [0, 1]
    assert one.ablation().to_numpy().min() >= 0
    assert one.ablation().to_numpy().max() <= 100


def test_the_minimal_set_is_the_first_within_delta(one):
    for _, row in one.minimal(delta=1.0).iterrows():
        loss = row.oracle - np.array(row.curve_accuracy)
        assert row.reached
        assert loss[-1] < 1.0
        assert (loss[:-1] >= 1.0).all()
        assert row.n == np.ceil(row.percent / 100 * one.n_neurons - 1e-9)


def test_layer_counts_add_up_to_the_minimal_set(one):
    assert (one.layer_counts().sum(axis=1) == one.minimal()["n"]).all()


def test_each_label_contributes_to_the_minimal_set_and_together_they_cover_it(one):
    counts, sizes = one.neurons_per_label(), one.minimal()["n"]
    assert (counts.max(axis=1) <= sizes).all()
    assert (counts.sum(axis=1) >= sizes).all()


def test_no_table_makes_an_empty_one(one):
    """A profile may have none of the tasks that a column is for."""
    assert summaries.concat({}).set_index(["task", "model"]).round(2).empty
    assert list(summaries.concat({("POS", "m"): one.ablation()})[["task", "model"]].iloc[0]) == ["POS", "m"]


def test_a_second_study_computes_nothing(one, monkeypatch):
    from lcacore import training

    first = one.ablation()
    monkeypatch.setattr(training, "train_linear", None)
    again = study.Study(**{name: getattr(one, name) for name in one.__dataclass_fields__})
    assert again.ablation().equals(first)


def test_the_same_sentences_cut_elsewhere_are_another_study(one, world, tmp_path):
    """The first ten sentences of dev move to the end of train: same words in the same order, other splits."""
    lines = {split: (world / f"{split}.tsv").read_text().split("\n\n") for split in ("train", "dev", "test")}
    lines["train"], lines["dev"] = [x.strip() for x in lines["train"] if x.strip()] + lines["dev"][:10], lines["dev"][10:]
    (tmp_path / "cut").mkdir()
    for split, sentences in lines.items():
        (tmp_path / "cut" / f"{split}.tsv").write_text("\n\n".join(sentences))
    other = study.Study(model=one.model, task=f"tsv:{tmp_path / 'cut'}#label", l1=one.l1, l2=one.l2, seeds=one.seeds)
    assert other.activations.key == one.activations.key
    assert other.data["train"].X.shape[0] == one.data["train"].X.shape[0] + 50
    assert not (one.probe(0).coef == other.probe(0).coef).all()


def test_grid_chooses_one_of_its_pairs(one):
    from dataclasses import replace

    chosen = replace(one, l1="grid", l2="grid", grid_values=(0, 1e-3))
    assert set(chosen.lambdas) <= {0.0, 1e-3}
    assert len(chosen.grid()) == 4


def test_half_a_grid_is_refused(one):
    from dataclasses import replace

    with pytest.raises(ValueError, match="'grid' for both"):
        _ = replace(one, l1="grid", l2=0.1).lambdas


def test_a_labels_neuron_is_one_of_its_first_and_separates_its_words(one):
    """In a random model words are told apart by their embeddings, so a neuron chosen on dev beats chance on test."""
    found = qualitative.label_neurons(one, ["D", "N", "V"], among=5)
    first = one.ranking("weight_mass", 0).per_class
    assert all(at.neuron == first[at.label][at.rank - 1] and at.rank <= 5 for at in found.itertuples())
    assert (found.auc > 0.5).all()
    alone = qualitative.label_neurons(one, ["D"], among=1)
    assert alone.auc[0] == alone.first_auc[0]
    words = qualitative.top_words(one, ["D"], k=3)
    assert words.hits[0] == sum(w in WORDS["D"] for w in words.words[0])


def test_auc_is_scikit_learns(one):
    from sklearn.metrics import roc_auc_score

    test = one.data["test"]
    assert qualitative._auc(test, 3, "N") == pytest.approx(roc_auc_score(test.y == "N", test.X[:, 3].astype(float)))


def test_examples_are_whole_sentences_in_standard_deviations(one):
    shown = qualitative.examples(one, 0, None, k=40, length=(5, 5))
    assert [len(s) for s in shown["sentences"]] == [5] * 40
    assert abs(np.mean(shown["values"])) < 1e-6
    assert abs(np.std(shown["values"]) - 1) < 1e-6


def test_a_layer_histogram_in_numbers():
    import pandas as pd

    found = summaries.layers(pd.DataFrame([[5, 5, 5], [0, 0, 9], [9, 0, 0]], columns=[0, 1, 2]))
    assert found["mean depth"].tolist() == pytest.approx([50, 100, 0])
    assert found["lower half"].tolist() == pytest.approx([50, 0, 100])
    assert found["evenness"].tolist() == pytest.approx([100, 0, 0])
    assert found["lowest two, rank"].tolist() == [1, 2, 1]


def test_a_study_in_other_hands_is_put_off():
    """A stand-in for two studies: the first is being made elsewhere, so the second is measured before it."""
    from lcacore.store import _WAIT, Busy

    order = []

    class Fake:
        def __init__(self, name, busy):
            self.name, self.busy = name, busy

        def measure(self):
            if self.busy and not _WAIT.get():
                raise Busy
            order.append(self.name)
            return self.name

    found = study.each({"a": Fake("a", True), "b": Fake("b", False)}, "measure")
    assert order == ["b", "a"]
    assert list(found) == ["a", "b"]


# --- Dalvi 2019 ------------------------------------------------------------------------------------

def test_selections_of_everything_are_everything(one):
    masked = one.selections((20, 100))
    assert list(masked.columns) == ["All", "Top 20", "Bottom 20", "Top 100", "Bottom 100"]
    assert (masked["Top 100"] == masked["All"]).all() and (masked["Bottom 100"] == masked["All"]).all()
    plain = one.ablation(0.2)
    for name in ("Top", "Bottom"):
        assert np.allclose(masked[f"{name} 20"], plain[name])
    again = one.selections((20, 100), retrain=True)
    assert np.allclose(again["Top 100"], masked["All"])  # the same probe, trained on the same neurons
    assert (again["Top 20"] >= masked["Top 20"]).all()


def test_the_majority_is_that_of_the_words(one):
    table = one.against_majority()
    assert (table["Majority"] == 100).all()  # in the written world a word has one label
    assert np.allclose(table["Probe"], one.selections(())["All"])


def test_models_meet_the_tasks_of_their_language():
    found = study.matched({"NLM": {"en": "a", "de": "b"}, "NMT": {"en": "c"}}, {"POS en": "x#y", "POS de": "z#y", "POS fr": "w#y"}, sentences={"train": None})
    assert {key: s.model for key, s in found.items()} == {("POS en", "NLM"): "a", ("POS en", "NMT"): "c", ("POS de", "NLM"): "b"}
    with pytest.raises(ValueError, match="there are models of de"):
        study.matched({"NLM": {"de": "b"}}, {"POS en": "x#y"}, sentences={"train": None})


def test_the_fewest_neurons_that_carry_the_mass(one):
    coef = np.abs(np.asarray(one.probe(0).coef, dtype=np.float64))
    for percent in (25, 100):
        for row, (label, ids) in zip(coef, qualitative.mass_neurons(one, percent).items(), strict=True):
            share = row[ids].sum() / row.sum()
            assert share >= percent / 100 - 1e-9
            assert share - row[ids].min() / row.sum() < percent / 100  # without its least one it would not do
            assert row[ids].min() >= np.delete(row, ids).max(initial=0), label
    counts = qualitative.mass_counts(one, 25)
    assert list(counts.index) == [0, 1] and counts.loc[0, "N"] == len(qualitative.mass_neurons(one, 25)["N"])
    with pytest.raises(ValueError, match="above 0"):
        qualitative.mass_neurons(one, 0)


def test_a_switch_has_two_signs_and_the_rest_between(one):
    found = qualitative.switch_neuron(one, "N", "V", among=20)
    test = one.data["test"]
    column = test.X[:, found["neuron"]].astype(float)
    z = (column - column.mean()) / column.std()
    assert found["one"] == pytest.approx(z[test.y == "N"].mean()) and found["rest"] == pytest.approx(z[test.y == "D"].mean())
    assert found["switch"] == (found["one"] * found["other"] < 0 and min(found["one"], found["other"]) < found["rest"] < max(found["one"], found["other"]))
    with pytest.raises(ValueError, match="no label 'X'"):
        qualitative.switch_neuron(one, "N", "X")


def test_detectors_and_positions_agree_with_other_libraries(one):
    from scipy.stats import pearsonr
    from sklearn.metrics import roc_auc_score

    test = one.data["test"]
    found = qualitative.detectors(one, ["D", "V", "absent"], [3, 8, 20])
    assert found.label.tolist() == ["D", "V"]
    for at in found.itertuples():
        area = roc_auc_score(test.y == at.label, test.X[:, at.neuron].astype(float))
        assert at.auc == pytest.approx(max(area, 1 - area), abs=0.2)  # the side is settled on dev
    where = qualitative.relative_position(test)
    assert where[:5].tolist() == [0, 0.25, 0.5, 0.75, 1] and len(where) == len(test)
    profiles = qualitative.position_profiles(one, [3, 8])
    assert profiles.correlation[0] == pytest.approx(pearsonr(test.X[:, 3].astype(float), where)[0])
