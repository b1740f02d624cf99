"""Profile `paper` is ready to run: every parameter set meets tiny models of the same architectures and tokenizer kinds,
saved under the papers' names, and files in the formats of the licensed corpora, in the folders that `paper.yaml` names."""

import re

import numpy as np
import pytest
import shapes

from lcacore import comparisons, describe, study
from lcacore.corpora import split_task_spec
from lcacore.models import load_model
from lcacore.pages import NotApplicable, all_pages, settings
from lcacore.store import project_root

ROOT = project_root()

# What the papers' models are, by their names on the hub
ARCHITECTURES = {
    "google-bert/bert-base-cased": "bert",
    "google-bert/bert-base-multilingual-cased": "bert",
    "google-bert/bert-base-german-cased": "bert",
    "FacebookAI/roberta-base": "roberta",
    "FacebookAI/xlm-roberta-base": "xlm-roberta",
    "xlnet/xlnet-base-cased": "xlnet",
    "flaubert/flaubert_base_cased": "flaubert",
    "dccuchile/bert-base-spanish-wwm-cased": "bert",
    "almanach/camembert-base": "xlm-roberta",  # a RoBERTa that reads SentencePiece, as XLM-R does
}
GLUE = ("mrpc", "qnli", "mnli", "rte", "sst2", "stsb")
ARCHITECTURES |= {f"{base}-{task}": kind for base, kind in (("bert-base-cased", "bert"), ("roberta-base", "roberta"), ("xlnet-base-cased", "xlnet")) for task in GLUE}
TASK = re.compile(r"(?!mini:)\w+:[^#\s]+#[\w+-]+")
CORPUS = re.compile(r"(?!mini:)(?:ud|ptb|pmb|ccgbank|conll2000|tsv|text):[^#\s]+")


