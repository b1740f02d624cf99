"""lcacore: which neurons of a language model carry which linguistic property, and how to tell.

Data flows one way: corpus → model → activations → ranking / probe → evaluation → result → page.
"""

__version__ = "0.1.0"
