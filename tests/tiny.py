"""A world small enough for a test: three word classes, and a random BERT whose tokenizer knows the words."""

import numpy as np

WORDS = {"N": "cat dog house tree bird river".split(), "V": "sees takes finds likes holds knows".split(), "D": "the a this that each some".split()}


def write_world(root):
    """Write train.tsv, dev.tsv, test.tsv (word, label) and model/ into a folder; returns it."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    rng = np.random.default_rng(0)
    for split, size in {"train": 120, "dev": 40, "test": 40}.items():
        lines = []
        for _ in range(size):
            for label in "DNVDN":
                lines.append(f"{rng.choice(WORDS[label])}\t{label}")
            lines.append("")
        (root / f"{split}.tsv").write_text("\n".join(lines))
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(w for ws in WORDS.values() for w in ws)]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    torch.manual_seed(0)
    model = BertModel(BertConfig(vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32))
    model.save_pretrained(root / "model")
    fast.save_pretrained(root / "model")
    return root
