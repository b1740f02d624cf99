"""Morphological attributes in UniMorph's terms, read off UD's part of speech and features (McCarthy et al. 2018).

Antverg & Belinkov 2022 (§2.2, appendix A.2) follow Torroba Hennigen et al. 2020: UD's tags are mapped to UniMorph's
values, each value belongs to one dimension, and values that too few word forms carry are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..types import Corpus

__all__ = ["ATTRIBUTES", "Attribute", "attribute", "attributes", "unimorph"]

# The dimensions that the paper names (appendix A.2). Others, Comparison or Finiteness for example, can be asked for by name.
ATTRIBUTES = (
    "Animacy", "Aspect", "Case", "Definiteness", "Gender", "Mood", "Number", "Part of Speech", "Person", "Polarity", "Possession", "Tense", "Voice",
)  # fmt: skip

_UPOS = {
    "NOUN": "N", "PROPN": "PROPN", "ADJ": "ADJ", "PRON": "PRO", "DET": "DET", "VERB": "V", "AUX": "V", "ADV": "ADV", "ADP": "ADP",
    "SCONJ": "CONJ", "CCONJ": "CONJ", "NUM": "NUM", "PART": "PART", "INTJ": "INTJ",
}  # fmt: skip
# UD feature → (UniMorph dimension, "UD value:UniMorph value ..."); a value that is not listed has no counterpart
_FEATURES = {
    "Animacy": ("Animacy", "Anim:ANIM Hum:HUM Inan:INAN Nhum:NHUM"),
    "Aspect": ("Aspect", "Hab:HAB Imp:IPFV Iter:ITER Perf:PFV Prog:PROG Prosp:PROSP"),
    "Case": (
        "Case",
        "Nom:NOM Acc:ACC Abs:ABS Erg:ERG Dat:DAT Gen:GEN Voc:VOC Loc:ESS Par:PRT Ess:FRML Tra:TRANS Com:COM Abe:PRIV Ins:INS Ben:BEN "
        "Cmp:COMPV Equ:EQTV Ine:ESS+IN Ill:ALL+IN Ela:ABL+IN All:ALL+AT Abl:ABL+AT Ade:AT+ESS Sup:ESS+ON Sub:ALL+ON",
    ),
    "Definite": ("Definiteness", "Ind:INDF Spec:SPEC Def:DEF"),
    "Degree": ("Comparison", "Cmp:CMPR Sup:SPRL Abs:AB Equ:EQT"),
    "Gender": ("Gender", "Masc:MASC Fem:FEM Neut:NEUT Com:FEM+MASC"),
    "Mood": ("Mood", "Ind:IND Imp:IMP Jus:IMP Cnd:COND Pot:POT Sub:SBJV Prp:PURP Opt:OPT Adm:ADM"),
    "Number": ("Number", "Sing:SG Plur:PL Dual:DU Tri:TRI Pauc:PAUC Grpl:GRPL Inv:INVN"),
    "Person": ("Person", "0:0 1:1 2:2 3:3 4:4"),
    "Polarity": ("Polarity", "Pos:POS Neg:NEG"),
    "Polite": ("Politeness", "Elev:ELEV Form:FORM Humb:HUMB Infm:INFM"),
    "Tense": ("Tense", "Past:PST Pres:PRS Fut:FUT Pqp:PRF+PST"),
    "Voice": ("Voice", "Act:ACT Mid:MID Pass:PASS Antip:ANTIP Dir:DIR Inv:INV"),
}
_TABLE = {
    f"{feature}={ud}": (dimension, value)
    for feature, (dimension, pairs) in _FEATURES.items()
    for ud, value in (pair.split(":") for pair in pairs.split())
} | {
    "Tense=Imp": ("Aspect", "IPFV"),
    "Definite=Cons": ("Possession", "PSSD"),
    "VerbForm=Fin": ("Finiteness", "FIN"),
    "VerbForm=Inf": ("Finiteness", "NFIN"),
    "VerbForm=Part": ("Part of Speech", "V.PTCP"),
    "VerbForm=Ger": ("Part of Speech", "V.MSDR"),
    "VerbForm=Vnoun": ("Part of Speech", "V.MSDR"),
    "VerbForm=Conv": ("Part of Speech", "V.CVB"),
    "VerbForm=Gdv": ("Part of Speech", "V.CVB"),
    "VerbForm=Sup": ("Part of Speech", "V.CVB"),
}  # fmt: skip


def unimorph(upos: str, feats: str) -> dict[str, str]:
    """UniMorph dimension → value of a word with this part of speech and these features ("Number=Sing|Tense=Past", "" for none).

    A form of a verb that is more than a verb form (a participle, say) counts as that. A disjunction ("Gender=Fem,Masc") says
    nothing; a possessor's number and person make one value ("PSS1S").
    """
    found = {"Part of Speech": _UPOS[upos]} if upos in _UPOS else {}
    owner = {}
    for pair in feats.split("|") if feats and feats != "_" else ():
        name, _, value = pair.partition("=")
        if name in ("Number[psor]", "Person[psor]"):
            owner[name[:6]] = value[0] if value in ("Sing", "Plur", "Dual") else value
        elif pair in _TABLE:
            dimension, value = _TABLE[pair]
            found[dimension] = value
    if owner:
        found["Possession"] = "PSS" + owner.get("Person", "") + owner.get("Number", "")
    return found


@dataclass(frozen=True, eq=False)
class Attribute:
    """One attribute of a corpus after the filters.

    labels   (N,) UniMorph value of each word of the corpus, "" where it has none or one that was left out
    values   the values that are kept, sorted; fewer than two: the attribute cannot be probed for
    forms    value → the fewest distinct word forms with it in any split, for every value found
    dropped  value → tokens lost with it
    """

    name: str
    labels: np.ndarray
    values: tuple[str, ...]
    forms: Mapping[str, int]
    dropped: Mapping[str, int]

    @property
    def usable(self) -> bool:
        return len(self.values) > 1


def attribute(corpus: Corpus, name: str, min_forms: int = 100) -> Attribute:
    """The words' values of one UniMorph dimension, without values that fewer than `min_forms` distinct word forms carry in some split."""
    return _filtered(corpus, name, [tags.get(name, "") for tags in _tags(corpus)], min_forms)


