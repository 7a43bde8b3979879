"""Writes a llama of two layers with random weights and a vocabulary of single bytes: tiny_gguf.py FILE."""
import sys

import numpy
from gguf import GGUFWriter, TokenType

WIDTH, LAYERS, HEADS, INNER, CONTEXT = 64, 2, 4, 128, 4096
TOKENS = [b"<unk>", b"<s>", b"</s>"] + [b"<0x%02X>" % byte for byte in range(256)]

file = GGUFWriter(sys.argv[1], "llama")
random = numpy.random.default_rng(1)


def add(name, *shape):
    file.add_tensor(name, (random.standard_normal(shape) * 0.05).astype(numpy.float32))


def add_norm(name):
    file.add_tensor(name, numpy.ones(WIDTH, numpy.float32))


file.add_context_length(CONTEXT)
file.add_embedding_length(WIDTH)
file.add_block_count(LAYERS)
file.add_feed_forward_length(INNER)
file.add_head_count(HEADS)
file.add_head_count_kv(HEADS)
file.add_layer_norm_rms_eps(1e-5)
file.add_rope_dimension_count(WIDTH // HEADS)
file.add_vocab_size(len(TOKENS))
file.add_tokenizer_model("llama")
file.add_token_list(TOKENS)
file.add_token_scores([0.0] * len(TOKENS))
file.add_token_types(
    [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL] + [TokenType.BYTE] * 256
)
file.add_unk_token_id(0)
file.add_bos_token_id(1)
file.add_eos_token_id(2)

add("token_embd.weight", len(TOKENS), WIDTH)
add("output.weight", len(TOKENS), WIDTH)
add_norm("output_norm.weight")
for layer in range(LAYERS):
    block = "blk.%d." % layer
    add_norm(block + "attn_norm.weight")
    add_norm(block + "ffn_norm.weight")
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        add(block + part + ".weight", WIDTH, WIDTH)
    add(block + "ffn_gate.weight", INNER, WIDTH)
    add(block + "ffn_up.weight", INNER, WIDTH)
    add(block + "ffn_down.weight", WIDTH, INNER)

file.write_header_to_file()
file.write_kv_data_to_file()
file.write_tensors_to_file()
file.close()
