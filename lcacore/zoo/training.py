"""Training of the zoo's masked language models: data, tokenizer, loop, checkpoint, record.

Every random draw is a function of (seed, step), so a run that was stopped goes on exactly as if it had not been.
"""

from __future__ import annotations

import json
import os
import platform
import time
import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from .. import grammar
from ..store import checksum, write_atomically
from ..types import fingerprint

CHECKPOINT = "checkpoint.pt"
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = range(5)


# --- tokenizer and data ----------------------------------------------------------------------------

def train_tokenizer(sentences, vocabulary: int):
    """A byte-pair encoding of words, each marked at its start; [CLS] and [SEP] around a sentence.

    Plain byte-pair encoding, since that trainer alone gives the same merges every time.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always", split=True)])
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=list(SPECIAL), show_progress=False)
    tokenizer.train_from_iterator((" ".join(s) for s in sentences), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)])
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=128, **names)


def encode(tokenizer, sentences) -> list[np.ndarray]:
    """Token ids of each sentence, special tokens included."""
    return [np.array(e.ids, dtype=np.int64) for e in tokenizer.backend_tokenizer.encode_batch([" ".join(s) for s in sentences])]


def batches(lengths: np.ndarray, size: int, seed: int):
    """Batches of sentence indices without end: shuffled anew in each pass, neighbours in a batch of like length."""
    epoch = 0
    while True:
        random = np.random.Generator(np.random.PCG64([seed, 1, epoch]))
        order = random.permutation(len(lengths))
        block = size * 50
        groups = []
        for start in range(0, len(order), block):
            part = order[start : start + block]
            part = part[np.argsort(lengths[part], kind="stable")]
            groups += [part[i : i + size] for i in range(0, len(part), size)]
        for i in random.permutation(len(groups)):
            yield groups[i]
        epoch += 1


def masked_batch(ids: list[np.ndarray], index: np.ndarray, config, step: int, vocabulary: int):
    """(input (B, T), attention (B, T), positions (M,) into B·T, targets (M,)) of one step."""
    random = np.random.Generator(np.random.PCG64([config.seed, 2, step]))
    width = max(len(ids[i]) for i in index)
    tokens = np.full((len(index), width), PAD, dtype=np.int64)
    for row, i in enumerate(index):
        tokens[row, : len(ids[i])] = ids[i]
    attention = tokens != PAD
    draw = random.random(tokens.shape)
    chosen = (draw < config.mask_rate) & (tokens >= len(SPECIAL))
    if not chosen.any():
        chosen[0, 1] = True
    targets = tokens[chosen]
    how = random.random(tokens.shape)
    inputs = np.where(chosen & (how < config.masked), MASK, tokens)
    other = random.integers(len(SPECIAL), vocabulary, tokens.shape)
    inputs = np.where(chosen & (how >= config.masked) & (how < config.masked + config.random), other, inputs)
    return inputs, attention, np.flatnonzero(chosen), targets


# --- training --------------------------------------------------------------------------------------

def new_model(config, vocabulary: int):
    """A BERT masked language model with random weights."""
    import torch
    from transformers import BertConfig, BertForMaskedLM

    if config.architecture != "bert":
        raise ValueError(f"zoo config {config.name!r}: architecture {config.architecture!r} is not known; this version trains bert")
    if config.width % config.heads:
        raise ValueError(f"zoo config {config.name!r}: width {config.width} is no multiple of {config.heads} heads")
    torch.manual_seed(config.seed)
    return BertForMaskedLM(BertConfig(
        vocab_size=vocabulary, hidden_size=config.width, num_hidden_layers=config.layers, num_attention_heads=config.heads, intermediate_size=config.ffn,
        max_position_embeddings=config.positions, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=PAD, type_vocab_size=2,
        initializer_range=0.04,
    ))


def rate(step: int, config) -> float:
    """Learning rate of a step: warm-up, then linear to zero."""
    warm = max(1, round(config.warmup * config.steps))
    return config.lr * min((step + 1) / warm, max(0.0, (config.steps - step) / max(1, config.steps - warm)))


def masked_loss(model, inputs, attention, positions, targets):
    """Mean cross-entropy (nats) of the selected pieces; the vocabulary is scored at these alone."""
    import torch
    from torch.nn.functional import cross_entropy

    hidden = model.bert(input_ids=inputs, attention_mask=attention).last_hidden_state
    picked = hidden.reshape(-1, hidden.shape[-1])[positions]
    return cross_entropy(model.cls(picked.unsqueeze(0)).squeeze(0).to(torch.float32), targets)


def train(config, out: Path, *, resume=True, device="auto", threads=None, progress=None, stop_after=None) -> Path:
    import torch

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if threads:
        torch.set_num_threads(threads)
    out.mkdir(parents=True, exist_ok=True)
    sentences = grammar.text(config.language, size=config.sentences, seed=config.text_seed)
    tokenizer = train_tokenizer(sentences, config.vocabulary)
    ids = [row for row in encode(tokenizer, sentences) if len(row) <= config.positions]
    del sentences  # a large text: only its pieces are needed from here
    lengths = np.array(list(map(len, ids)))
    vocabulary = len(tokenizer)
    model = new_model(config, vocabulary).to(device)
    plain = [p for p in model.parameters() if p.ndim < 2]
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": config.weight_decay}, {"params": plain, "weight_decay": 0.0}], lr=config.lr, betas=(0.9, 0.98))
    key = fingerprint([asdict(config), device])
    first, curve, seconds = 0, [], 0.0
    if resume and (out / CHECKPOINT).exists():
        state = torch.load(out / CHECKPOINT, map_location=device, weights_only=True)
        if state["key"] == key:
            model.load_state_dict(state["model"])
            optimizer.load_state_dict(state["optimizer"])
            first, curve, seconds = state["step"], state["curve"], state["seconds"]
    model.train()
    stream = batches(lengths, config.batch, config.seed)
    for _ in range(first):
        next(stream)
    every, kept = max(1, config.steps // 100), max(1, config.steps // 20)
    last = config.steps if stop_after is None else min(config.steps, first + stop_after)
    started, losses = time.monotonic(), []
    for step in range(first, last):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, config)
        batch = masked_batch(ids, next(stream), config, step, vocabulary)
        loss = masked_loss(model, *(torch.from_numpy(a).to(device) for a in batch))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.detach())
        done = step + 1
        if done % every == 0 or done == last:
            curve.append([done, round(float(torch.stack(losses).mean()), 4)])
            losses = []
            if progress:
                progress(done, config.steps, curve[-1][1])
        if done % kept == 0 or done == last:
            _checkpoint(out, {"key": key, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": done, "curve": curve, "seconds": seconds + time.monotonic() - started})
    if last == config.steps:
        _finish(config, out, model, tokenizer, curve, seconds + time.monotonic() - started, device)
    return out


def _checkpoint(out: Path, state: dict) -> None:
    import torch

    part = out / f".{CHECKPOINT}.{uuid.uuid4().hex[:8]}"
    try:
        torch.save(state, part)
        os.replace(part, out / CHECKPOINT)
    finally:
        part.unlink(missing_ok=True)


def _finish(config, out: Path, model, tokenizer, curve, seconds: float, device: str) -> None:
    """Save in half precision, measure what was saved, write the record; the checkpoint goes."""
    import torch
    import transformers

    model.to(torch.float16).save_pretrained(out)
    settings = json.loads((out / "config.json").read_text())
    settings["dtype"] = "float32"  # stored in half precision, computed in single
    settings.pop("_name_or_path", None)
    write_atomically(out / "config.json", json.dumps(settings, indent=2, sort_keys=True) + "\n")
    tokenizer.save_pretrained(out)
    (out / "model.safetensors").chmod(0o644)
    files = sorted(p for p in out.iterdir() if p.is_file() and p.name not in ("training.json", CHECKPOINT) and not p.name.startswith("."))
    record = {
        "name": config.name,
        "config": asdict(config),
        "command": f"lcacore zoo train {config.name}",
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": round(seconds),
        "hardware": hardware(device),
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__, "numpy": np.__version__},
        "parameters": sum(p.numel() for p in model.parameters()),
        "loss": {"unit": "nats per selected piece, mean over the steps since the last point", "curve": curve},
        "measured": evaluate(out, config),
        "files": {p.name: {"bytes": p.stat().st_size, "blake2b": checksum(p)} for p in files},
    }
    write_atomically(out / "training.json", json.dumps(record, indent=1) + "\n")
    (out / CHECKPOINT).unlink(missing_ok=True)


def hardware(device: str) -> str:
    """The machine in words."""
    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_name()
    machine = platform.machine().replace("_", "-")
    threads = torch.get_num_threads()
    return f"{os.cpu_count()}-core {machine} CPU, {threads} thread{'s' * (threads > 1)}"


# --- what a model has learnt -----------------------------------------------------------------------

def evaluate(folder: Path, config) -> dict:
    """Accuracies on the probing corpus's test sentences, which the model has not been trained on.

    Pieces are counted in as many sentences as there were training steps, 400 at most; whole words in 150 at most.

    copy           pieces that were left as they are, read back right
    masked_piece   pieces hidden singly at the training rate, restored
    masked_word    words hidden whole, each alone in its sentence, restored whole
    always_common  the share that the most frequent word of the text would restore
    """
    import torch
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    probing = grammar.corpus(config.language, sizes={"test": min(400, config.steps)}).sentences
    rows = encode(tokenizer, probing)
    hit = {"copy": [], "masked_piece": []}
    word_hits, words = [], []
    with torch.no_grad():
        for i in range(0, len(rows), 50):
            part = rows[i : i + 50]
            inputs, attention, positions, targets = masked_batch(part, np.arange(len(part)), _all_masked(config), i, len(tokenizer))
            scores = model(input_ids=torch.from_numpy(inputs), attention_mask=torch.from_numpy(attention)).logits.argmax(-1).numpy()
            hit["masked_piece"] += (scores.reshape(-1)[positions] == targets).tolist()
            kept = (inputs >= len(SPECIAL)) & attention
            hit["copy"] += (scores[kept] == inputs[kept]).tolist()
        for sentence in probing[:150]:
            encoded = tokenizer(list(sentence), is_split_into_words=True)
            ids, owner = np.array(encoded["input_ids"]), np.array([-1 if w is None else w for w in encoded.word_ids()])
            batch = np.tile(ids, (len(sentence), 1))
            hidden = owner[None, :] == np.arange(len(sentence))[:, None]
            batch[hidden] = MASK
            best = model(input_ids=torch.from_numpy(batch)).logits.argmax(-1).numpy()
            word_hits += [bool((best[w][hidden[w]] == ids[hidden[w]]).all()) for w in range(len(sentence))]
            words += sentence
    most = max(sorted(set(words)), key=words.count)
    return {
        **{name: round(float(np.mean(values)), 4) for name, values in hit.items()},
        "masked_word": round(float(np.mean(word_hits)), 4),
        "always_common": round(words.count(most) / len(words), 4),
        "pieces": len(hit["masked_piece"]),
        "words": len(words),
    }


def _all_masked(config):
    """The config with every selected piece hidden behind [MASK]."""
    from dataclasses import replace

    return replace(config, masked=1.0, random=0.0)
