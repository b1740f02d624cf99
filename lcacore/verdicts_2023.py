"""Claims of Durrani 2023 that look at many cells, compare models, models before and after fine-tuning, or languages: their criteria, stated once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .comparisons import distances, shares
from .localisation import rank_correlation
from .summaries import layers as layer_shares
from .summaries import listed
from .verdicts import needs

__all__ = ["even_and_embeddings", "labels_of_languages", "layers_of_languages", "layers_tuned", "minimal_sets", "tables_of_languages", "top_bottom_tuned", "words_and_heads"]

_MOVED = ("RoBERTa", "XLNet")  # the models that fine-tuning changes, in the paper


def _needs_tuned(*wanted: str) -> str:
    return f"{needs(*wanted)}, before and after fine-tuning"


def minimal_sets(report, sizes: Mapping[tuple[str, str], pd.DataFrame], tables: Mapping[tuple[str, str], pd.DataFrame]) -> None:
    """Table 3.

    sizes   (task, model) → percent, the share of all neurons in the minimal set
    tables  (task, model) → Acc_a, Acc_t, Probeless, Sel_a, Sel_t, on test
    """
    limit = {"POS": 5, "SEM": 5, "Chunking": 10, "CCG": 15, "Dependency": 15}
    size = {key: table["percent"].mean() for key, table in sizes.items()}
    cells = {"/".join(key): table.mean() for key, table in tables.items()}
    lexical, chunking, deep = ([v for (task, _), v in size.items() if task in group] for group in (("POS", "SEM"), ("Chunking",), ("CCG", "Dependency")))
    said = "size of the minimal set: " + listed({"/".join(k): v for k, v in size.items()}, "%")
    report.claim("few_suffice", all(v <= limit[task] for (task, _), v in size.items() if task in limit), said)
    report.claim("lexical_fewer", max(lexical) < min(chunking) if chunking and lexical else None, said if chunking and lexical else "needs chunking and a lexical task")
    less = chunking or lexical
    report.claim("complex_syntax_more", min(deep) > max(less) if deep and less else None, said + ("" if chunking else "; set beside the lexical tasks, for want of chunking"))
    loss, gain, lead = ({k: m[a] - m[b] for k, m in cells.items()} for a, b in (("Acc_a", "Acc_t"), ("Sel_t", "Sel_a"), ("Acc_t", "Probeless")))
    report.claim("no_loss", max(loss.values()) < 1, "loss on test: " + listed(loss, " points"))
    report.claim("selective", min(gain.values()) > 0, "Sel_t minus Sel_a: " + listed(gain, " points"))
    rest, pos = ({k: v for k, v in lead.items() if k.split("/")[0] in group} for group in (("SEM", "Chunking"), ("POS",)))
    said = "LCA minus Probeless: "
    report.claim("lca_beats_probeless", min(rest.values()) > 0 if rest else None, said + listed(rest, " points") if rest else "needs semantic tags or chunking")
    report.claim("probeless_similar_pos", max(map(abs, pos.values())) < 1 if pos else None, said + listed(pos, " points") if pos else "needs parts of speech")


def even_and_embeddings(report, layers: Mapping[tuple[str, str], pd.DataFrame], stands_for: Mapping) -> None:
    """Figure 6's claims on BERT beside XLNet. layers: (task, model) → neurons per layer, seeds × layers."""
    names = {model: stands_for.get(model, model) for _, model in layers}
    even = {names[m]: float(np.mean([layer_shares(t)["evenness"].mean() for (_, model), t in layers.items() if model == m])) for m in names}
    both = {"BERT", "XLNet"} <= set(even)
    report.claim("bert_even", even["BERT"] > even["XLNet"] if both else None, "evenness: " + listed(even, "%") if both else needs("BERT", "XLNet"))
    first = {"/".join(k): 100 * t.mean().iloc[0] / t.mean().sum() for k, t in layers.items() if names[k[1]] == "XLNet"}
    level = {"/".join(k): 100 / t.shape[1] for k, t in layers.items()}
    report.claim("xlnet_skips_embeddings", all(v < level[k] for k, v in first.items()) if first else None, "share of the embedding layer: " + listed(first, "%") if first else needs("XLNet"))


