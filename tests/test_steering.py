"""The protocol of interventions on a tiny random model over a written corpus: its truths, not its numbers."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lcacore import steering

FORMS = {"Sing": ["cat", "dog", "tree"], "Plur": ["cats", "dogs", "trees"], "Dual": ["catsa", "dogsa", "treesa"]}
LEMMA = {form: ["cat", "dog", "tree"][i] for forms in FORMS.values() for i, form in enumerate(forms)}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A treebank of determiners and nouns in three numbers, a fourth number of one form only, and a masked model of its words."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    root = tmp_path_factory.mktemp("steering")
    rng = np.random.default_rng(0)
    for split, size in {"train": 80, "dev": 30, "test": 30}.items():
        lines = []
        for _ in range(size):
            values = rng.choice(list(FORMS), 2)
            nouns = [(rng.choice(FORMS[v]), v) for v in values] + [("sheep", "Ptan")]
            words = [w for noun in nouns for w in (("the", None), noun)]
            for i, (word, value) in enumerate(words, 1):
                lines.append("\t".join([str(i), word, LEMMA.get(word, word), "NOUN" if value else "DET", "_", f"Number={value}" if value else "_", "0", "dep", "_", "_"]))
            lines.append("")
        (root / f"{split}.conllu").write_text("\n".join(lines) + "\n")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "sheep", *(w for forms in FORMS.values() for w in forms)]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    for name in ("model", "causal"):
        fast.save_pretrained(root / name)
    torch.manual_seed(0)
    BertForMaskedLM(BertConfig(vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, initializer_range=0.5)).save_pretrained(root / "model")
    GPT2LMHeadModel(GPT2Config(vocab_size=len(vocabulary), n_embd=16, n_layer=2, n_head=2, n_positions=20)).save_pretrained(root / "causal")
    return root


@pytest.fixture
def one(world, tmp_path, monkeypatch):
    monkeypatch.setenv("LCACORE_STORE", str(tmp_path))
    return steering.Steering(model=str(world / "model"), task=f"ud:{world}#Number", layer=1, min_forms=2, picks=8)


def test_values_of_few_forms_are_left_out(one):
    table = one.filtered()
    assert one.values == ("Dual", "Plur", "Sing")
    assert table.loc["Ptan"].tolist() == [1, 1, 1, False]
    assert table.loc["Sing"].tolist() == [3, 3, 3, True]
    with pytest.raises(ValueError, match="lower min_forms"):
        _ = steering.Steering(model=one.model, task=one.task, layer=1, min_forms=4).values


def test_orders_are_permutations_and_reverse_each_other(one):
    for name in steering.ORDERS:
        assert sorted(one.order(name)) == list(range(16))
    for name in steering.FORWARD:
        assert (one.order(name)[::-1] == one.order(f"{name} reversed")).all()
    with pytest.raises(ValueError, match="no order 'best'"):
        one.order("best")


def test_every_word_is_moved_to_each_other_value_once(one, monkeypatch):
    seen = []
    monkeypatch.setattr("lcacore.steering.protocol.translate", lambda h, order, k, difference, alpha: seen.append(np.array(difference)) or h)
    ids = one.predictions("probeless", [0, 16])
    value = one.words("test").value
    assert ids.shape == (2, 2, len(value))
    assert len(one.reading("test").batches) == 1
    for t, moved in enumerate(seen):
        target = [[v for v in range(3) if v != z][t] for z in value]
        word = one.reading("test").batches[0].word
        assert np.allclose(moved, (one.means[target] - one.means[value])[word])


def test_no_neuron_moved_is_the_model_itself_whatever_the_intervention(one):
    alone = one.reading("test").predict()
    for kind in ("translation", "ablation", "mean ablation"):
        ids = one.predictions("linear", [0, 3, 16], kind=kind)
        assert (ids[:, 0] == alone).all()
    assert (one.predictions("linear", [16], kind="ablation") == one.predictions("random", [16], kind="ablation")).all()  # all neurons are all neurons
    effect = one.effect("linear", [0, 16])
    assert not effect.clwv[:, 0].any() and not effect.missing[:, 0].any()
    with pytest.raises(ValueError, match="no intervention 'shift'"):
        one.predictions("linear", [0], kind="shift")


def test_a_network_that_reads_the_layer_back_is_steered_completely(one, monkeypatch):
    """With a prediction that is the nearest form to the moved states, a translation by α = 1 of all neurons changes the value and keeps the lemma."""
    one = replace(one, seed=1)  # shares nothing that other tests have read
    reading = one.reading("test")
    tokenizer, means = one.network.tokenizer, one.means
    forms = [(v, n) for v in one.values for n in ("cat", "dog", "tree")]
    place = {form: means[i // 3] + 1e-3 * np.random.default_rng(i % 3).normal(size=16) for i, form in enumerate(forms)}
    ids = {form: tokenizer.convert_tokens_to_ids(FORMS[form[0]][["cat", "dog", "tree"].index(form[1])]) for form in forms}
    form_of = {i: form for form, i in ids.items()}
    states = np.array([place[form_of[i]] for i in reading.truth.tolist()])

    def predict(edit=None):
        moved = states if edit is None else edit(states, np.arange(len(states)))
        return np.array([ids[min(forms, key=lambda f: float(((place[f] - h) ** 2).sum()))] for h in moved], dtype=np.int32)

    monkeypatch.setattr(type(reading), "predict", lambda self, edit=None: predict(edit))
    monkeypatch.setattr("lcacore.steering.protocol.translation_coefficients", lambda d, beta, floor: np.ones(d))
    effect = one.effect("probeless", [0, 16])
    assert effect.error[:, 0].mean() == 0
    assert effect.clwv[:, 1].mean() == 1
    assert effect.curve().missing.tolist() == [0, 0]
    assert effect.saturation()[:1] == (16,)
    again = effect.resampled(20)
    assert np.allclose(again, [0, 1])


def test_resampled_curves_draw_whole_sentences(one):
    effect = one.effect("probeless", [0, 4, 16])
    assert effect.resampled(300).mean(axis=0) == pytest.approx(effect.curve().clwv.to_numpy(), abs=0.05)
    assert (effect.resampled(5) == effect.resampled(5)).all()


def test_limits_are_shares(one):
    found = one.limits()
    assert found["asked"] == 1 and found["pieces"] == 0
    assert found["words"] == len(one.reading("test"))
    text = one.network.forms(one.reading("test").truth, one.reading("test").owner, found["words"])
    assert one._counterparts("cat", "Sing", 1) == 1 and one._counterparts("the", "", 1) == 0
    assert found["copied"] == (one.network.forms(one.reading("test").predict(), one.reading("test").owner, found["words"]) == text).mean()


def test_hidden_words_are_predicted_one_at_a_time(one):
    hidden = replace(one, layer=0, masked=True)
    assert len(hidden.reading("test")) == len(one.reading("test"))
    assert hidden.predictions("probeless", [0, 16]).shape == (2, 2, len(hidden.reading("test")))


def test_a_causal_model_is_asked_for_the_words_that_follow(one, world):
    study = replace(one, model=str(world / "causal"))
    reading, context = study.reading("test"), study._context("test")[0]
    following = [context["sentences"][s][p] for s, p in zip(context["sentence"], context["position"], strict=True)]
    effect = study.effect("probeless", [0, 16])
    assert effect.truth.tolist() == following == ["the"] * len(reading)  # the last noun of a sentence has none
    assert set(context["upos"]) == {"DET"}
    assert study.limits()["asked"] == pytest.approx(len(reading) / len(study.words("test").sentence))


def test_tables_have_a_row_per_configuration_and_order(one, world):
    studies = steering.cross({"all": one.model}, {"Made number": one.task}, [0, 1], sentences={"train": None, "dev": None, "test": None}, min_forms=2, picks=8)
    assert steering.steps(256, [0, 10, 50, 768]) == (0, 3, 17, 256)
    neurons = [0, 100, 200, 400, 768]
    table = steering.saturations(studies, neurons, n_boot=20)
    assert len(table) == 2 * 3
    assert ((table.low <= table.clwv + 1e-9) | ~table.reached).all()
    both = steering.versus(studies, neurons, [("probeless", "linear"), ("probeless", "probeless")], n_boot=20)
    assert both.loc["probeless − probeless"].tolist() == [0] * 7
    swept = steering.sweep(studies, neurons, [1, 8], orders=["probeless"])
    assert swept.beta.tolist() == [1, 8, 1, 8]
    assert (swept.gap >= -1e-12).all()
    readings = steering.readings(studies, neurons)
    assert readings.CLWV["a missing value is a wrong one (code)"] >= readings.CLWV["as on this page"] - 0.2
    found = steering.curves(studies, neurons, ["random"], kind="ablation")
    assert list(found) == [("Made number", 0), ("Made number", 1)]
    assert found["Made number", 1]["random"].index[-1] == 100
    shown = steering.overview(studies, neurons, "linear")
    assert shown.loc[("Made number", 1, "clwv"), 0] == 0
    assert list(shown.columns) == neurons
    with pytest.raises(ValueError, match="no task"):
        steering.cross({"Welsh": one.model}, {"Made number": one.task}, [0], sentences={})


def test_where_an_attribute_flips_best_is_chosen_on_dev_and_reported_on_test(one):
    studies = steering.cross({"all": one.model}, {"Made number": one.task}, [0, 1], sentences={"train": None, "dev": None, "test": None}, min_forms=2, picks=8)
    neurons = [100, 400, 768]
    row = steering.flipped(studies, neurons).loc["Made number"]
    dev = {(layer, k): value for (_, layer), study in studies.items() for k, value in study.effect("probeless", steering.steps(study.network.width, neurons), split="dev").curve().clwv.items()}
    assert row.dev == max(dev.values()) == dev[row.layer, row.k]
    assert row.test == studies["Made number", row.layer].effect("probeless", [int(row.k)]).clwv.mean()
    assert row.low <= row.test <= row.high and row.test <= row.error and row.test <= row.ceiling + 1e-12


def test_a_task_may_have_more_sentences_of_test_than_the_others():
    tasks = {"English number": "mini:en#Number", "English tense": "mini:en#Tense"}
    made = steering.cross({"English": "mini:words-en"}, tasks, [1], sentences={"train": 9, "test": 5}, more={"English tense": 7, "French tense": 3})
    assert {name: dict(one.sentences) for (name, _), one in made.items()} == {"English number": {"train": 9, "test": 5}, "English tense": {"train": 9, "test": 7}}


def test_standings_count_wins_and_ties():
    table = pd.DataFrame([(n, 1, o, c, k) for n, values in {"a": (0.5, 0.4, 0.1), "b": (0.3, 0.3, 0.2)}.items() for o, c, k in zip(steering.FORWARD, values, (10, 10, 30), strict=True)], columns=["name", "layer", "order", "clwv", "of_768"])
    found = steering.standings(table)
    assert found.highest.to_dict() == {"linear": 1, "gaussian": 0, "probeless": 0}  # b is tied
    assert found.lowest.to_dict() == {"linear": 0, "gaussian": 0, "probeless": 2}
    tied = steering.standings(table.assign(clwv=0.2))
    assert not tied.highest.any() and not tied.lowest.any()
    assert found.fewest.to_dict() == {"linear": 2, "gaussian": 2, "probeless": 0}
    assert found.CLWV["gaussian"] == pytest.approx(0.35)


def test_a_papers_table_reads_like_ours():
    values = {"mono/CLWV/Linear/English number/7": 0.2, "mono/Neurons/Linear/English number/7": 50, "CLWV/Linear/English number/7": 0.1, "Neurons/Linear/English number/7": 90, "mono/CLWV/Linear/English number/9": 0.3}
    assert steering.printed(values, {7: 2}, "mono").to_dict("records") == [{"name": "English number", "layer": 2, "order": "linear", "clwv": 0.2, "of_768": 50}]
    assert steering.printed(values, {7: 2}).clwv.tolist() == [0.1]


def test_rows_of_a_report_are_read_back_as_the_table_they_came_from():
    class Report:
        def __init__(self):
            self.values = {}

        def row(self, key, says, value, **more):
            self.values[key] = value

    table = pd.DataFrame([{"name": "English tense", "layer": 3, "order": order, "clwv": 0.25, "low": 0.2, "high": 0.3, "of_768": 40.0} for order in ("linear", "probeless")])
    for group in ("", "XLM-R"):
        report = Report()
        steering.saturation_rows(report, table, {7: 3}, group)
        assert set(key.split("/")[0] for key in report.values) == ({group} if group else {"CLWV", "Neurons"})
        pd.testing.assert_frame_equal(steering.printed(report.values, {7: 3}, group), table.drop(columns=["low", "high"]))


def test_errors_without_letters_are_punctuation():
    form = np.array([[["a", ".", "b"], [",", ".", "x"]]], dtype=object)
    truth = np.array(["a", "!", "c"], dtype=object)
    nothing = np.zeros(form.shape, dtype=bool)
    effect = steering.Effect((0, 4), np.arange(3), form != truth, nothing, nothing, form, truth)
    assert effect.without_letters().tolist() == [0.5, 2 / 3]
    assert effect.up_to(3).form.tolist() == [[["a", ".", "b"]]]


def test_the_panel_holds_what_the_model_says(one):
    from lcacore import figures

    data = steering.panel({("Made number", 1): one}, [0, 768], [1, 8], sentences=3)
    first = data["panels"][0]["sentences"][0]
    assert [first["words"][p] for p in first["places"]] == [w for w in first["words"] if w in LEMMA]
    assert np.shape(first["said"]) == (2, 2, 2, len(first["places"]))  # targets, β, k, words
    effect = one.effect("probeless", [0, 16], beta=8.0)
    n = len(first["places"])
    assert first["said"][1][1][1] == effect.form[1, 1, :n].tolist()
    assert first["said"][0][0][0] == first["said"][0][1][0]  # no neuron moved: β does nothing
    shown = figures.intervention_panel(data)
    assert " ".join(first["words"]) in shown.alt
    assert json.loads(re.search(r'type="application/json"[^>]*>(.*?)</script>', shown.body)[1]) == data
    with pytest.raises(ValueError, match="at least one sentence"):
        figures.intervention_panel({"panels": []})