def strings(value):
    """All strings among nested parameters, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (*strings(key), *strings(inner))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings(inner)


def parameter_sets():
    """Page → its parameters in profile paper."""
    found = {}
    for page in all_pages(ROOT):
        try:
            found[page.id] = settings(ROOT, page, "paper")
        except NotApplicable:
            continue
    return found


SETS = parameter_sets()


# --- tiny stand-ins --------------------------------------------------------------------------------

# form, Penn tag, universal tag, semantic tag, chunk, CCG category, head, relation, features
TOKENS = [
    ("The", "DT", "DET", "DEF", "B-NP", "NP[nb]/N", 3, "det", "Definite=Def"),
    ("old", "JJ", "ADJ", "IST", "I-NP", "N/N", 3, "amod", "Degree=Pos"),
    ("dogs", "NNS", "NOUN", "CON", "I-NP", "N", 4, "nsubj", "Gender=Fem|Number=Plur"),
    ("barked", "VBD", "VERB", "EPS", "B-VP", "S[dcl]\\NP", 0, "root", "Tense=Past"),
    ("unbelievably", "RB", "ADV", "IST", "B-ADVP", "(S\\NP)\\(S\\NP)", 4, "advmod", "_"),
    ("here", "RB", "ADV", "PRX", "B-ADVP", "(S\\NP)\\(S\\NP)", 4, "advmod", "PronType=Dem"),
    (".", ".", "PUNCT", "NIL", "O", ".", 4, "punct", "_"),
]
SECOND = [(*TOKENS[0][:8], "Definite=Def"), ("small", *TOKENS[1][1:]), ("garden", "NN", *TOKENS[2][2:8], "Gender=Masc|Number=Sing"), ("matters", "VBZ", *TOKENS[3][2:8], "Tense=Pres"), *TOKENS[4:]]
LEMMAS = {"dogs": "dog", "barked": "bark", "unbelievably": "unbelievable", "matters": "matter"}
SPLITS = {"train": 6, "dev": 3, "test": 3}


def sentences(split):
    return [(TOKENS, SECOND)[i % 2] for i in range(SPLITS[split])]


def as_conllu(split):
    rows = [[f"{i}\t{t[0]}\t{LEMMAS.get(t[0], t[0].lower())}\t{t[2]}\t{t[1]}\t{t[8]}\t{t[6]}\t{t[7]}\t_\t_" for i, t in enumerate(s, 1)] for s in sentences(split)]
    return "".join("\n".join(r) + "\n\n" for r in rows)


def as_conll2000(split):
    return "".join("".join(f"{t[0]} {t[1]} {t[4]}\n" for t in s) + "\n" for s in sentences(split))


def as_pmb(split):
    return "# made here\n" + "".join(f"# newdoc id = p{i:02d}/d0001\n" + "".join(f"{t[0]}\t{t[0].lower()}\t{t[3]}\t{t[5].lower()}\tO\t[]\n" for t in s) + "\n" for i, s in enumerate(sentences(split)))


def as_ptb(split):
    def leaf(t):
        return f"({t[1]} {t[0]})"

    return "".join(f"( (S (NP {' '.join(map(leaf, s[:3]))}) (VP {leaf(s[3])} (ADVP {leaf(s[4])}) (ADVP {leaf(s[5])})) {leaf(s[6])}) )\n" for s in sentences(split))


def as_ccgbank(split):
    def derivation(s):
        return "(<T S[dcl] 0 2> " + " ".join(f"(<L {t[5]} {t[1]} {t[1]} {t[0]} {t[5]}>)" for t in s) + " )"

    return "".join(f"ID=wsj_{i:04d}.1 PARSER=GOLD NUMPARSE=1\n{derivation(s)}\n" for i, s in enumerate(sentences(split)))


FILES = {  # kind → split → (name of its file in the released folder, content)
    "ud": {split: (f"xx-ud-{split}.conllu", as_conllu) for split in SPLITS},
    "pmb": {split: (f"{split}.conll", as_pmb) for split in SPLITS},
    "conll2000": {split: (f"{split}.txt", as_conll2000) for split in SPLITS},
    "ptb": {split: (f"{section}/wsj_{section}01.mrg", as_ptb) for split, section in zip(SPLITS, ("02", "22", "23"), strict=True)},
    "ccgbank": {split: (f"{section}/wsj_{section}01.auto", as_ccgbank) for split, section in zip(SPLITS, ("02", "00", "23"), strict=True)},
}


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """Folders under which every model and corpus of the parameter sets is found by its name."""
    base = tmp_path_factory.mktemp("paper")
    names = {text for values in SETS.values() for text in strings(values.get("models", {}).values() if isinstance(values.get("models"), dict) else [])}
    names |= {model for values in SETS.values() if isinstance(values.get("models"), dict) for model in values["models"].values()}
    for name in sorted(n for n in names if not n.startswith("mini:")):
        assert name in ARCHITECTURES, f"say in ARCHITECTURES what {name} is"
        shapes.build(ARCHITECTURES[name], base / "models" / name)
    for spec in sorted({match[0] for values in SETS.values() for text in strings(values) if (match := CORPUS.match(text))}):
        kind, name = spec.split(":", 1)
        for split, (file, write) in FILES[kind].items():
            path = base / "data" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(write(split), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LCACORE_MODELS", str(base / "models"))
        patch.setenv("LCACORE_DATA", str(base / "data"))
        patch.setenv("LCACORE_STORE", str(base / "store"))
        study._corpus.cache_clear()
        describe._about.cache_clear()
        yield base
    study._corpus.cache_clear()
    describe._about.cache_clear()


@pytest.mark.parametrize("page", SETS)
def test_every_task_of_every_page_is_read_and_labelled_by_every_model(papers, page):
    values = SETS[page]
    tasks = sorted({match[0] for text in strings(values) if (match := TASK.fullmatch(text))})
    models = [name for name in (values.get("models") or {}).values() if not name.startswith("mini:")]
    for task in tasks:
        layer = split_task_spec(task)[1]
        for model in models:
            one = study.Study(model=model, task=task)
            assert set(one.data) == set(SPLITS), f"{task} lacks a split that the page asks for"
            loaded, pairs = load_model(model), 2 if "+" in layer else 1
            assert one.n_neurons == pairs * (loaded.n_layers + 1) * loaded.width
            for part in one.data.values():
                assert len(part) and len(set(part.y.tolist())) > 1
                assert np.isfinite(np.asarray(part.X, dtype=np.float32)).all()


@pytest.mark.parametrize("page", [page for page in SETS if any(CORPUS.match(text) for text in strings(SETS[page]))])
def test_every_corpus_is_described(papers, page):
    specs = {match[0] for text in strings(SETS[page]) if (match := CORPUS.match(text))}
    for spec in specs:
        corpus = study._corpus(spec)
        assert {name: stop - start for name, (start, stop) in corpus.splits.items()} == SPLITS
    for values in [SETS[page].get("corpora")] if isinstance(SETS[page].get("corpora"), dict) else []:
        for spec, layers in values.items():
            for layer in layers if CORPUS.fullmatch(spec) else ():
                assert (study._corpus(spec).labels(layer) != "").any()


def test_flaubert_reads_word_by_word_what_its_sentence_reads(papers):
    """The one tokenizer that reports no word ids: its words' pieces, joined, are the sentence's."""
    from lcacore.alignment import encode_corpus

    model = load_model("flaubert/flaubert_base_cased")
    assert not model.tokenizer.is_fast
    words = [t[0] for t in TOKENS]
    (one,), skipped = encode_corpus(model, [words])
    ids = model.tokenizer.convert_tokens_to_ids(model.tokenizer.tokenize(" ".join(words)))
    assert not skipped
    assert one.input_ids[one.first[0] : one.last[-1] + 1].tolist() == ids


def test_a_page_of_the_profile_runs_to_its_table(papers):
    """The measurements behind table 2 of 2023, with the page's own parameters, on the tiny models."""
    values = SETS["durrani2023/table2"]
    studies = study.cross(values["models"], {"POS": values["tasks"]["POS"]}, sentences=values["sentences"], l1=1e-4, l2=1e-4, seeds=[0], **values.get("training", {}))
    tables = study.each(studies, "ablation", 0.2)
    assert set(tables) == {("POS", name) for name in values["models"]}
    for table in tables.values():
        assert list(table.columns) == ["All", "Top", "Random", "Bottom", "Magnitude"]
        assert ((table >= 0) & (table <= 100)).all().all()


