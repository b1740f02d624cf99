"""Interventions in a language model: change named neurons of named words at a layer, let the rest of it run, and see what it says.

Antverg & Belinkov 2022, section 4, on any Transformers masked or causal language model:

    moves        ablation and translation of hidden states: pure functions on arrays
    network      the model with its head: reads sentences up to a layer once, and goes on from there after each change
    analysers    lemma and attribute value of a predicted form: a treebank's lexicon, or spaCy
    measures     error rate, correct lemma with wrong value (CLWV), attribute missing; saturation points
"""

from .analysers import Analysed, Lexicon, Spacy, installed_pipeline
from .measures import Saturation, outcomes, saturation_point
from .moves import ablate, translate, translation_coefficients
from .network import LanguageModel, Reading, language_model

__all__ = [
    "Analysed",
    "LanguageModel",
    "Lexicon",
    "Reading",
    "Saturation",
    "Spacy",
    "ablate",
    "installed_pipeline",
    "language_model",
    "outcomes",
    "saturation_point",
    "translate",
    "translation_coefficients",
]
