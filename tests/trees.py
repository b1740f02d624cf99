"""What every dependency annotation must be, in any language."""


def heads_of_tree(sentence) -> list[int]:
    """The heads of a generated sentence, after checking that they make a tree with one root."""
    heads = [int(h) for h in sentence.layer("head")]
    assert [r for h, r in zip(heads, sentence.layer("deprel"), strict=True) if h == 0] == ["root"], sentence
    for i in range(1, len(heads) + 1):
        seen, node = set(), i
        while node:
            assert node not in seen, sentence
            seen.add(node)
            node = heads[node - 1]
    return heads