def test_a_page_on_fine_tuning_finds_each_fine_tuned_model_beside_its_base(papers):
    values = SETS["durrani2023/table6"]
    tasks = {"POS": values["tasks"]["POS"]}
    studies = comparisons.tuned(values["models"], tasks, sentences=values["sentences"], l1=1e-4, l2=1e-4, seeds=[0], step=0.25, **values["training"])
    assert set(studies) == {("POS", model, tune) for model in ("BERT", "RoBERTa", "XLNet") for tune in ("Baseline", "MRPC", "QNLI", "MNLI", "RTE", "SST", "STS")}
    sizes = comparisons.sizes_before(studies)
    for tune in ("Baseline", "SST"):
        table = comparisons.top_bottom(studies["POS", "BERT", tune], sizes["POS", "BERT", tune])
        assert ((table >= 0) & (table <= 100)).all().all()


def test_a_page_on_languages_reads_each_with_its_own_model_and_with_the_multilingual_ones(papers):
    values = SETS["durrani2023/table7"]
    studies = comparisons.languages(values["models"], values["tasks"], sentences=values["sentences"], l1=1e-4, l2=1e-4, seeds=[0], **values["training"])
    read = {(language, model): one.model for (task, language, model), one in studies.items() if task == "POS"}
    assert read["French", "Monolingual"] == "flaubert/flaubert_base_cased" and read["German", "mBERT"] == read["French", "mBERT"]
    assert len(read) == 9
    one = studies["Dependency", "French", "Monolingual"]
    table = comparisons.kept(one, comparisons.portion(one, 15))
    assert list(table.columns) == ["All", "Top", "Random", "Bottom"]
    assert ((table >= 0) & (table <= 100)).all().all()
