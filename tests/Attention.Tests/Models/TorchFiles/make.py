"""Writes the files that TorchFileTests reads: state dictionaries by PyTorch itself, and the same numbers as safetensors.

  python make.py        (needs torch; the files here are from 1.13)
"""
import json
import struct
from collections import OrderedDict

import torch

torch.manual_seed(1)
base = torch.randn(6, 7)
state = OrderedDict()
state["linear.weight"] = torch.randn(3, 4)
state["linear.bias"] = torch.nn.Parameter(torch.randn(3))
state["tied.weight"] = state["linear.weight"]
state["transposed"] = base.t()
state["slice"] = base[2:4, 1:5]
state["permuted"] = torch.arange(24).reshape(2, 3, 4).permute(2, 0, 1)
state["half"] = torch.randn(5).half()
state["bfloat"] = torch.randn(5).bfloat16()
state["double"] = torch.randn(2, 2).double()
state["position_ids"] = torch.arange(8).expand((1, -1))
state["int"] = torch.tensor([1, -2, 3], dtype=torch.int32)
state["short"] = torch.tensor([1, -2, 3], dtype=torch.int16)
state["char"] = torch.tensor([1, -2, 3], dtype=torch.int8)
state["byte"] = torch.tensor([1, 254, 3], dtype=torch.uint8)
state["bool"] = torch.tensor([True, False, True])
state["scalar"] = torch.tensor(2.5)
state["empty"] = torch.zeros(0, 3)
state["Größe"] = torch.tensor([1.0])
state._metadata = OrderedDict([("", {"version": 1})])

torch.save(state, "zip.bin")
torch.save(state, "old.bin", _use_new_zipfile_serialization=False)
torch.save(dict(state), "zip4.bin", pickle_protocol=4)
torch.save(torch.nn.Linear(2, 2), "module.bin")

names = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}
header, data = {}, b""
for name, tensor in state.items():
    tensor = tensor.detach().contiguous()
    bits = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
    raw = bits.numpy().tobytes()
    header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
open("expected.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
