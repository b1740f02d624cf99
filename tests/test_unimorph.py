"""UD's tags in UniMorph's terms, and the filters: what they keep, and what they count."""

import pytest

from lcacore.corpora import load_corpus
from lcacore.corpora.unimorph import ATTRIBUTES, attribute, attributes, unimorph
from lcacore.types import Corpus


@pytest.mark.parametrize(
    ("upos", "feats", "expected"),
    [
        ("NOUN", "Number=Plur", {"Part of Speech": "N", "Number": "PL"}),
        ("VERB", "Tense=Past|VerbForm=Part", {"Part of Speech": "V.PTCP", "Tense": "PST"}),
        ("AUX", "Mood=Ind|Person=3|Tense=Imp|VerbForm=Fin", {"Part of Speech": "V", "Mood": "IND", "Person": "3", "Aspect": "IPFV", "Finiteness": "FIN"}),
        ("ADJ", "Degree=Pos|Gender=Fem,Masc", {"Part of Speech": "ADJ"}),
        ("NOUN", "Case=Ine|Number[psor]=Sing|Person[psor]=1", {"Part of Speech": "N", "Case": "ESS+IN", "Possession": "PSS1S"}),
        ("DET", "Poss=Yes", {"Part of Speech": "DET"}),
        ("PUNCT", "", {}),
    ],
)
def test_words_whose_tags_are_known(upos, feats, expected):
    assert unimorph(upos, feats) == expected


def test_values_with_few_forms_in_any_split_are_left_out_and_counted():
    # train: SG a b c, PL d e, DU f; test: SG a b, PL d, DU f
    rows = [(("a", "b", "c", "d", "e", "f"), ("Sing", "Sing", "Sing", "Plur", "Plur", "Dual")), (("a", "b", "d", "f", "f"), ("Sing", "Sing", "Plur", "Dual", "Dual"))]
    corpus = Corpus(
        "hand", tuple(w for w, _ in rows),
        {"upos": tuple(("NOUN",) * len(w) for w, _ in rows), "feats": tuple(tuple(f"Number={v}" for v in values) for _, values in rows)},
        {"train": (0, 1), "test": (1, 2)},
    )  # fmt: skip
    found = attribute(corpus, "Number", 1)
    assert found.forms == {"SG": 2, "PL": 1, "DU": 1} and found.usable and not found.dropped
    found = attribute(corpus, "Number", 2)
    assert found.values == ("SG",) and not found.usable
    assert found.dropped == {"PL": 3, "DU": 3}
    assert found.labels.tolist() == ["SG", "SG", "SG", "", "", "", "SG", "SG", "", "", ""]


def test_english_has_the_attributes_that_it_marks():
    found = attributes(load_corpus("mini:en").head(train=1500, dev=800, test=800), min_forms=10)
    assert tuple(found) == ATTRIBUTES
    usable = {name for name, a in found.items() if a.usable}
    assert {"Number", "Tense", "Person", "Part of Speech"} <= usable
    assert not usable & {"Gender", "Definiteness", "Animacy"}, "in English only a handful of function words mark these"


def test_a_corpus_without_features_says_so():
    with pytest.raises(ValueError, match="feats"):
        attribute(Corpus("plain", (("a",),)), "Number")
