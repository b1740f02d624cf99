"""Corpora: each format read from a tiny file of its own, errors that name file, line and reason, real treebanks where they are."""

import importlib.util
import os
import re
from pathlib import Path

import conllu
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcacore.corpora import load_corpus, load_task, split_task_spec, write_conllu
from lcacore.corpora.layers import position, suffix
from lcacore.types import Corpus

real = pytest.mark.skipif(not os.environ.get("LCACORE_DATA"), reason="LCACORE_DATA is not set: no real corpora here")

CONLLU = """\
# sent_id = 1
# text = I don't see him .
1\tI\tI\tPRON\tPRP\tCase=Nom|Number=Sing\t4\tnsubj\t_\t_
2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdo\tdo\tAUX\tVBP\tTense=Pres\t4\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t4\tadvmod\t_\t_
4\tsee\tsee\tVERB\tVB\tVerbForm=Inf\t0\troot\t_\tSpaceAfter=No
4.1\tghost\tghost\tVERB\tVB\t_\t_\t_\t0:root\t_
5\thim\the\tPRON\tPRP\tCase=Acc|Number=Sing\t4\tobj\t_\t_

1\tDogs\tdog\tNOUN\tNNS\tNumber=Plur\t2\tnsubj\t_\t_
2\tbark\tbark\tVERB\tVBP\t_\t0\troot\t_\t_
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def rows(corpus: Corpus, layer: str) -> list[list[str]]:
    return [list(row) for row in corpus.annotations[layer]]


# --- CoNLL-U ---------------------------------------------------------------------------------------

def test_conllu_layers(tmp_path):
    corpus = load_corpus(f"ud:{write(tmp_path, a_dot_conllu=CONLLU) / 'a.conllu'}")
    assert corpus.sentences == (("I", "do", "n't", "see", "him"), ("Dogs", "bark"))  # no range, no empty node
    assert rows(corpus, "upos") == [["PRON", "AUX", "PART", "VERB", "PRON"], ["NOUN", "VERB"]]
    assert rows(corpus, "head") == [["4", "4", "4", "0", "4"], ["2", "0"]]
    assert rows(corpus, "Number") == [["Sing", "", "", "", "Sing"], ["Plur", ""]]
    assert rows(corpus, "Tense") == [["", "Pres", "", "", ""], ["", ""]]
    assert rows(corpus, "feats")[0][0] == "Case=Nom|Number=Sing"
    assert dict(corpus.splits) == {"all": (0, 2)}
    assert corpus.source["spec"] == corpus.name and re.fullmatch("[0-9a-f]{32}", corpus.source["blake2b a.conllu"])


def test_splits_are_contiguous_and_in_order(tmp_path):
    one = "1\t{}\t_\t_\t_\t_\t_\t_\t_\t_\n"
    write(tmp_path, **{f"en_x-ud-{s}_dot_conllu": one.format(s) * 1 for s in ("test", "dev", "train")}, README_dot_txt="x", stats_dot_xml="x")
    corpus = load_corpus(f"ud:{tmp_path}")
    assert dict(corpus.splits) == {"train": (0, 1), "dev": (1, 2), "test": (2, 3)}
    assert [corpus.split(s).sentences for s in corpus.splits] == [(("train",),), (("dev",),), (("test",),)]
    assert "upos" not in corpus.annotations, "a column that is empty everywhere is no layer"


def test_a_file_of_no_split_is_an_error_and_unnamed_files_are_one(tmp_path):
    one = "a\tb\n"
    write(tmp_path, train_dot_tsv=one, extra_dot_tsv=one)
    with pytest.raises(ValueError, match=r"of which split is extra\.tsv"):
        load_corpus(f"tsv:{tmp_path}")
    (tmp_path / "train.tsv").rename(tmp_path / "other.tsv")
    assert dict(load_corpus(f"tsv:{tmp_path}").splits) == {"all": (0, 2)}


def test_conllu_round_trip(tmp_path):
    first = load_corpus(f"ud:{write(tmp_path, a_dot_conllu=CONLLU) / 'a.conllu'}")
    text = write_conllu(first)
    by_library = conllu.parse(text)
    assert [[t["form"] for t in s] for s in by_library] == [list(s) for s in first.sentences]
    assert [[t["head"] for t in s] for s in by_library] == [[int(h) for h in row] for row in rows(first, "head")]
    assert by_library[0][0]["feats"] == {"Case": "Nom", "Number": "Sing"}
    (tmp_path / "b.conllu").write_text(text)
    again = load_corpus(f"ud:{tmp_path / 'b.conllu'}")
    assert again.sentences == first.sentences and dict(again.annotations) == dict(first.annotations)


def test_conllu_features_come_from_their_layers_when_there_is_no_feats():
    corpus = Corpus("x", (("cats", "run"),), {"Number": (("Plur", ""),), "Case": (("Nom", ""),), "sem": (("CON", "NOW"),)})
    (sentence,) = conllu.parse(write_conllu(corpus))
    assert [t["feats"] for t in sentence] == [{"Case": "Nom", "Number": "Plur"}, None]
    with pytest.raises(ValueError, match="tab or line break"):
        write_conllu(Corpus("x", (("a\tb",),)))


WORD = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=6)


@given(st.lists(st.lists(st.tuples(WORD, st.sampled_from(["NOUN", "VERB", ""])), min_size=1, max_size=5), min_size=1, max_size=4))
def test_any_corpus_round_trips(tmp_path_factory, sentences):
    corpus = Corpus("x", tuple(tuple(w for w, _ in s) for s in sentences), {"upos": tuple(tuple(t for _, t in s) for s in sentences)})
    path = tmp_path_factory.mktemp("round") / "x.conllu"
    path.write_text(write_conllu(corpus), encoding="utf-8")
    again = load_corpus(f"ud:{path}")
    assert again.sentences == corpus.sentences
    assert list(again.labels("upos") if "upos" in again.annotations else np.full(corpus.n_tokens, "")) == list(corpus.labels("upos"))


ROW = "{}\tw\t_\t_\t_\t{}\t{}\tdep\t_\t_\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (ROW.format(1, "_", 0) + "2\tw\tNOUN\n", 2, "3 tab-separated column"),
        (ROW.format(1, "_", 0) + ROW.format(3, "_", 1), 2, "word ID '3' where 2 was due"),
        (ROW.format(1, "_", 2), 1, "head '2' is out of range"),
        (ROW.format(1, "_", "x"), 1, "head 'x' is out of range"),
        (ROW.format(1, "_", 1), 1, "its own head"),
        (ROW.format(1, "Number", 0), 1, "feature 'Number'"),
        ("# only a comment\n\n" + ROW.format(1, "_", 0), 1, "without a word"),
        ("1\t\t_\t_\t_\t_\t0\troot\t_\t_\n", 1, "form is empty"),
        ("", None, "empty"),
        ("\n\n", None, "no sentence"),
    ],
)
def test_malformed_conllu(tmp_path, text, line, reason):
    path = write(tmp_path, bad_dot_conllu=text) / "bad.conllu"
    with pytest.raises(ValueError, match=re.escape(f"{path}, line {line}: " if line else f"{path}: ") + ".*" + re.escape(reason)):
        load_corpus(f"ud:{path}")


@pytest.mark.parametrize("kind", ["ud", "conll2000", "pmb", "ptb", "ccgbank", "tsv", "tagged", "text"])
def test_every_reader_names_what_is_not_utf8_or_missing(tmp_path, kind):
    path = tmp_path / "latin"
    path.write_bytes(b"# ID=\ncaf\xe9\n")
    with pytest.raises(ValueError, match=re.escape(str(path)) + ", line [12]: .*"):
        load_corpus(f"{kind}:{path}")
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="the file is empty"):
        load_corpus(f"{kind}:{path}")
    with pytest.raises(FileNotFoundError, match="no-such-corpus"):
        load_corpus(f"{kind}:no-such-corpus")
    (tmp_path / "bare").mkdir()
    with pytest.raises(ValueError, match="no file ending in"):
        load_corpus(f"{kind}:{tmp_path / 'bare'}")


@pytest.mark.parametrize("spec", ["", "ud", "ud:", "xyz:a", "mini:", "/tmp/x.conllu"])
def test_unknown_specs(spec):
    with pytest.raises(ValueError, match="wanted kind:name"):
        load_corpus(spec)


# --- columns ---------------------------------------------------------------------------------------

def test_conll2000(tmp_path):
    write(tmp_path, train_dot_txt="He PRP B-NP\nreckons VBZ B-VP\n. . O\n\nNo DT B-NP\n", test_dot_txt="Yes UH O\n")
    corpus = load_corpus(f"conll2000:{tmp_path}")
    assert corpus.sentences == (("He", "reckons", "."), ("No",), ("Yes",))
    assert rows(corpus, "chunk") == [["B-NP", "B-VP", "O"], ["B-NP"], ["O"]]
    assert rows(corpus, "xpos")[0] == ["PRP", "VBZ", "."]
    write(tmp_path, train_dot_txt="He PRP B-NP\nreckons VBZ\n")
    with pytest.raises(ValueError, match=r"train\.txt, line 2: 2 blank-separated column"):
        load_corpus(f"conll2000:{tmp_path}")
    write(tmp_path, train_dot_txt="He PRP NP\n")
    with pytest.raises(ValueError, match=r"train\.txt, line 1: chunk label 'NP'"):
        load_corpus(f"conll2000:{tmp_path}")


PMB = "### made by\n# newdoc id = p00/d0004\n# raw sent = A dog\n{}A\tA\ta\tDIS\tnp/n\tO\t[]\n{}mother~tongue\tmother~tongue\tmother~tongue\tCON\tn\tmother_tongue.n.01\t[]\n{}ø\tø\tø\tNIL\t.\tO\t[]\n"


def test_pmb(tmp_path):
    text = PMB.format("", "", "")
    write(tmp_path, train_dot_conll=text, dev_dot_conll=text, eval_dot_conll=text, test_dot_conll=text)
    corpus = load_corpus(f"pmb:{tmp_path}")
    assert list(corpus.splits) == ["train", "dev", "test", "eval"]
    assert corpus.sentences[0] == ("A", "mother tongue")
    assert rows(corpus, "sem")[0] == ["DIS", "CON"] and rows(corpus, "ccg")[0] == ["np/n", "n"] and rows(corpus, "sense")[0][0] == "O"
    write(tmp_path, train_dot_conll="# x\n\nA\tB\n")
    with pytest.raises(ValueError, match=r"train\.conll, line 3: 2 tab-separated"):
        load_corpus(f"pmb:{tmp_path}")


def test_tsv(tmp_path):
    def read(text):
        (tmp_path / "a.tsv").write_text(text)
        return load_corpus(f"tsv:{tmp_path / 'a.tsv'}")

    assert rows(read("the\tDT\ncat\tNN\n\nruns\t\n"), "label") == [["DT", "NN"], [""]]
    assert {"label1", "label2"} <= set(read("the\tDT\tx\n").annotations)
    named = read("word\tpos\tsense\n\nthe\tDT\t\ncat\tNN\tanimal\n")
    assert named.sentences == (("the", "cat"),) and rows(named, "sense") == [["", "animal"]]
    for text, message in [
        ("the\tDT\ncat\n", "line 2: 1 tab-separated"),
        ("the\n", "line 1: one tab-separated column"),
        ("the\tDT\n\tNN\n", "line 2: the word is empty"),
        ("word\tpos\tpos\nthe\tDT\tDT\n", "line 1: the header"),
        ("word\tpos\n", "no sentence"),
    ]:
        with pytest.raises(ValueError, match=message):
            read(text)


def test_tagged(tmp_path):
    write(tmp_path, spoken__Fastest_Reader_dot_txt="Oh_UH that_DT 's_VBZ good_NN ._.\n\nsnake_case_NN yes\n")
    corpus = load_corpus(f"tagged:{tmp_path}")
    assert corpus.sentences == (("Oh", "that", "'s", "good", "."), ("snake_case", "yes")) and list(corpus.splits) == ["all"]
    assert rows(corpus, "xpos") == [["UH", "DT", "VBZ", "NN", "."], ["NN", ""]]
    with pytest.raises(ValueError, match="no word has a tag"):
        load_corpus(f"tagged:{write(tmp_path, plain_dot_txt='no tags here') / 'plain.txt'}")


# --- trees -----------------------------------------------------------------------------------------

TREE = """( (S
    (NP-SBJ-1 (PRP He) )
    (VP (VBZ wants)
      (S (NP-SBJ (-NONE- *-1) )
        (VP (TO to)
          (VP (VB see)
            (NP (NP (NNP Kim) (POS 's)) (JJ old) (NN house))
            (PP-LOC (IN in) (NP (NNP Rome) (-LRB- -LRB-) (NN map\\/plan) (-RRB- -RRB-)))))))
    (. .) ))
"""


def test_ptb(tmp_path):
    corpus = load_corpus(f"ptb:{write(tmp_path, a_dot_mrg=TREE) / 'a.mrg'}")
    assert corpus.sentences == (tuple("He wants to see Kim 's old house in Rome ( map/plan ) .".split()),)
    assert rows(corpus, "xpos") == ["PRP VBZ TO VB NNP POS JJ NN IN NNP -LRB- NN -RRB- .".split()]
    assert rows(corpus, "chunk")[0][:10] == "B-NP B-VP I-VP I-VP B-NP B-NP I-NP I-NP B-PP B-NP".split()


@pytest.mark.parametrize(
    ("tree", "chunks"),
    [
        ("(S (NP (DT the) (ADJP (RB very) (JJ old)) (NN cat)) (VP (MD will) (ADVP (RB soon)) (VP (VB sleep))))", "B-NP I-NP I-NP I-NP B-VP I-VP I-VP"),
        ("(S (NP (NP (NNS cats)) (CC and) (NP (NNS dogs))) (VP (VBP bark)))", "B-NP O B-NP B-VP"),
        ("(S (NP (NNS cats) (CC and) (NNS dogs)) (VP (VBP bark) (ADVP (RB loudly))))", "B-NP I-NP I-NP B-VP B-ADVP"),
        ("(S (NP (PRP I)) (VP (VBP know) (SBAR (IN that) (S (NP (PRP you)) (VP (VBP do) (RB n't))))))", "B-NP B-VP B-SBAR B-NP B-VP I-VP"),
        ("(S (NP (PRP I)) (VP (VBD ran) (CC and) (VBD fell)))", "B-NP B-VP O B-VP"),
        ("(S (NP (PRP I)) (VP (VP (VBD ran)) (CC and) (VP (VBD fell) (PRT (RP down)))))", "B-NP B-VP O B-VP B-PRT"),
        ("(S (NP (NP (DT the) (NN end)) (PP (IN of) (NP (NN day)))) (VP (VBZ is) (ADJP (JJ near))) (. .))", "B-NP I-NP B-PP B-NP B-VP B-ADJP O"),
        ("(SBARQ (WHNP (WP who)) (SQ (VBZ is) (NP (PRP it))) (. ?))", "B-NP B-VP B-NP O"),
    ],
)
def test_chunks_from_constituents(tmp_path, tree, chunks):
    corpus = load_corpus(f"ptb:{write(tmp_path, a_dot_ptb=tree) / 'a.ptb'}")
    assert rows(corpus, "chunk")[0] == chunks.split()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("(S (NP (NN a))\n", 1, "never closed"),
        ("(S (NN a)))\n", 1, "outside any tree"),
        ("(S (NN a))\n(S (NN\n))\n", 3, "an empty constituent"),
        ("(S (NN a b))\n", 1, "'b' stands where"),
        ("(S (-NONE- *))\n", 1, "without a word"),
        ("hello\n", 1, "outside any tree"),
    ],
)
def test_malformed_trees(tmp_path, text, line, reason):
    path = write(tmp_path, a_dot_ptb=text) / "a.ptb"
    with pytest.raises(ValueError, match=re.escape(f"{path}, line {line}: ") + ".*" + re.escape(reason)):
        load_corpus(f"ptb:{path}")


def test_sections_and_document_lists_give_splits(tmp_path):
    tree = "(S (NN {}))"
    write(tmp_path, **{f"wsj__{s}__wsj_{s}01_dot_mrg": tree.format("x" + s) for s in ("01", "02", "21", "22", "23", "24")})
    corpus = load_corpus(f"ptb:{tmp_path / 'wsj'}")
    assert {s: [w[0] for w in corpus.split(s).sentences] for s in corpus.splits} == {"train": ["x02", "x21"], "dev": ["x22"], "test": ["x23"]}
    write(tmp_path, gum__const__A_dot_ptb=tree.format("a"), gum__const__B_dot_ptb=tree.format("b"), gum__splits_dot_md="## dev\n\n  * B\n\n## train\n\n  * A\n")
    corpus = load_corpus(f"ptb:{tmp_path / 'gum' / 'const'}")
    assert corpus.split("dev").sentences == (("b",),) and corpus.split("train").sentences == (("a",),)


AUTO = """ID=wsj_0001.1 PARSER=GOLD NUMPARSE=1
(<T S[dcl] 0 2> (<T S[dcl] 1 2> (<L NP NNP NNP Kim NP>) (<L S[dcl]\\NP VBZ VBZ sleeps S[dcl]\\NP_1>) ) (<L . . . . .>) )
"""


def test_ccgbank(tmp_path):
    path = write(tmp_path, a_dot_auto=AUTO) / "a.auto"
    corpus = load_corpus(f"ccgbank:{path}")
    assert corpus.sentences == (("Kim", "sleeps", "."),)
    assert rows(corpus, "ccg") == [["NP", "S[dcl]\\NP", "."]] and rows(corpus, "xpos") == [["NNP", "VBZ", "."]]
    for text, message in [
        (AUTO.replace(".>) )", ".>)"), "line 2: unbalanced brackets: 1 never closed"),
        (AUTO.replace(" Kim NP>", ">"), "line 2: .*is neither"),
        (AUTO.split("\n")[1], "line 1: a derivation without its ID"),
    ]:
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            load_corpus(f"ccgbank:{path}")


# --- layers and tasks ------------------------------------------------------------------------------

@given(st.integers(1, 60))
def test_position_thirds_are_ordered_and_even(n):
    labels = position(n)
    assert list(labels) == sorted(labels, key=("begin", "middle", "end").index)
    sizes = [labels.count(k) for k in ("begin", "middle", "end")]
    assert sum(sizes) == n and sizes[0] == sizes[2] and abs(sizes[1] - sizes[0]) <= 1 + (n % 3 == 2)


@pytest.mark.parametrize(
    ("word", "lemma", "label"),
    [("meets", "meet", "s"), ("making", "make", "ing"), ("stopped", "stop", "ed"), ("tries", "try", "es"), ("thing", "thing", ""),
     ("bus", "bus", ""), ("his", "he", ""), ("went", "go", ""), ("kindness", "", "ness"), ("nation", "nation", ""), ("goes", "go", "es"),
     ("Organization", "organization", "ization"), ("3rd", "3rd", "")],
)  # fmt: skip
def test_suffix(word, lemma, label):
    assert suffix(word, lemma) == label


def test_tasks(tmp_path):
    assert split_task_spec("ud:UD_English-EWT#xpos") == ("ud:UD_English-EWT", "xpos")
    for spec in ("ud:x", "#xpos", "ud:x#"):
        with pytest.raises(ValueError, match="corpus#layer"):
            split_task_spec(spec)
    path = write(tmp_path, a_dot_conllu=CONLLU) / "a.conllu"
    corpus, layer = load_task(f"ud:{path}#upos")
    assert list(corpus.labels(layer))[:2] == ["PRON", "AUX"]
    with pytest.raises(ValueError, match=r"no layer .chunk.; it has .*upos"):
        load_task(f"ud:{path}#chunk")


# --- real data -------------------------------------------------------------------------------------

@real
def test_ewt_against_the_conllu_library():
    corpus = load_corpus("ud:UD_English-EWT")
    assert {k: b - a for k, (a, b) in corpus.splits.items()} == {"train": 12544, "dev": 2001, "test": 2077}
    assert {"upos", "xpos", "lemma", "head", "deprel", "Number", "Tense", "position", "suffix"} <= set(corpus.annotations)
    (file,) = Path(os.environ["LCACORE_DATA"]).glob("ud/UD_English-EWT/*-dev.conllu")
    dev = corpus.split("dev")
    for i, sentence in enumerate(conllu.parse(file.read_text(encoding="utf-8"))):
        tokens = [t for t in sentence if isinstance(t["id"], int)]
        assert [t["form"] for t in tokens] == list(dev.sentences[i])
        assert [t["head"] for t in tokens] == [int(h) for h in dev.annotations["head"][i]]
        assert [(t["feats"] or {}).get("Number", "") for t in tokens] == list(dev.annotations["Number"][i])


@real
def test_pmb_and_gum():
    bank = load_corpus("pmb:4.0.0/en/gold")
    assert list(bank.splits) == ["train", "dev", "test", "eval"]
    assert bank.split("train").n_tokens == 50408 and {"sem", "ccg"} <= set(bank.annotations)
    gum = load_corpus("ptb:gum/const")
    assert list(gum.splits) == ["train", "dev", "test"]
    chunk = gum.labels("chunk")
    assert {"B-NP", "I-NP", "B-VP", "I-VP", "B-PP", "B-ADVP", "B-SBAR", "B-ADJP", "B-PRT", "O"} <= set(chunk)
    before = "O"
    for label in chunk:
        assert label[:2] != "I-" or before[2:] == label[2:], "an I- continues a chunk of its own type"
        before = label


@pytest.mark.skipif(importlib.util.find_spec("lcacore.grammar") is None, reason="the miniature grammar is not here yet")
def test_mini():
    corpus = load_corpus("mini:en")
    assert {"train", "dev", "test"} <= set(corpus.splits) and "position" in corpus.annotations


def test_wikitext_is_cut_into_sentences_and_loses_its_headings(tmp_path):
    (tmp_path / "valid.txt").write_text(" \n = A title = \n\n One fish . Two fish , J. = too ! Who\n = = Part = = \n ? \n", encoding="utf-8")
    (tmp_path / "test.txt").write_text(" Blue = fish = \n", encoding="utf-8")
    corpus = load_corpus(f"wikitext:{tmp_path}")
    assert [" ".join(s) for s in corpus.sentences] == ["One fish .", "Two fish , J. = too !", "Who", "?", "Blue = fish ="]
    assert corpus.splits == {"dev": (0, 4), "test": (4, 5)}
