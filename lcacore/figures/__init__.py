"""Figures people would rather look at than read: one style, a text alternative each, light and dark by the theme.

Each function takes plain numbers, mappings and arrays and returns a `Figure`, which a notebook displays as inline
SVG or as text. Matplotlib and seaborn are imported when something is drawn.
"""

from .charts import ablation_dots, minimal_curves, position_curve, redundancy_dumbbells
from .comparing import before_after, label_languages, layer_lines
from .crossing import crossing_curves, gap_map, overlap_dots, p_matrices, pattern_map
from .damage import damage_curves, position_profile, shared_sets
from .distributions import label_lollipops, lambda_surface, layer_histogram, overlap_distribution, overlap_heatmap
from .growth import cost_growth, loss_curves, speed_ratios
from .labels import label_layers
from .sentences import activation_sentences, dependency_tree, sentence_annotations, top_words
from .steering import beta_sweep, intervention_curves, intervention_panel, saturation_dots
from .style import Figure

__all__ = [
    "Figure",
    "ablation_dots",
    "activation_sentences",
    "before_after",
    "beta_sweep",
    "cost_growth",
    "crossing_curves",
    "damage_curves",
    "dependency_tree",
    "gap_map",
    "intervention_curves",
    "intervention_panel",
    "label_languages",
    "label_layers",
    "label_lollipops",
    "lambda_surface",
    "layer_histogram",
    "layer_lines",
    "loss_curves",
    "minimal_curves",
    "overlap_distribution",
    "overlap_dots",
    "overlap_heatmap",
    "p_matrices",
    "pattern_map",
    "position_curve",
    "position_profile",
    "redundancy_dumbbells",
    "saturation_dots",
    "sentence_annotations",
    "shared_sets",
    "speed_ratios",
    "top_words",
]
