"""Eager PyTorch on the shape that `attention train` is timed on: 4 layers x 4 heads x 256, 8,192 words, rows of 64 tokens.

  python time_step.py [--steps 20] [--threads 2]
"""
import argparse
import resource
import time

import torch
import torch.nn.functional as F

from common import Config, MaskedLM, make_optimizer


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--steps", type=int, default=20)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--rows", type=int, default=32)
    ap.add_argument("--length", type=int, default=64)
    args = ap.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    model = MaskedLM(Config(8192, 4, 4, 256)).train()
    opt = make_optimizer(model, 1e-4, 0.01, torch.device("cpu"))
    B, T, P = args.rows, args.length, round(0.15 * (args.length - 2))
    ids, types = torch.randint(5, 8192, (B, T)), torch.zeros(B, T, dtype=torch.long)
    where, targets = torch.stack([torch.randperm(T)[:P] for _ in range(B)]), torch.randint(5, 8192, (B * P,))
    times = []
    for step in range(args.steps + 3):
        began, spent = time.time(), time.process_time()
        loss = F.cross_entropy(model(ids, types, None, where), targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        opt.zero_grad(set_to_none=True)
        if step >= 3:
            times.append((time.time() - began, time.process_time() - spent))
    wall, cpu = (sorted(t[i] for t in times)[len(times) // 2] for i in (0, 1))
    print("torch %s: median %.0f ms a step of %d tokens = %.0f tokens/s; %.0f ms of processor time; peak memory %d MB"
          % (torch.__version__, wall * 1e3, B * T, B * T / wall, cpu * 1e3, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


if __name__ == "__main__":
    main()
