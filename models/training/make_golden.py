"""The reference that `attention train` is held to: a few steps of tiny models in PyTorch, written as one safetensors file each.

  python make_golden.py ../../tests/golden/training

Each file holds the weights before and after, the batch, the losses and gradient lengths of each step, and the gradients of the first.
"""
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

from common import Config, MaskedLM, QuestionAnswering, write_safetensors

STEPS = 4
RATES = [1e-3, 3e-3, 2e-3, 1e-3]


def optimiser(model):
    wide = [p for p in model.parameters() if p.ndim >= 2]
    narrow = [p for p in model.parameters() if p.ndim < 2]
    return torch.optim.AdamW([{"params": wide, "weight_decay": 0.1}, {"params": narrow, "weight_decay": 0.0}],
                             lr=1.0, betas=(0.9, 0.98), eps=1e-8)


def train(path, model, loss_of, given):
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn(p.shape, generator=generator) * 0.3)
    out = {"before." + k: v.detach().numpy().copy() for k, v in model.named_parameters()}
    opt = optimiser(model)
    losses, norms = [], []
    for step in range(STEPS):
        for group in opt.param_groups:
            group["lr"] = RATES[step]
        loss = loss_of()
        loss.backward()
        if step == 0:
            out.update({"gradient." + k: p.grad.numpy().copy() for k, p in model.named_parameters()})
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        opt.step()
        opt.zero_grad(set_to_none=True)
        losses.append(loss.item())
    out.update({"after." + k: v.detach().numpy() for k, v in model.named_parameters()})
    out.update(given)
    out["losses"], out["norms"] = np.array(losses, np.float32), np.array(norms, np.float32)
    write_safetensors(path, out)
    print(path, losses, norms, os.path.getsize(path))


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(1)
    shape = Config(vocab_size=24, layers=2, heads=2, hidden=8, intermediate=12, max_position=12)
    rs = np.random.RandomState(5)

    ids = rs.randint(5, 24, (2, 10)).astype(np.int64)
    types = np.repeat([[0] * 6 + [1] * 4], 2, 0).astype(np.int64)
    where = np.array([[2, 5, 7], [1, 3, 9]], np.int64)
    targets = rs.randint(5, 24, 6).astype(np.int64)
    model = MaskedLM(shape)
    tensors = [torch.from_numpy(a) for a in (ids, types, where, targets)]
    train(os.path.join(folder, "mlm.safetensors"), model,
          lambda: F.cross_entropy(model(tensors[0], tensors[1], None, tensors[2]), tensors[3]),
          {"ids": ids, "types": types, "where": where, "targets": targets})

    lengths = [11, 7]
    ids = np.zeros((2, 11), np.int64)
    types = np.zeros((2, 11), np.int64)
    for i, n in enumerate(lengths):
        ids[i, :n] = rs.randint(5, 24, n)
        types[i, 4:n] = 1
    keep = np.arange(11)[None] < np.array(lengths)[:, None]
    start, end = np.array([5, 0], np.int64), np.array([8, 0], np.int64)
    model = QuestionAnswering(shape)
    t = [torch.from_numpy(a) for a in (ids, types, keep, start, end)]

    def loss():
        logits = model(t[0], t[1], t[2]).masked_fill(~t[2][:, :, None], -1e4)
        return (F.cross_entropy(logits[:, :, 0], t[3]) + F.cross_entropy(logits[:, :, 1], t[4])) / 2

    train(os.path.join(folder, "qa.safetensors"), model, loss,
          {"ids": ids, "types": types, "lengths": np.array(lengths, np.int64), "start": start, "end": end})


if __name__ == "__main__":
    main()
