"""A real inference server on a tiny model with random weights, both made on the spot.

The files are written without PyTorch, so that only the server's own process has to load it.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from pydantic import SecretStr
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from bot.openers.bundled import PROMPTS
from bot.settings import ModelSettings

WIDTH, LAYERS, WORDS, CONTEXT = 64, 2, 600, 4096
STARTS_WITHIN = 60.0
CHAT = "{% for one in messages %}{{ one['role'] }}: {{ one['content'] }}\n{% endfor %}assistant:"


def make_model(folder: Path) -> None:
    """Write a Llama of two layers, and a tokenizer that has read our own prompts."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([it.read_text("utf-8") for it in PROMPTS.rglob("*.md")], trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    _write(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "pad_token": "</s>",
            "chat_template": CHAT,
        },
    )
    size = tokenizer.get_vocab_size()
    _write(
        folder / "config.json",
        {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "vocab_size": size,
            "hidden_size": WIDTH,
            "intermediate_size": WIDTH,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "max_position_embeddings": CONTEXT,
            "bos_token_id": 0,
            "eos_token_id": 1,
            "pad_token_id": 1,
            "tie_word_embeddings": False,
            "dtype": "float32",
        },
    )
    save_file(_weights(size), folder / "model.safetensors", metadata={"format": "pt"})


def _weights(size: int) -> dict[str, np.ndarray]:
    dice = np.random.default_rng(0)

    def drawn(*shape: int) -> np.ndarray:
        return dice.normal(0, 0.02, shape).astype(np.float32)

    weights = {
        "model.embed_tokens.weight": drawn(size, WIDTH),
        "model.norm.weight": np.ones(WIDTH, np.float32),
        "lm_head.weight": drawn(size, WIDTH),
    }
    for layer in range(LAYERS):
        here = f"model.layers.{layer}."
        for name in ("q", "k", "v", "o"):
            weights[f"{here}self_attn.{name}_proj.weight"] = drawn(WIDTH, WIDTH)
        for name in ("gate", "up", "down"):
            weights[f"{here}mlp.{name}_proj.weight"] = drawn(WIDTH, WIDTH)
        for name in ("input", "post_attention"):
            weights[f"{here}{name}_layernorm.weight"] = np.ones(WIDTH, np.float32)
    return weights


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), "utf-8")


@contextmanager
def inferring(folder: Path) -> Iterator[ModelSettings]:
    """`transformers serve` on the model in `folder`, on loopback, for the time of the tests."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(folder)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    command += ["--default-seed", "0"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
        try:
            _await(f"http://127.0.0.1:{port}/health", process, log)
            yield ModelSettings(
                base_url=f"http://127.0.0.1:{port}/v1", api_key=SecretStr("k"), name=str(folder)
            )
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the inference server did not start:\n{log.read_text('utf-8')[-2000:]}")
