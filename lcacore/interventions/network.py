"""A language model that goes on from changed hidden states.

Sentences are read up to layer i once. Every intervention then starts from those states: the blocks below are passed
over, the changed states enter block i + 1, and the head scores only the places that are asked for.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..alignment import Encoded, encode_corpus
from ..models import Model, load_model

__all__ = ["LanguageModel", "Reading", "language_model"]

Edit = Callable  # (states (p, d) of sub-tokens, (p,) number of the named word each belongs to) → states (p, d)


def language_model(spec: str, *, device: str = "auto") -> LanguageModel:
    """The masked or causal language model that `spec` names (`models.load_model`), with its head.

    Raises ValueError: an encoder-decoder, an architecture without such a head, or weights without one. FileNotFoundError:
    nothing of that name.
    """
    return LanguageModel.of(load_model(spec, device=device))


class LanguageModel(Model):
    """A model that predicts words: hidden words from both sides (masked), or the next word (causal).

    network   the torch module with its head; `module` is the part below it
    causal    does it predict the next word?
    """

    @classmethod
    def of(cls, model: Model) -> LanguageModel:
        if model.kind == "encoder-decoder":
            raise ValueError(f"model {model.spec!r} is an encoder-decoder; interventions want a masked or a causal language model")
        return cls(model.spec, model.folder, device=model._device, stack=model.stack)

    @property
    def causal(self) -> bool:
        return self.kind == "decoder"

    @functools.cached_property
    def network(self):
        kind = "AutoModelForCausalLM" if self.causal else "AutoModelForMaskedLM"
        network, missing = self.load(kind)
        if missing:
            raise ValueError(f"model {self.spec!r}: its files hold no language-modelling head ({missing[0]} is missing, and {len(missing) - 1} more); interventions read its predictions, so give a model with one")
        if network.base_model is network:
            raise ValueError(f"model {self.spec!r} ({self.config.model_type}): its head cannot be told from the network below, which interventions need")
        network.requires_grad_(False)
        return network.eval().to(self.device)

    @functools.cached_property
    def module(self):
        """The network below its head, which is what activations are read from."""
        return self.network.base_model

    def go_on(self, inputs, layer: int, states, row, column):
        """(r, V) logits at places (row, column) of a batch when `states` (B, T, d) are its hidden states at a layer.

        inputs   as `collate` gives them
        layer    0 (embeddings) … L; the blocks up to it are not run again
        """
        import torch

        def enter(_, args, kwargs):
            if args:
                return (states, *args[1:]), kwargs
            return args, {**kwargs, "hidden_states": states}

        def leave(_, args, output):
            last = states if layer == self.n_layers else output[0]
            asked = last[row, column][None]
            if isinstance(output, tuple):
                return (asked, *output[1:])
            output.last_hidden_state = asked
            return output

        with contextlib.ExitStack() as held, torch.inference_mode():
            held.enter_context(self._passing_over(self.blocks[:layer]))
            if layer < self.n_layers:
                held.callback(self.blocks[layer].register_forward_pre_hook(enter, with_kwargs=True).remove)
            held.callback(self.module.register_forward_hook(leave).remove)
            return self.network(**inputs, **self._options).logits[0]

    @functools.cached_property
    def _options(self) -> dict:
        return {"use_cache": False} if "use_cache" in self._parameters else {}

    @contextlib.contextmanager
    def _passing_over(self, blocks) -> Iterator[None]:
        """Inside this context these blocks hand on what they are given."""
        tuples = self._blocks_give_tuples

        def hand_on(*args, **kwargs):
            given = args[0] if args else kwargs["hidden_states"]
            return (given,) if tuples else given

        try:
            for block in blocks:
                block.forward = hand_on  # on the instance: hides the class's method until it is deleted
            yield
        finally:
            for block in blocks:
                block.__dict__.pop("forward", None)

    @functools.cached_property
    def _blocks_give_tuples(self) -> bool:
        seen = []
        handle = self.blocks[0].register_forward_hook(lambda _, args, output: seen.append(isinstance(output, tuple)))
        try:
            self.hidden_states(self.collate([[self.pad_id]]))
        finally:
            handle.remove()
        return seen[0]

    # --- reading ------------------------------------------------------------------------------------

    def read(self, sentences: Sequence[Sequence[str]], sentence, position, layer: int, *, masked: bool = False, batch_tokens: int = 2048) -> Reading:
        """Read sentences up to a layer, and mark words in them: n words, the `position`-th of the `sentence`-th each.

        masked         hide each word in turn: it is replaced by mask tokens in a copy of its sentence of its own, so
                       that the other words of the sentence can still be read
        batch_tokens   sub-tokens per batch, padding included: speed, not results, depends on it

        A word is left out, and missing from `Reading.index`, where its sentence is longer than the model takes, where the
        tokenizer does not know it (one of its pieces is the unknown token), and in a causal model where no word follows.

        Raises ValueError: a place that is not there, a layer the model has not, masking in a causal model, no word left.
        """
        (layer,) = self.check_layers(layer)
        sentence, position = np.asarray(sentence, dtype=np.int64), np.asarray(position, dtype=np.int64)
        if len(sentence) != len(position) or any(not (0 <= s < len(sentences) and 0 <= p < len(sentences[s])) for s, p in zip(sentence.tolist(), position.tolist(), strict=False)):
            raise ValueError(f"{len(sentence)} sentences and {len(position)} positions of {len(sentences)} sentences; name words that are there, by two numbers each")
        if masked and (self.causal or self.tokenizer.mask_token_id is None):
            raise ValueError(f"model {self.spec!r} has no mask token; read it with masked=False")
        encoded = {e.sentence: e for e in encode_corpus(self, sentences)[0]}
        index = np.array([i for i in range(len(sentence)) if self._can_be_asked(encoded.get(int(sentence[i])), int(position[i]))], dtype=np.int64)
        if not len(index):
            raise ValueError(f"none of the {len(sentence)} words can be asked for: unknown to the tokenizer of {self.spec!r}, in sentences that are too long, or last")
        if masked:
            rows = [_hidden(encoded[int(sentence[i])], int(position[i]), self.tokenizer.mask_token_id) for i in index]
            words = [[(n, int(position[i]))] for n, i in enumerate(index)]
        else:
            at = np.unique(sentence[index])
            rows = [encoded[int(s)] for s in at]
            words = [[(n, int(position[index[n]])) for n in np.flatnonzero(sentence[index] == s).tolist()] for s in at]
        return self._read(rows, words, encoded, index, sentence[index], position[index], layer, batch_tokens)

    def _can_be_asked(self, one: Encoded | None, position: int) -> bool:
        if one is None or (self.causal and position + 1 >= len(one.first)):
            return False
        pieces = one.input_ids[one.first[position] : one.last[position] + 1]
        return self.tokenizer.unk_token_id is None or self.tokenizer.unk_token_id not in pieces.tolist()

    def _read(self, rows, words, encoded, index, sentence, position, layer, batch_tokens) -> Reading:
        import torch

        owner, truth, batches = [], [], []
        asked_of = [[] for _ in index]  # slots in which each word's predictions lie
        for n, (s, p) in enumerate(zip(sentence.tolist(), position.tolist(), strict=True)):
            one = encoded[s]
            places = [one.last[p] + 1] if self.causal else range(one.first[p], one.last[p] + 1)
            for place in places:
                asked_of[n].append(len(truth))
                owner.append(n)
                truth.append(int(one.input_ids[place]))
        for batch in by_length([len(r.input_ids) for r in rows], batch_tokens):
            part = [rows[i] for i in batch]
            types = [r.token_type_ids for r in part]
            inputs = self.collate([r.input_ids for r in part], None if any(t is None for t in types) else types)
            states = self.hidden_states(inputs)[layer]
            edited, asked = [], []
            for b, i in enumerate(batch):
                shift = inputs["input_ids"].shape[1] - len(rows[i].input_ids) if self.pads_left else 0
                for n, p in words[i]:
                    places = [shift + t for t in range(rows[i].first[p], rows[i].last[p] + 1)]
                    edited += [(b, t, n) for t in places]
                    asked += [(b, t, slot) for t, slot in zip(places[-1:] if self.causal else places, asked_of[n], strict=True)]
            row, column, word = np.array(edited, dtype=np.int64).T
            asked_row, asked_column, slot = np.array(asked, dtype=np.int64).T
            batches.append(_Batch(inputs, states, *map(torch.tensor, (row, column)), word, *map(torch.tensor, (asked_row, asked_column)), slot))
        n_pieces = np.array([encoded[s].last[p] - encoded[s].first[p] + 1 for s, p in zip(sentence.tolist(), position.tolist(), strict=True)])
        return Reading(self, layer, tuple(batches), index, sentence, position, n_pieces, np.array(owner), np.array(truth))

    def forms(self, ids, owner, n: int) -> np.ndarray:
        """(…, n) the words that predicted sub-tokens (…, R) spell, sub-token r being of word owner[r]."""
        ids, owner = np.asarray(ids), np.asarray(owner)
        flat = ids.reshape(-1, ids.shape[-1])
        out = np.empty((len(flat), n), dtype=object)
        alone = np.bincount(owner, minlength=n) == 1
        single = np.flatnonzero(alone[owner])
        known, at = np.unique(flat[:, single], return_inverse=True)
        out[:, owner[single]] = np.array([self._spelled((i,)) for i in known.tolist()], dtype=object)[at.reshape(len(flat), -1)]
        for word in np.flatnonzero(~alone):
            places = np.flatnonzero(owner == word)
            out[:, word] = [self._spelled(tuple(row)) for row in flat[:, places].tolist()]
        return out.reshape(*ids.shape[:-1], n)

    @functools.cached_property
    def _spelled(self):
        return functools.cache(lambda ids: self.tokenizer.decode(list(ids), clean_up_tokenization_spaces=False).strip())


@dataclass(frozen=True, eq=False)
class _Batch:
    """Sentences side by side: where the named words' sub-tokens lie, and where predictions are read into which slot."""

    inputs: dict
    states: object
    row: object
    column: object
    word: np.ndarray
    asked_row: object
    asked_column: object
    slot: np.ndarray


