"""What corpora are like, as tables: sizes, labels, and how far a lookup table gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from . import grammar
from .corpora import load_corpus, split_task_spec
from .types import Corpus

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["corpora", "side_by_side", "tasks"]


@cache
def _about(spec: str) -> tuple[Corpus, dict]:
    corpus = load_corpus(spec)
    return corpus, grammar.statistics(corpus)


def tasks(specs: Mapping[str, str]) -> pd.DataFrame:
    """One row per task ("corpus#layer"): sentences of Train, Dev and Test, Tags, words, and per cent of test words that have
    their word's commonest train label (majority), the commonest label of all (commonest), or are not in train (unseen)."""
    import pandas as pd

    rows = {}
    for name, spec in specs.items():
        name_of_corpus, layer = split_task_spec(spec)
        corpus, about = _about(name_of_corpus)
        if layer not in about["labels"]:
            raise ValueError(f"task {spec!r}: the corpus has no layer {layer!r} with labels; it has {', '.join(about['labels'])}")
        sizes = {split.capitalize(): stop - start for split, (start, stop) in corpus.splits.items()}
        shares = {"majority": about["baselines"][layer], "commonest": about["majority"][layer], "unseen": about["unseen"]}
        rows[name] = sizes | {"Tags": about["labels"][layer], "words": about["tokens"]} | {k: 100 * v for k, v in shares.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def corpora(specs: Sequence[str]) -> pd.DataFrame:
    """One row per corpus: sentences, words, types, words per sentence, Zipf exponent, unseen test words in %, labels per layer."""
    import pandas as pd

    rows = {}
    for spec in specs:
        about = _about(spec)[1]
        rows[spec] = {
            "sentences": about["sentences"], "words": about["tokens"], "types": about["types"], "words a sentence": about["mean_length"],
            "Zipf": about["zipf_exponent"], "unseen %": 100 * about["unseen"],
        } | {layer: about["labels"][layer] for layer in ("xpos", "upos", "feats", "sem", "ccg", "deprel") if layer in about["labels"]}  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def side_by_side(specs: Sequence[str], n: int) -> pd.DataFrame:
    """The first `n` sentences of parallel corpora, a column each."""
    import pandas as pd

    return pd.DataFrame({spec: [" ".join(s) for s in _about(spec)[0].sentences[:n]] for spec in specs})
