"""The values that flow: frozen, keyed by content, and their slices consistent with each other."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcacore.types import Activations, Corpus, ProbeConfig, Ranking, count_of, fingerprint, read_only

CORPUS = Corpus(
    "toy",
    (("a", "b"), ("c",), ("d", "e", "f")),
    {"pos": (("X", ""), ("Y",), ("X", "Y", ""))},
    {"train": (0, 2), "test": (2, 3)},
    {"spec": "toy"},
)


def activations(n=6, layers=(0, 1), width=2, **changes):
    values = {
        "X": np.arange(n * len(layers) * width, dtype=np.float32).reshape(n, -1),
        "words": np.array(list("abcdef")[:n], dtype=object),
        "sentence_ids": np.array([0, 0, 1, 2, 2, 2])[:n],
        "token_ids": np.arange(n),
        "layers": layers,
        "width": width,
        "n_tokens": 6,
        "splits": {"train": (0, 3), "test": (3, n)},
        "key": "k",
    }
    return Activations(**(values | changes))


# --- keys ------------------------------------------------------------------------------------------

def test_fingerprint_is_of_the_content():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint([1, 2]) == fingerprint((1, 2)) == fingerprint([np.int64(1), 2])
    assert fingerprint(ProbeConfig()) == fingerprint(ProbeConfig()) != fingerprint(ProbeConfig(l1=0.1))
    a = np.arange(6).reshape(2, 3)
    different = [a, a.T, a.reshape(3, 2), a.astype(np.int32), a + 1, np.array(["0", "1"], dtype=object), 1, 1.0, "1", None, True]
    assert len({fingerprint(x) for x in different}) == len(different)
    assert fingerprint(a[:, ::2]) == fingerprint(a[:, ::2].copy()), "the layout in memory is not content"
    with pytest.raises(TypeError, match="no content key for a set"):
        fingerprint({1, 2})


def test_fingerprint_is_the_same_in_every_process_and_version():
    assert fingerprint([]) == "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"


def test_read_only_is_a_view():
    a = np.zeros(3)
    view = read_only(a)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1
    a[0] = 5
    assert view[0] == 5 and a.flags.writeable


# --- corpus ----------------------------------------------------------------------------------------

def test_corpus_words_labels_and_splits():
    assert CORPUS.n_tokens == 6 and list(CORPUS.words) == list("abcdef") and list(CORPUS.sentence_ids) == [0, 0, 1, 2, 2, 2]
    assert list(CORPUS.labels("pos")) == ["X", "", "Y", "X", "Y", ""]
    test = CORPUS.split("test")
    assert test.sentences == (("d", "e", "f"),) and dict(test.splits) == {"test": (0, 1)} and list(test.labels("pos")) == ["X", "Y", ""]
    head = CORPUS.head(train=1, test=5)
    assert head.sentences == (("a", "b"), ("d", "e", "f")) and dict(head.splits) == {"train": (0, 1), "test": (1, 2)}
    assert dict(Corpus("x", (("a",),)).splits) == {"all": (0, 1)}


def test_text_key_is_of_the_words_alone():
    assert dataclasses.replace(CORPUS, name="other", annotations={}, splits={}).text_key == CORPUS.text_key
    assert Corpus("x", (("a", "b", "c"), ("d", "e", "f"))).text_key != CORPUS.text_key, "the same words in other sentences"


def test_a_corpus_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CORPUS.name = "x"
    with pytest.raises(TypeError):
        CORPUS.annotations["pos"] = ()
    with pytest.raises(TypeError):
        CORPUS.splits["train"] = (0, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Corpus("x", ()), "'x' has no sentence"),
        (lambda: Corpus("x", (("a",),), {"pos": ()}), "layer 'pos': 0 annotated sentences for 1"),
        (lambda: Corpus("x", (("a", "b"),), {"pos": (("N",),)}), "layer 'pos', sentence 0: 1 labels for 2 words"),
        (lambda: CORPUS.labels("ner"), "no layer 'ner'; it has pos"),
        (lambda: CORPUS.split("dev"), "no split 'dev'; it has train, test"),
        (lambda: CORPUS.head(dev=1), "no split 'dev'"),
    ],
)
def test_corpus_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# --- activations -----------------------------------------------------------------------------------

def test_layer_of():
    a = activations(layers=(0, 3), width=2)
    assert [a.layer_of(i) for i in range(4)] == [0, 0, 3, 3] and list(a.layer_of(np.array([3, 0]))) == [3, 0]
    pair = activations(X=np.zeros((6, 8)), layers=(0, 3), parts=("modifier", "head"))
    assert list(pair.layer_of(np.arange(8))) == [0, 0, 3, 3] * 2


def test_labels_fall_to_their_words_when_sentences_were_skipped():
    a = activations(n=3, token_ids=np.array([2, 3, 5]), sentence_ids=np.array([1, 2, 2]), splits={"all": (0, 3)})
    assert list(a.with_labels(list("uvwxyz")).y) == ["w", "x", "z"]
    assert list(a.with_labels(["1", "2", "3"]).y) == ["1", "2", "3"]
    with pytest.raises(ValueError, match=r"4 labels for 3 rows \(6 words in the corpus\)"):
        a.with_labels(list("abcd"))


def test_labelled_rows_and_their_splits():
    a = activations().with_labels(["X", "", "Y", "", "Y", "X"])
    kept = a.labelled()
    assert list(kept.y) == ["X", "Y", "Y", "X"] and list(kept.token_ids) == [0, 2, 4, 5] and dict(kept.splits) == {"train": (0, 2), "test": (2, 4)}
    np.testing.assert_array_equal(kept.X, a.X[[0, 2, 4, 5]])
    assert kept.key not in ("", a.key) and a.with_labels(["X"] * 6).labelled().key == a.key
    with pytest.raises(ValueError, match="carry no labels"):
        activations().labelled()


@given(st.lists(st.booleans(), min_size=6, max_size=6).filter(any))
def test_a_split_of_rows_is_the_rows_of_a_split(mask):
    a, mask = activations(), np.array(mask)
    for name, part in (("train", slice(0, 3)), ("test", slice(3, 6))):
        np.testing.assert_array_equal(a.rows(mask).split(name).X, a.split(name).X[mask[part]])


def test_activations_are_read_only_and_a_split_is_a_view():
    X = np.zeros((6, 4), dtype=np.float16)
    a = activations(X=X)
    with pytest.raises(ValueError, match="read-only"):
        a.X[0, 0] = 1
    assert np.shares_memory(a.split("test").X, X) and X.flags.writeable
    assert a.split("test").key != a.split("train").key


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"X": np.zeros((6, 5))}, r"5 columns; wanted 1 part\(s\) x 2 layers x 2 neurons"),
        ({"words": np.array(["a"], dtype=object)}, "6 rows but 1 words"),
        ({"y": np.array(["a"], dtype=object)}, "6 rows but 1 y"),
    ],
)
def test_activation_errors(changes, message):
    with pytest.raises(ValueError, match=message):
        activations(**changes)
    with pytest.raises(ValueError, match="no split 'dev'"):
        activations().split("dev")


# --- rankings --------------------------------------------------------------------------------------

@given(st.permutations(range(7)), st.integers(0, 7))
def test_reversing_twice_is_the_same_and_tops_nest(order, n):
    ranking = Ranking(np.array(order), np.linspace(1, 0, 7), {"N": np.array(order)}, {"N": np.arange(7.0)}, n_informative=4)
    back = ranking.reversed()
    np.testing.assert_array_equal(back.order, ranking.order[::-1])
    np.testing.assert_array_equal(back.reversed().order, ranking.order)
    np.testing.assert_array_equal(back.scores, -ranking.scores)
    np.testing.assert_array_equal(back.per_class["N"], np.array(order)[::-1])
    assert back.n_informative == 4
    assert set(ranking.top(n)) <= set(ranking.top(min(7, n + 1))) and len(ranking.top(n)) == n
    assert set(ranking.top(n)).isdisjoint(back.top(7 - n))


@pytest.mark.parametrize(("n", "d", "count"), [(0.2, 10, 2), (0.21, 10, 3), (0.07, 100, 7), (1.0, 3, 3), (0.0, 3, 0), (1, 3, 1), (np.int64(2), 3, 2), (1e-6, 3, 1)])
def test_counts_and_fractions(n, d, count):
    assert count_of(n, d) == count


def test_ranking_errors():
    for n in (-1, 11, 1.5, -0.1, True, "3", float("nan")):
        with pytest.raises(ValueError, match="asked for"):
            count_of(n, 10)
    with pytest.raises(ValueError, match="no permutation of 0 … 2"):
        Ranking(np.array([0, 0, 1]), np.zeros(3))
    with pytest.raises(ValueError, match="2 scores for 3 neurons"):
        Ranking(np.array([0, 2, 1]), np.zeros(2))
    with pytest.raises(ValueError, match="read-only"):
        Ranking(np.array([0, 2, 1]), np.zeros(3)).order[0] = 1
