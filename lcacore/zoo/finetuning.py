"""Fine-tuned sentence classifiers: a model of the zoo with a new head, tuned on one of the sentence tasks (Durrani 2023).

Several runs from different seeds, of which the best on the dev sentences is kept, as in the paper; the test
sentences are read once, by the kept one. The weights are stored as differences from the base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from ..grammar.tasks import sentence_task
from ..weights import load_packed
from .architectures import POSITIONS
from .data import Batches, Material, Rows, specials
from .finish import home, load_state
from .objectives import Objective

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True, eq=False)
class Examples:
    """Sentences, or pairs of them, as a classifier reads them: ids, the sentence each token is of, labels (numbers or class indices)."""

    rows: Rows
    types: Rows
    labels: np.ndarray

    def take(self, index: np.ndarray, pad: int, left: bool) -> dict[str, np.ndarray]:
        """A padded batch; `left` puts the padding first, where the classifier reads the last place (XLNet)."""
        (ids, real), (types, _) = self.rows.take(index, pad), self.types.take(index, 0)
        if left:
            columns = np.arange(ids.shape[1]) - (ids.shape[1] - self.rows.lengths[index])[:, None]
            ids, types, real = (np.where(columns >= 0, np.take_along_axis(a, np.maximum(columns, 0), axis=1), fill) for a, fill in ((ids, pad), (types, 0), (real, False)))
        return {"input_ids": ids, "token_type_ids": types, "attention_mask": real.astype(np.int64), "labels": self.labels[index]}


@dataclass(frozen=True, eq=False)
class TaskMaterial(Material):
    """`rows` are the training sentences; `base` is the folder of the model that is tuned."""

    base: object
    examples: Mapping[str, Examples]
    label_names: tuple[str, ...]
    batches_of: object  # seed → Batches: each run has an order of its own

    @property
    def is_regression(self) -> bool:
        return not self.label_names


def prepare(config, base=None) -> TaskMaterial:
    """Task, base and batches of a fine-tune's config. Raises ValueError where it names no base or no task."""
    if not config.base or not config.task:
        raise ValueError(f"zoo config {config.name!r}: base {config.base!r}, task {config.task!r}; a fine-tune names both")
    return material_of(sentence_task(config.task), config, base or home(config.base))


def material_of(task, config, base) -> TaskMaterial:
    """What a run reads of a sentence task (`lcacore.grammar.tasks`), cut by the base's tokenizer."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    examples = {split: _encoded(tokenizer, task, split) for split in SPLITS}
    lengths = examples["train"].rows.lengths
    if (longest := max(int(e.rows.lengths.max()) for e in examples.values())) > POSITIONS:
        raise ValueError(f"task {task.name!r}: {longest} tokens in one example; {config.base} takes {POSITIONS}")
    batches_of = cache(lambda seed: Batches(lengths, config.tokens, seed))
    return TaskMaterial(tokenizer, examples["train"].rows, batches_of(config.seed), base, examples, tuple(task.label_names), batches_of)


def _encoded(tokenizer, task, split: str) -> Examples:
    a, b = task.splits[split]
    texts = [[" ".join(s) for s in side[a:b]] for side in (task.first, task.second) if side is not None]
    encoded = tokenizer(*texts, return_token_type_ids=True)
    labels = np.asarray(task.labels[a:b])
    labels = np.array([task.label_names.index(label) for label in labels.tolist()]) if labels.dtype.kind in "OU" else labels
    return Examples(Rows.of(encoded["input_ids"]), Rows.of(encoded["token_type_ids"]), labels.astype(np.int64 if len(task.label_names) else np.float32))


def network(config, material: TaskMaterial):
    """The base's weights under a new head, which the seed decides."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    names = material.label_names or ("score",)
    settings = AutoConfig.from_pretrained(material.base, local_files_only=True)
    settings.num_labels = len(names)
    settings.id2label, settings.label2id = dict(enumerate(names)), {name: i for i, name in enumerate(names)}
    settings.problem_type = "regression" if material.is_regression else "single_label_classification"
    torch.manual_seed(config.seed)
    made = AutoModelForSequenceClassification.from_config(settings)
    known, below_the_head = made.state_dict(), f"{made.base_model_prefix}."
    load_state(made, {name: value for name, value in load_packed(material.base).items() if name in known and name.startswith(below_the_head)})
    return made


def _inputs(config, examples: Examples, index: np.ndarray) -> dict[str, np.ndarray]:
    out = examples.take(index, specials(config.architecture).id("pad"), left=config.architecture == "xlnet")
    if config.architecture in ("roberta", "xlm-roberta"):  # they have one type only
        del out["token_type_ids"]
    return out


def batch(config, material: TaskMaterial, step: int) -> dict[str, np.ndarray]:
    """Examples of one step: input_ids, token_type_ids and attention_mask (B, T), labels (B,)."""
    return _inputs(config, material.examples["train"], material.batches_of(config.seed)(step))


def loss(network, batch: Mapping):
    """Cross-entropy (nats) of the class, or squared error of the similarity."""
    return network(**batch).loss


def predictions(config, material: TaskMaterial, network, split: str) -> np.ndarray:
    """(N,) class indices of a split's examples, or similarities."""
    import torch

    examples = material.examples[split]
    out = np.empty(len(examples.labels), dtype=np.float64)
    order = np.argsort(examples.rows.lengths, kind="stable")
    with torch.no_grad():
        for index in np.array_split(order, max(1, -(-len(order) // 64))):
            given = {name: torch.from_numpy(a) for name, a in _inputs(config, examples, index).items() if name != "labels"}
            logits = network(**given).logits
            out[index] = (logits[:, 0] if material.is_regression else logits.argmax(-1)).numpy()
    return out


def accuracy(config, material: TaskMaterial, network, split: str) -> float:
    """Share of right classes, or Spearman's ρ of the similarities (0 where all are alike)."""
    found, labels = predictions(config, material, network, split), material.examples[split].labels
    if not material.is_regression:
        return float(np.mean(found == labels))
    if np.ptp(found) == 0:
        return 0.0
    from scipy.stats import spearmanr

    return float(spearmanr(found, labels).statistic)


def score(config, material: TaskMaterial, network) -> float:
    """What the best run is chosen by."""
    return accuracy(config, material, network, "dev")


def measure(config, material: TaskMaterial, network) -> dict:
    """dev and test accuracy beside that of the most frequent class, or Spearman's ρ, and the number of test examples."""
    values = {split: round(accuracy(config, material, network, split), 4) for split in ("dev", "test")}
    labels = material.examples["test"].labels
    if material.is_regression:
        return {f"spearman_{split}": value for split, value in values.items()} | {"examples": len(labels)}
    majority = np.bincount(material.examples["train"].labels).argmax()
    return {f"accuracy_{split}": value for split, value in values.items()} | {"majority": round(float(np.mean(labels == majority)), 4), "examples": len(labels)}


OBJECTIVES = {"sentence": Objective(batch, loss, measure, prepare=prepare, network=network, score=score)}
