"""Load a language model and read its hidden states: any Transformers encoder, decoder or encoder-decoder.

A model is a folder (shipped with the project, local, of an installed package, or downloaded from the hub) with
safetensors weights. Pickled weights are refused, and code that comes with a model is never run.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import inspect
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from .recurrent import register
from .store import checksum, find_model, shipped_model
from .types import fingerprint
from .weights import PACKED, base_of, load_packed

__all__ = ["Model", "load_model"]

_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?(@[\w./-]+)?")
_WEIGHTS = ("*.safetensors", "*.safetensors.index.json")
_CONTENT = (*_WEIGHTS, "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab*", "merges*", "*.model", "*.bpe")
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.msgpack")
_NO_LIMIT = 10**6  # tokenizers without a limit report an astronomical one


def load_model(spec: str, *, device: str = "auto", stack: str = "encoder") -> Model:
    """The model that `spec` names; its weights are read when first needed.

    spec    "mini:bert-en"                  a miniature model that the project ships
            "package:<module>"              an installed Python package with a MODEL_DIR
            "path/to/folder" or its name    a local folder, as given or under $LCACORE_MODELS
            "org/name" or "org/name@rev"    a hub id, from the local cache or downloaded (safetensors only)
    device  "auto" (cuda where there is one), "cpu", "cuda", "cuda:1", …
    stack   of an encoder-decoder: "encoder", or "decoder" (it reads the sentence itself, attending to the
            encoder's states of the same sentence)

    Raises ValueError: pickled or no weights, a config that Transformers does not know, an unknown device or stack.
    FileNotFoundError: nothing of that name here, and the hub cannot be reached or has no such model.
    """
    if stack not in ("encoder", "decoder"):
        raise ValueError(f"stack {stack!r}; give 'encoder' or 'decoder' (of an encoder-decoder)")
    folder = _folder_of(spec)
    _refuse_pickles(spec, folder)
    model = Model(spec, folder, device=device, stack=stack)
    if stack == "decoder" and model.kind != "encoder-decoder":
        raise ValueError(f"model {spec!r} is a {model.kind}: it has no stack to choose; leave `stack` out")
    return model


def _folder_of(spec: str) -> Path:
    kind, colon, name = spec.partition(":")
    if colon and kind == "mini":
        return shipped_model(name)
    if colon and kind == "package":
        if not name.replace(".", "").isidentifier() or importlib.util.find_spec(name) is None:
            raise FileNotFoundError(f"model {spec!r}: Python package {name!r} is not installed; install it (pip install {name.replace('_', '-')}) or give a folder")
        folder = getattr(importlib.import_module(name), "MODEL_DIR", None)
        if folder is None:
            raise ValueError(f"model {spec!r}: package {name!r} has no MODEL_DIR; give the folder of its model instead")
        return Path(str(folder)).resolve()
    if folder := find_model(spec):
        if not (folder / "config.json").is_file():
            raise ValueError(f"model {spec!r}: {folder} is no Transformers model folder (config.json is missing)")
        return folder
    if not _HUB_ID.fullmatch(spec) or spec.startswith("."):
        raise FileNotFoundError(f"no model at {spec!r}; give mini:<name>, a folder that exists, its name under $LCACORE_MODELS, or a hub id (org/name)")
    return _from_hub(spec)


def _from_hub(spec: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError, RevisionNotFoundError

    name, _, revision = spec.partition("@")
    options = {"revision": revision or None, "allow_patterns": list(_CONTENT), "ignore_patterns": ["*/*", "*.bin"]}
    with contextlib.suppress(Exception):  # whatever is wrong with the cache, downloading mends it
        folder = Path(snapshot_download(name, local_files_only=True, **options))
        if (folder / "config.json").exists() and any(folder.glob("*.safetensors")):
            return folder
    try:
        return Path(snapshot_download(name, **options))
    except (RepositoryNotFoundError, RevisionNotFoundError, HFValidationError) as error:
        raise FileNotFoundError(f"no model {spec!r}: no such folder here or under $LCACORE_MODELS, and the hub has none of this name or revision ({type(error).__name__})") from error
    except Exception as error:  # the client raises many kinds, its own and those of its transport
        raise FileNotFoundError(
            f"no model {spec!r}: no such folder here or under $LCACORE_MODELS, not in the hub's local cache, and the hub cannot be reached "
            f"({type(error).__name__}). Download it once online, or copy its folder here and give its path"
        ) from error


def _refuse_pickles(spec: str, folder: Path) -> None:
    if any(folder.glob("*.safetensors")):
        return
    if pickled := sorted(p.name for pattern in _PICKLED for p in folder.glob(pattern)):
        raise ValueError(
            f"model {spec!r}: its weights are only there as {', '.join(pickled)}. Such files are pickles, which can run any code when loaded, "
            "or formats not read here; convert them to model.safetensors where you trust them (save_pretrained does)"
        )
    raise ValueError(f"model {spec!r}: no weights in {folder}; wanted model.safetensors" + ("" if any(folder.iterdir()) else " (the folder is empty)"))


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without the library's progress bars and its notes on unused heads: they would end up in the book's pages."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


class Model:
    """A model to read: frozen weights, evaluation mode, no gradients.

    spec, name    what was asked for; the last part of it
    folder        where its files are
    kind          "encoder", "decoder" or "encoder-decoder"
    n_layers      L; layer 0 is the embeddings' output, 1 … L the blocks'
    width         d, neurons per layer
    max_length    sub-tokens a sentence may have, special ones included; None where nothing limits it
    key           content key: weights, config and tokenizer
    """

    def __init__(self, spec: str, folder: Path, *, device: str = "auto", stack: str = "encoder"):
        self.spec, self.folder, self.stack = spec, Path(folder), stack
        self.name = re.split(r"[/:]", spec.rstrip("/"))[-1]
        self._device = device

    def __repr__(self) -> str:
        return f"Model({self.spec!r}: {self.kind}, {self.n_layers} layers x {self.width})"

    # --- what it is -----------------------------------------------------------------------------

    @functools.cached_property
    def config(self):
        from transformers import AutoConfig

        register()
        try:
            return AutoConfig.from_pretrained(str(self.folder), trust_remote_code=False, local_files_only=True)
        except (ValueError, KeyError, OSError, json.JSONDecodeError) as error:
            raise ValueError(f"model {self.spec!r}: its config.json is not one that Transformers knows (code that comes with a model is never run): {error}") from error

    @functools.cached_property
    def kind(self) -> str:
        from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, MODEL_FOR_MASKED_LM_MAPPING_NAMES

        if self.config.is_encoder_decoder:
            return "encoder-decoder"
        name = self.config.model_type
        causal = name in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and name not in MODEL_FOR_MASKED_LM_MAPPING_NAMES
        # XLNet's language model is autoregressive over permutations; read as a model it sees the whole sentence
        return "decoder" if getattr(self.config, "is_decoder", False) or (causal and name != "xlnet") else "encoder"

    @property
    def n_layers(self) -> int:
        decoder_layers = getattr(self.config, "num_decoder_layers", None) or getattr(self.config, "decoder_layers", None)
        return int(decoder_layers if self.stack == "decoder" and decoder_layers else self.config.num_hidden_layers)

    @property
    def width(self) -> int:
        return int(self.config.hidden_size)

    @functools.cached_property
    def max_length(self) -> int | None:
        limits = [self.tokenizer.model_max_length]
        positions = getattr(self.config, "max_position_embeddings", None)
        if isinstance(positions, int) and positions > 0:
            # RoBERTa and its kin number positions from the padding token's id on, so their tables hold fewer
            table = getattr(getattr(self.module, "embeddings", None), "position_embeddings", None)
            offset = getattr(table, "padding_idx", None)
            limits.append(positions - (offset + 1 if offset is not None else 0))
        limit = min(limits)
        return int(limit) if limit < _NO_LIMIT else None

    @functools.cached_property
    def key(self) -> str:
        files = sorted({p for pattern in _CONTENT for p in self.folder.glob(pattern) if p.is_file()})
        return fingerprint({"files": {p.name: checksum(p) for p in files}, "stack": self.stack})

    def check_layers(self, layers: str | int | Sequence[int]) -> tuple[int, ...]:
        """The layers asked for, in order; "all" is 0 … L. ValueError names those there are."""
        have = range(self.n_layers + 1)
        if isinstance(layers, str):
            if layers != "all":
                raise ValueError(f"layers {layers!r}; give 'all' or a list of layers from 0 (embeddings) to {self.n_layers}")
            return tuple(have)
        wanted = [int(i) for i in ([layers] if isinstance(layers, int) else layers)]
        if missing := [i for i in wanted if i not in have]:
            raise ValueError(f"model {self.spec!r} has no layer {', '.join(map(str, missing))}; it has 0 (embeddings) to {self.n_layers}")
        if not wanted or len(set(wanted)) != len(wanted):
            raise ValueError(f"layers {wanted}; name at least one layer, and none twice")
        return tuple(sorted(wanted))

    # --- its tokenizer --------------------------------------------------------------------------

    @functools.cached_property
    def tokenizer(self):
        from transformers import AutoTokenizer

        register()
        folder = self.folder
        while not (folder / "tokenizer_config.json").exists() and (base := base_of(folder)):
            folder = base  # a model kept as a difference reads with its base's tokenizer
        try:
            return AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False, local_files_only=True)
        except ImportError as error:
            raise ImportError(f"model {self.spec!r}: its tokenizer needs a package that is not installed: {error}") from error
        except (ValueError, KeyError, OSError, TypeError, AttributeError) as error:
            raise ValueError(f"model {self.spec!r}: its tokenizer cannot be read: {error}") from error

    @property
    def pad_id(self) -> int:
        """Id to fill batches with (masked out): the padding token, or any where a model has none (GPT-2, Llama)."""
        candidates = (self.tokenizer.pad_token_id, self.tokenizer.eos_token_id, self.tokenizer.unk_token_id)
        return next((i for i in candidates if i is not None and 0 <= i < self.config.get_text_config().vocab_size), 0)

    # --- its network ----------------------------------------------------------------------------

    @functools.cached_property
    def device(self):
        import torch

        try:
            if self._device == "auto":
                return torch.device("cuda" if torch.cuda.is_available() else "cpu")
            device = torch.device(self._device)
        except RuntimeError as error:
            raise ValueError(f"device {self._device!r} is none that PyTorch knows; give auto, cpu or cuda") from error
        if device.type == "cuda" and not torch.cuda.is_available():
            raise ValueError(f"device {self._device!r}: PyTorch sees no GPU here; give auto or cpu")
        return device

    @functools.cached_property
    def module(self):
        """The torch module in float32, in evaluation mode, its gradients off."""
        module, missing = self.load("AutoModel")
        # a pooler or a head is often absent and never read here; any other missing weight would be random
        if missing := [name for name in missing if "pooler" not in name]:
            raise ValueError(f"model {self.spec!r}: {len(missing)} weights are missing from its files, {missing[0]} the first; give the whole model")
        module.requires_grad_(False)
        return module.eval().to(self.device)

    def load(self, kind: str):
        """(module, names of weights that its files lack): the network as another of Transformers' automatic classes.

        kind    "AutoModel", or with a head: "AutoModelForMaskedLM", "AutoModelForSequenceClassification", …

        Raises ValueError: weights that cannot be read, or an architecture that has no such head.
        """
        import torch
        import transformers
        from safetensors import SafetensorError

        automatic = getattr(transformers, kind)
        if type(self.config) not in automatic._model_mapping:
            raise ValueError(f"model {self.spec!r}: an architecture {self.config.model_type} has no {kind} in Transformers")
        options = {"dtype": torch.float32, "output_loading_info": True}
        try:
            with _quietly():
                if (self.folder / PACKED).exists():
                    state = {name: torch.from_numpy(value) for name, value in load_packed(self.folder).items()}
                    module, loading = automatic._model_mapping[type(self.config)].from_pretrained(None, config=self.config, state_dict=state, **options)
                else:
                    options |= {"use_safetensors": True, "trust_remote_code": False, "local_files_only": True}
                    module, loading = automatic.from_pretrained(str(self.folder), **options)
        except (SafetensorError, OSError, ValueError, RuntimeError) as error:
            raise ValueError(f"model {self.spec!r}: its weights cannot be read (truncated, or not of its config's shape?): {error}") from error
        return module, sorted(loading["missing_keys"])

    @functools.cached_property
    def _parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.module.forward).parameters)

    @property
    def blocks(self):
        """The L blocks, in order (a torch ModuleList), where edits hook in."""
        import torch

        root = self.module
        if self.kind == "encoder-decoder":
            root = root.get_decoder() if self.stack == "decoder" else root.get_encoder()
        for child in root.modules():
            if isinstance(child, torch.nn.ModuleList) and len(child) == self.n_layers and not isinstance(child[0], torch.nn.LayerNorm):
                return child
        raise ValueError(f"model {self.spec!r} ({self.config.model_type}): found no list of {self.n_layers} blocks to edit")

    def _site(self, layer: int):
        """The torch module that layer `layer` enters."""
        if layer < self.n_layers:
            return self.blocks[layer]
        root = self.module.get_encoder() if self.kind == "encoder-decoder" and self.stack == "encoder" else self.module
        if (last := getattr(root, "last", None)) is None:
            raise ValueError(f"layer {self.n_layers} is the last: no block reads it; edit the result of hidden_states instead")
        return last

    @contextlib.contextmanager
    def edited(self, edits: Mapping[int, Callable]) -> Iterator[Model]:
        """Inside this block the network runs with edited hidden states.

        edits  layer i (0 … L-1, and L where the project's own network hands its last layer on) → a function of the
               (B, T, d) states of layer i, giving those to go on with
        """
        layers = self.check_layers(list(edits)) if edits else ()
        sites = {i: self._site(i) for i in layers}

        def hook(edit):
            def before(_, args, kwargs):
                if args:
                    return (edit(args[0]), *args[1:]), kwargs
                return args, {**kwargs, "hidden_states": edit(kwargs["hidden_states"])}

            return before

        handles = [site.register_forward_pre_hook(hook(edits[i]), with_kwargs=True) for i, site in sites.items()]
        try:
            yield self
        finally:
            for handle in handles:
                handle.remove()

    @functools.cached_property
    def pads_left(self) -> bool:
        """Does a batch put the padding before the sentences? Where a decoder's tokenizer wants it and positions can be told."""
        return self.kind == "decoder" and self.tokenizer.padding_side == "left" and "position_ids" in self._parameters

    def collate(self, input_ids: Sequence[Sequence[int]], token_type_ids: Sequence[Sequence[int]] | None = None) -> dict:
        """Encoded sentences (special tokens included) as one padded batch of (B, T) tensors on the model's device.

        Decoders are padded on their tokenizer's side and told each token's position, so that padding shifts none;
        encoders are always padded on the right, where their absolute positions want it.
        """
        import torch

        longest = max(map(len, input_ids))

        def pad(rows, fill):
            gaps = [[fill] * (longest - len(row)) for row in rows]
            padded = [gap + list(row) if self.pads_left else list(row) + gap for row, gap in zip(rows, gaps, strict=True)]
            return torch.tensor(padded, dtype=torch.long, device=self.device)

        batch = {"input_ids": pad(input_ids, self.pad_id), "attention_mask": pad([[1] * len(row) for row in input_ids], 0)}
        if token_type_ids is not None and "token_type_ids" in self._parameters:
            batch["token_type_ids"] = pad(token_type_ids, self.tokenizer.pad_token_type_id)
        if self.kind == "decoder" and "position_ids" in self._parameters:
            batch["position_ids"] = (batch["attention_mask"].cumsum(1) - 1).clamp(min=0)
        return batch

    def hidden_states(self, batch: Mapping) -> list:
        """Hidden states of a batch: L + 1 float tensors (B, T, d), the embeddings' output first.

        The last is what the model hands on: after the final layer norm where it has one (GPT-2, Llama, T5).
        """
        import torch

        options = {"output_hidden_states": True, "return_dict": True}
        if "use_cache" in self._parameters:
            options["use_cache"] = False
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            if self.kind != "encoder-decoder":
                states = self.module(**batch, **options).hidden_states
            elif self.stack == "encoder":
                states = self.module.get_encoder()(**batch, output_hidden_states=True, return_dict=True).hidden_states
            else:
                copy = {"decoder_input_ids": batch["input_ids"], "decoder_attention_mask": batch["attention_mask"]}
                states = self.module(**batch, **copy, **options).decoder_hidden_states
        if states is None or len(states) != self.n_layers + 1:
            got = "none" if states is None else len(states)
            raise ValueError(f"model {self.spec!r} ({self.config.model_type}) gave {got} hidden states; wanted {self.n_layers + 1}: this architecture is not supported")
        return list(states)
