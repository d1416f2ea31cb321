"""Runs llama.cpp's own HTTP server on loopback, prints its address, and ends with its standard input.

Usage: serve.py TEXT_GGUF [VISION_GGUF]; the key is read from LLAMA_KEY.
"""

import os
import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
if len(sys.argv) > 2:
    params.mmproj.path = sys.argv[2]
params.model_alias = {"embedded"}
params.api_keys = [os.environ["LLAMA_KEY"]]
params.hostnames = ["127.0.0.1"]
params.n_ctx = 4096
params.n_parallel = 2
params.n_gpu_layers = 0
# Two threads wait for each other by spinning, which takes seconds a token on a busy machine.
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
params.ui = False
params.offline = True
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
os._exit(0)