def top_bottom_tuned(report, found: Mapping[tuple[str, str, str], pd.DataFrame]) -> None:
    """Table 6. found: (task, the paper's model, fine-tune or "Baseline") → table of t and b (`comparisons.top_bottom`)."""
    mean = {key: table.mean() for key, table in found.items()}
    change = {key: m - mean[key[0], key[1], "Baseline"] for key, m in mean.items() if key[2] != "Baseline"}
    moved = {key: c for key, c in change.items() if key[1] in _MOVED}
    bert = {key: c.b for key, c in change.items() if key[1] == "BERT"}

    def said(values, unit=" points"):
        return listed({"/".join(k): v for k, v in values.items()}, unit)

    bottom, top = {k: c.b for k, c in moved.items()}, {k: c.t for k, c in moved.items()}
    average = {m: float(np.mean([v for k, v in top.items() if k[1] == m])) for m in _MOVED if any(k[1] == m for k in top)}
    gap = {k: c.t - c.b for k, c in moved.items()}
    report.claim("bottom_drops", max(bottom.values()) <= -1 if moved else None, "change of the bottom: " + said(bottom) if moved else _needs_tuned(*_MOVED))
    report.claim("top_drops", max(top.values()) < 0 and max(average.values()) <= -1 if moved else None, "change of the top, on average: " + listed(average, " points") + f"; largest {max(top.values()):.2f}" if moved else _needs_tuned(*_MOVED))
    report.claim("bert_unchanged", max(map(abs, bert.values())) < 1 if bert else None, "change of the bottom: " + said(bert) if bert else _needs_tuned("BERT"))
    report.claim("more_localised", min(gap.values()) > 0 if moved else None, "growth of top minus bottom: " + said(gap) if moved else _needs_tuned(*_MOVED))


def layers_tuned(report, found: Mapping[tuple[str, str, str], pd.DataFrame], striking: Mapping[str, str]) -> None:
    """Figures 8 and 12. found: (task, the paper's model, fine-tune or "Baseline") → neurons per layer; striking: model → fine-tune."""
    depth = {key: layer_shares(table)["mean depth"].mean() for key, table in found.items()}
    moves = {key: d - depth[key[0], key[1], "Baseline"] for key, d in depth.items() if key[2] != "Baseline"}
    down, bert = ({k: v for k, v in moves.items() if k[1] in names} for names in (_MOVED, ("BERT",)))

    def said(values):
        return "mean depth moves by " + listed({"/".join(k): v for k, v in values.items()}, "%")

    report.claim("shift_down", max(down.values()) < 0 if down else None, said(down) if down else _needs_tuned(*_MOVED))
    chunk = {m: {k[2]: v for k, v in down.items() if k[:2] == ("Chunking", m)} for m in striking}
    judged = {m: min(v, key=v.get) == striking[m] for m, v in chunk.items() if len(v) > 1 and striking[m] in v}
    report.claim("chunking_striking", all(judged.values()) if judged else None, "; ".join(f"{m}: " + listed(chunk[m], "%") for m in judged) or "needs chunking and several fine-tunes")
    report.claim("bert_stays", max(map(abs, bert.values())) < 100 * 0.5 / 12 if bert else None, said(bert) if bert else _needs_tuned("BERT"))


def tables_of_languages(report, found: Mapping[tuple[str, str, str], pd.DataFrame], kept: Mapping[str, float], mono: str = "BERT") -> None:
    """Table 7. found: (task, language, the paper's model) → Acc_a, Acc_t, Acc_r, Acc_b; kept: task → per cent of the neurons."""
    mean = {key: table.mean() for key, table in found.items()}

    def said(values, unit):
        return listed({"/".join(k): v for k, v in values.items()}, unit)

    loss = {key: m.Acc_a - m.Acc_t for key, m in mean.items()}
    least = {key: 100 * min(m.Acc_r, m.Acc_b) / m.Acc_a for key, m in mean.items()}
    report.claim("few_suffice", max(loss.values()) < 1, "loss: " + said(loss, " points"))
    both = {"POS", "Dependency"} <= set(kept)
    report.claim("dependency_more", kept["Dependency"] > kept["POS"] if both else None, "neurons kept: " + listed(kept, "%") if both else "needs POS and dependency relations")
    report.claim("redundant", min(least.values()) >= 90, "the worse of random and bottom, of all neurons' accuracy: " + said(least, "%"))
    bottom = {}
    for task, _, model in mean:
        cells = [m.Acc_a - m.Acc_b for (t, _, name), m in mean.items() if (t, name) == (task, model)]
        bottom[task, model] = float(np.mean(cells))
    apart = {k: v - bottom[k[0], mono] for k, v in bottom.items() if k[1] != mono and (k[0], mono) in bottom}
    report.claim("as_redundant_as_monolingual", max(map(abs, apart.values())) <= 1 if apart else None, "the bottom's loss, less that of the monolingual models: " + said(apart, " points") if apart else "needs monolingual and multilingual models")


def words_and_heads(report, ways: pd.DataFrame | None) -> None:
    """Footnote 6, whose claim table 7's page judges. ways: `comparisons.words_and_heads`, or None where no task reads words beside their heads."""
    mean = None if ways is None else ways.mean()
    best = None if ways is None else bool(mean["side by side"] > mean.drop("side by side").max())
    report.claim("side_by_side_best", best, "needs a task of words beside their heads" if ways is None else "accuracy: " + listed(mean.to_dict(), "%"))


