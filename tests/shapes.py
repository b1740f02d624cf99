"""Tiny random models of the papers' architectures, with tokenizers trained here: folders that `load_model` reads."""

from __future__ import annotations

import json
from pathlib import Path

SENTENCES = (
    "the old dogs were barking at the postman in the garden .",
    "unbelievably , nobody reconsidered !",
    "yes",
    "she said that internationalization doesn't matter to the smaller companies of the region , which surprised him greatly",
    "a b c",
    "Musharraf meets Vajpayee in the city of Islamabad",
)
WORDS = tuple(tuple(s.split()) for s in SENTENCES)
_TRAINING = [s for s in SENTENCES if "unbelievably" not in s] * 3  # some words must fall to pieces

ENCODERS = ("bert", "roberta", "xlnet", "xlm-roberta", "flaubert", "electra", "distilbert")
DECODERS = ("gpt2", "llama")
SHAPES = (*ENCODERS, *DECODERS, "t5")

_WIDTH, _LAYERS, _HEADS, _LENGTH = 24, 3, 4, 128


def build(shape: str, folder: Path, *, padding_side: str | None = None, length: int = _LENGTH) -> Path:
    """Write a random model of this shape and its tokenizer into the folder."""
    import torch

    tokenizer = _tokenizer(shape, folder)
    torch.manual_seed(0)
    module = _module(shape, len(tokenizer), length)
    for parameter in module.parameters():  # the usual initialisation is too small to tell layers apart
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    module.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if padding_side:
        config = json.loads((folder / "tokenizer_config.json").read_text())
        (folder / "tokenizer_config.json").write_text(json.dumps(config | {"padding_side": padding_side}))
    return folder


def _module(shape: str, vocabulary: int, length: int):
    import transformers as t

    plain = {"hidden_size": _WIDTH, "num_hidden_layers": _LAYERS, "num_attention_heads": _HEADS, "intermediate_size": 32, "vocab_size": vocabulary}
    if shape == "bert":
        return t.BertModel(t.BertConfig(**plain, max_position_embeddings=length))
    if shape == "roberta":
        return t.RobertaModel(t.RobertaConfig(**plain, max_position_embeddings=length + 2))
    if shape == "xlm-roberta":
        return t.XLMRobertaModel(t.XLMRobertaConfig(**plain, max_position_embeddings=length + 2))
    if shape == "electra":
        return t.ElectraModel(t.ElectraConfig(**plain, embedding_size=16, max_position_embeddings=length))
    if shape == "distilbert":
        return t.DistilBertModel(t.DistilBertConfig(vocab_size=vocabulary, dim=_WIDTH, n_layers=_LAYERS, n_heads=_HEADS, hidden_dim=32, max_position_embeddings=length))
    if shape == "flaubert":
        return t.FlaubertModel(
            t.FlaubertConfig(vocab_size=vocabulary, emb_dim=_WIDTH, n_layers=_LAYERS, n_heads=_HEADS, max_position_embeddings=length, pad_index=2)
        )
    if shape == "xlnet":
        return t.XLNetModel(t.XLNetConfig(vocab_size=vocabulary, d_model=_WIDTH, n_layer=_LAYERS, n_head=_HEADS, d_inner=32))
    if shape == "gpt2":
        return t.GPT2Model(t.GPT2Config(vocab_size=vocabulary, n_embd=_WIDTH, n_layer=_LAYERS, n_head=_HEADS, n_positions=length, bos_token_id=0, eos_token_id=0))
    if shape == "llama":
        return t.LlamaModel(t.LlamaConfig(**plain, max_position_embeddings=length))
    if shape == "t5":
        return t.T5Model(t.T5Config(vocab_size=vocabulary, d_model=_WIDTH, d_kv=6, d_ff=32, num_layers=_LAYERS, num_decoder_layers=2, num_heads=_HEADS))
    raise ValueError(shape)


def _tokenizer(shape: str, folder: Path):
    import transformers as t

    if shape in ("bert", "electra", "distilbert"):
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

        core = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        core.normalizer, core.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
        core.train_from_iterator(_TRAINING, trainers.WordPieceTrainer(vocab_size=120, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
        return t.BertTokenizer(vocab=core.get_vocab())
    if shape in ("roberta", "gpt2"):
        vocabulary, merges = _byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"] if shape == "roberta" else ["<|endoftext|>"])
        return (t.RobertaTokenizer if shape == "roberta" else t.GPT2Tokenizer)(vocab=vocabulary, merges=merges)
    if shape == "llama":
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

        core = Tokenizer(models.BPE(unk_token="<unk>"))
        core.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        core.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
        core.train_from_iterator(_TRAINING, trainers.BpeTrainer(vocab_size=150, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False))
        model = json.loads(core.to_str())["model"]
        return t.LlamaTokenizer(vocab=model["vocab"], merges=[tuple(m) for m in model["merges"]])
    if shape in ("xlnet", "xlm-roberta", "t5"):
        special = {
            "xlnet": ["<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>"],
            "xlm-roberta": ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
            "t5": ["<pad>", "</s>", "<unk>"],
        }[shape]
        pieces = _unigram(special)
        if shape == "xlnet":
            return t.XLNetTokenizer(vocab=pieces)
        return t.XLMRobertaTokenizer(vocab=pieces) if shape == "xlm-roberta" else t.T5Tokenizer(vocab=pieces, extra_ids=0)
    if shape == "flaubert":
        vocabulary, merges = _end_of_word(["<s>", "</s>", "<pad>", "<unk>", *(f"<special{i}>" for i in range(10))])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "vocab.json").write_text(json.dumps(vocabulary))
        (folder / "merges.txt").write_text("".join(f"{a} {b} 1\n" for a, b in merges))
        return t.FlaubertTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    raise ValueError(shape)


def _byte_level(special):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    core.train_from_iterator(_TRAINING, trainers.BpeTrainer(vocab_size=330, initial_alphabet=sorted(alphabet), special_tokens=special, show_progress=False))
    model = json.loads(core.to_str())["model"]
    return model["vocab"], [tuple(m) for m in model["merges"]]


def _end_of_word(special):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    core = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    core.train_from_iterator(_TRAINING, trainers.BpeTrainer(vocab_size=160, special_tokens=special, end_of_word_suffix="</w>", show_progress=False))
    model = json.loads(core.to_str())["model"]
    return model["vocab"], [tuple(m) for m in model["merges"]]


def _unigram(special):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    core = Tokenizer(models.Unigram())
    core.pre_tokenizer = pre_tokenizers.Metaspace()
    core.train_from_iterator(_TRAINING, trainers.UnigramTrainer(vocab_size=110, special_tokens=special, unk_token="<unk>", show_progress=False))
    return [(piece, score) for piece, score in json.loads(core.to_str())["model"]["vocab"]]
