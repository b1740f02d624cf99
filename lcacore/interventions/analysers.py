"""Lemma and attribute value of a predicted form (L and A of Antverg & Belinkov 2022, section 4)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from ..types import Corpus

__all__ = ["PIPELINES", "Analysed", "Lexicon", "Spacy", "installed_pipeline"]

PIPELINES = {  # spaCy's small pipeline of a language, by the name that Universal Dependencies gives the language
    "Dutch": "nl_core_news_sm", "English": "en_core_web_sm", "Finnish": "fi_core_news_sm", "French": "fr_core_news_sm", "German": "de_core_news_sm",
    "Italian": "it_core_news_sm", "Portuguese": "pt_core_news_sm", "Russian": "ru_core_news_sm", "Spanish": "es_core_news_sm",
}  # fmt: skip

CONTEXTS = ("form", "upos")


@dataclass(frozen=True, eq=False)
class Analysed:
    """Forms with their lemmas and attribute values, object arrays of one shape; "" where there is none."""

    form: np.ndarray
    lemma: np.ndarray
    value: np.ndarray


class Lexicon:
    """Forms of a treebank with the lemma and the attribute value that each most often has there.

    corpus      with a layer `lemma`, and the attribute's own (CoNLL-U, or the miniature world)
    attribute   "Number", "Tense", …
    context     "form": the majority over all occurrences of the form. "upos": over those with the part of speech that the
                word has in its sentence, where the form has it at all; it tells "walks" the verb from "walks" the noun

    A form that is not there is looked up in lower case, then as a contraction, then unknown: no lemma and no value. Ties
    go by alphabet. Pieces of a contraction come out of a tokenizer with blanks between them ("n ' t" for "n't"), and where
    its verb has been changed it is no word of a treebank ("'was" for "'s"): blanks and a leading apostrophe are dropped.

    Raises ValueError: an unknown context, or a corpus without one of the layers.
    """

    def __init__(self, corpus: Corpus, attribute: str, *, context: str = "form"):
        if context not in CONTEXTS:
            raise ValueError(f"context {context!r}; give one of {', '.join(CONTEXTS)}")
        self.attribute, self.context = attribute, context
        words, lemmas, values = corpus.words.tolist(), corpus.labels("lemma").tolist(), corpus.labels(attribute).tolist()
        tags = corpus.labels("upos").tolist() if context == "upos" else [""] * len(words)
        counts: dict[tuple[str, str], Counter] = defaultdict(Counter)
        for word, lemma, value, tag in zip(words, lemmas, values, tags, strict=True):
            for form in dict.fromkeys((word, word.lower())):
                for key in dict.fromkeys(((form, ""), (form, tag))):
                    counts[key][lemma.lower(), value] += 1
        self._entries = {key: min(found, key=lambda pair: (-found[pair], pair)) for key, found in counts.items()}
        self._by_lemma: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for (form, _), (lemma, value) in sorted(self._entries.items()):
            forms = self._by_lemma[lemma].setdefault(value, [])
            if form not in forms:
                forms.append(form)

    def look_up(self, form: str, upos: str = "") -> tuple[str, str]:
        """(lemma, value) of a form; both "" where it is unknown."""
        whole = form.lower().replace(" ", "")
        for spelled in (form, form.lower(), whole, whole.removeprefix("'")):
            for key in ((spelled, upos), (spelled, "")):
                if key in self._entries:
                    return self._entries[key]
        return "", ""

    def forms(self, lemma: str, value: str) -> list[str]:
        """The forms of a lemma that have a value."""
        return self._by_lemma.get(lemma, {}).get(value, [])

    def analyse(self, forms, upos=None, sentences=(), sentence=(), position=()) -> Analysed:
        """The lemma and value of each form (…, n); upos (n,) of the words they stand for, where the context is that."""
        forms = np.asarray(forms, dtype=object)
        upos = np.full(forms.shape[-1], "", dtype=object) if upos is None or self.context == "form" else np.asarray(upos, dtype=object)
        known, form_at = np.unique(forms.astype(str), return_inverse=True)
        tags, tag_at = np.unique(upos.astype(str), return_inverse=True)
        pairs, at = np.unique(form_at.reshape(forms.shape) * len(tags) + tag_at, return_inverse=True)
        found = [self.look_up(str(known[p // len(tags)]), str(tags[p % len(tags)])) for p in pairs.tolist()]
        lemma, value = (np.array(column, dtype=object)[at.reshape(forms.shape)] for column in zip(*found, strict=True))
        return Analysed(forms, lemma, value)


def installed_pipeline(spec: str) -> str | None:
    """The spaCy pipeline of a treebank's language ("ud:UD_English-EWT") where spaCy and that pipeline are installed; else None.

    None too for the miniature world, whose lexicon is complete, and for a corpus whose spec does not name its language.
    """
    language = re.search(r"UD_([A-Z][a-z]+)", spec)
    name = PIPELINES.get(language[1]) if language else None
    return name if name and find_spec("spacy") and find_spec(name) else None


class Spacy:
    """spaCy's reading of a form in its sentence, as in the paper; needs spaCy and one of its models (never installed by this project).

    pipeline    an installed pipeline's name ("en_core_web_sm"), or a loaded one
    attribute   "Number", "Tense", …

    Raises ImportError naming what to install.
    """

    def __init__(self, pipeline, attribute: str):
        self.attribute, self._nlp = attribute, pipeline
        if isinstance(pipeline, str):
            try:
                import spacy

                self._nlp = spacy.load(pipeline)
            except (ImportError, OSError) as error:
                raise ImportError(f"spaCy's pipeline {pipeline!r} is not installed ({error}); pip install spacy, then python -m spacy download {pipeline}; or use the lexicon") from error

    def analyse(self, forms, upos=None, sentences: Sequence[Sequence[str]] = (), sentence=(), position=()) -> Analysed:
        """The lemma and value of each form (…, n), read in place of word `position` (n,) of sentence `sentence` (n,).

        Predictions of one sentence are put into it together. The words are given to spaCy as they are, so none is lost to
        another way of cutting the text.
        """
        forms, sentence, position = np.asarray(forms, dtype=object), np.asarray(sentence), np.asarray(position)
        lemma, value = np.empty_like(forms), np.empty_like(forms)
        flat, lemmas, values = (x.reshape(-1, forms.shape[-1]) for x in (forms, lemma, value))
        for row in range(len(flat)):
            for s in np.unique(sentence):
                words = list(sentences[s])
                members = np.flatnonzero(sentence == s)
                for i in members:
                    words[position[i]] = flat[row, i] or "_"
                doc = self._read(words)
                for i in members:
                    token = doc[int(position[i])]
                    lemmas[row, i], values[row, i] = token.lemma_.lower(), ",".join(token.morph.get(self.attribute))
        return Analysed(forms, lemma, value)

    def _read(self, words: list[str]):
        from spacy.tokens import Doc

        return self._nlp(Doc(self._nlp.vocab, words=words))