def layers_of_languages(report, counts: Mapping[tuple[str, str, str], pd.DataFrame], mono: str = "BERT") -> None:
    """Figures 9 and 10. counts: (task, language, the paper's model) → neurons per layer."""
    multilingual = list(dict.fromkeys(m for _, _, m in counts if m != mono))
    low = {"/".join(k): layer_shares(t)["lower half"].mean() for k, t in counts.items() if k[0] == "POS" and k[2] in multilingual}
    report.claim("pos_low", min(low.values()) > 50 if low else None, "share in the lower half: " + listed(low, "%") if low else "needs a multilingual model")
    most = {}
    for key, table in counts.items():
        if key[0] == "Dependency":
            share = table.mean().to_numpy()
            pairs, depth = share[:-1] + share[1:], len(share) - 1
            most["/".join(key)] = (int(pairs.argmax()), round(4 / 12 * depth), depth)
    report.claim("dependency_4_5", all(at == wanted for at, wanted, _ in most.values()) if most else None, "lower of the two neighbouring layers that hold most (wanted): " + ", ".join(f"{k} {a} ({w} of {d})" for k, (a, w, d) in most.items()) if most else "needs dependency relations")
    r, apart = {}, {}
    for task, model in dict.fromkeys((t, m) for t, _, m in counts):
        keys = [k for k in counts if (k[0], k[2]) == (task, model)]
        if len(keys) > 1:
            table = distances(shares(counts, keys))
            r[task, model], apart[task, model] = table.r.min(), table.distance.mean()
    alike = {"/".join(k): v for k, v in r.items() if k[1] in multilingual}
    report.claim("multilingual_alike", min(alike.values()) > 0.8 if alike else None, "lowest correlation of two languages: " + listed(alike) if alike else "needs a multilingual model")
    pairs = {f"{task}: {mono} {apart[task, mono]:.2f}, {m}": v for (task, m), v in apart.items() if m != mono and (task, mono) in apart}
    wider = [apart[task, mono] > v for (task, m), v in apart.items() if m != mono and (task, mono) in apart]
    report.claim("monolingual_differ", all(wider) if wider else None, "mean distance of two languages: " + listed(pairs) if wider else "needs monolingual and multilingual models")


def labels_of_languages(report, counts: Mapping[tuple[str, str, str], pd.DataFrame], closed: Sequence[str], open_class: Sequence[str], models: Sequence[str]) -> None:
    """Figures 11 and 14. counts: (task, language, the paper's model) → neurons per universal label; models: multilingual ones, the first is figure 11's."""
    mean = {key: table.mean() for key, table in counts.items()}
    languages = list(dict.fromkeys(language for _, language, _ in mean))
    first = models[0] if models else None

    def rho(a, b):
        both = [x for x in a.index if x in b.index]
        return rank_correlation(a[both], b[both])

    pos = {language: mean["POS", language, first] for language in languages if ("POS", language, first) in mean}
    names = list(pos)
    pairs = {f"{a} and {b}": rho(pos[a], pos[b]) for i, a in enumerate(names) for b in names[i + 1 :]}
    report.claim("consistent_pos", min(pairs.values()) > 0.5 if pairs else None, "ρ: " + listed(pairs) if pairs else "needs a multilingual model and two languages")
    medians = {language: tuple(m[[x for x in group if x in m]].median() for group in (closed, open_class)) for language, m in pos.items()}
    report.claim("closed_few", all(a < b for a, b in medians.values()) if medians else None, "median of closed-class and of open-class labels: " + listed({k: f"{a:.0f} and {b:.0f}" for k, (a, b) in medians.items()}) if medians else "needs a multilingual model and POS")
    relations = {language: mean["Dependency", language, first] for language in languages if ("Dependency", language, first) in mean}
    shared = [x for x in next(iter(relations.values())).index if all(x in m for m in relations.values())] if relations else []
    median = {language: float(m[shared].median()) for language, m in relations.items()} if shared else {}
    german = "German" in median and len(median) > 1
    report.claim("german_more_dependency", max(median, key=median.get) == "German" if german else None, f"median over {len(shared)} shared relations: " + listed(median) if german else "needs a multilingual model, German and another language")
    compound = {language: m["compound"] for language, m in relations.items() if "compound" in m}
    judged = "German" in compound and len(compound) > 1
    others = [v for k, v in compound.items() if k != "German"]
    report.claim("german_compound", compound["German"] >= 1.5 * max(others) if judged else None, "neurons of “compound”: " + listed(compound) if judged else "the relation “compound” does not occur often enough in German and another language")
    alike = {f"{task}/{language}": rho(mean[task, language, models[0]], mean[task, language, models[1]]) for task, language, m in mean if len(models) > 1 and m == models[0] and (task, language, models[1]) in mean}
    report.claim("xlmr_alike", min(alike.values()) > 0.5 if alike else None, "ρ of the two models: " + listed(alike) if alike else "needs two multilingual models")