@dataclass(frozen=True, eq=False)
class Reading:
    """Sentences read up to a layer: what every intervention there starts from.

    index                (n,) which of the words asked for are here; `sentence`, `position`: where they stand
    n_pieces             (n,) sub-tokens of each
    owner, truth         (R,) the places at which predictions are read: whose they are, and the ids that the text has there.
                         Of a masked model they are the word's own sub-tokens; of a causal one, the first sub-token after it
    """

    model: LanguageModel
    layer: int
    batches: tuple
    index: np.ndarray
    sentence: np.ndarray
    position: np.ndarray
    n_pieces: np.ndarray
    owner: np.ndarray
    truth: np.ndarray

    def __len__(self) -> int:
        return len(self.index)

    def predict(self, edit: Edit | None = None) -> np.ndarray:
        """(R,) most probable ids when the words' states at this layer are edited; None: as they are."""
        out = np.empty(len(self.owner), dtype=np.int32)
        for batch, logits in self._run(edit):
            out[batch.slot] = logits.argmax(-1).cpu().numpy()
        return out

    def logits(self, edit: Edit | None = None) -> np.ndarray:
        """(R, V) scores of every id, as `predict`."""
        out = None
        for batch, logits in self._run(edit):
            out = np.empty((len(self.owner), logits.shape[-1]), dtype=np.float32) if out is None else out
            out[batch.slot] = logits.float().cpu().numpy()
        return out

    def states(self) -> np.ndarray:
        """(n, d) the words' states at this layer, the mean of their sub-tokens."""
        total = np.zeros((len(self), self.model.width))
        for batch in self.batches:
            np.add.at(total, batch.word, batch.states[batch.row, batch.column].cpu().numpy().astype(np.float64))
        return total / self.n_pieces[:, None]

    def edited(self, batch, edit: Edit | None):
        """A batch's states with the named words' sub-tokens edited, all else untouched."""
        if edit is None:
            return batch.states
        states = batch.states.clone()
        states[batch.row, batch.column] = edit(batch.states[batch.row, batch.column], batch.word)
        return states

    def _run(self, edit):
        import torch

        with torch.inference_mode():
            for batch in self.batches:
                yield batch, self.model.go_on(batch.inputs, self.layer, self.edited(batch, edit), batch.asked_row, batch.asked_column)


def _hidden(one: Encoded, position: int, mask_id: int) -> Encoded:
    """The sentence with a word's sub-tokens replaced by the mask token."""
    ids = one.input_ids.copy()
    ids[one.first[position] : one.last[position] + 1] = mask_id
    return Encoded(one.sentence, ids, one.first, one.last, one.token_type_ids)


def by_length(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Indices of texts in batches, the longest first, of at most `batch_tokens` places with padding (a longer text stands alone)."""
    order = np.argsort(-np.asarray(lengths), kind="stable").tolist()
    while order:
        size = max(1, batch_tokens // lengths[order[0]])
        yield order[:size]
        order = order[size:]