def attributes(corpus: Corpus, names=ATTRIBUTES, min_forms: int = 100) -> dict[str, Attribute]:
    """Every attribute by name, usable or not: what the filters removed stands in each."""
    tags = _tags(corpus)
    return {name: _filtered(corpus, name, [t.get(name, "") for t in tags], min_forms) for name in names}


def _tags(corpus: Corpus) -> list[dict]:
    if missing := [layer for layer in ("upos", "feats") if layer not in corpus.annotations]:
        raise ValueError(f"corpus {corpus.name!r} has no layer {' and '.join(missing)}; UniMorph's attributes are read off UD's part of speech and features")
    seen: dict[tuple, dict] = {}  # a treebank has a few hundred different tags
    pairs = zip(corpus.labels("upos"), corpus.labels("feats"), strict=True)
    return [seen[pair] if pair in seen else seen.setdefault(pair, unimorph(*pair)) for pair in pairs]


def _filtered(corpus: Corpus, name: str, labels: list[str], min_forms: int) -> Attribute:
    y, words, sentence = np.array(labels, dtype=object), corpus.words, corpus.sentence_ids
    forms = {}
    for value in sorted({v for v in labels if v}):
        inside = [set(words[(y == value) & (sentence >= start) & (sentence < stop)]) for start, stop in corpus.splits.values()]
        forms[value] = min(map(len, inside))
    kept = tuple(v for v, n in forms.items() if n >= min_forms)
    dropped = {v: int((y == v).sum()) for v in forms if v not in kept}
    return Attribute(name, np.where(np.isin(y.astype(str), kept), y, ""), kept, forms, dropped)
