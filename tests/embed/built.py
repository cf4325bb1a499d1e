"""Engines built by the installed TensorRT for the GPU of this machine, for tests under the `gpu` mark."""

from selfee_rt import build
from selfee_rt.config import ModelConfig
from selfee_rt.embed.engine_cache import engine_path
from selfee_rt.embed.engine_file import write_engine
from selfee_rt.embed.model import read_bytes, read_card
from selfee_rt.embed.tensorrt_library import choose_library
from selfee_rt.workbench.engine import build_engine, plan_engine
from selfee_rt.workbench.engine_half import half_network
from tests.support import need_gpu, need_module


def built_embedder(model, folder, precision, batch, *, max_batch=None, cuda_graph=True):
    """Build an engine of `model` into `folder` if it is not there, and open it as a session does; or skip."""
    need_gpu()
    need_module("tensorrt_rtx")
    plan = plan_engine(model, choose_library(), precision, None, max_batch or batch)
    path = engine_path(folder, plan.key)
    if not path.exists():
        network, agreement = read_bytes(model), {}
        if precision == "fp16":
            network, found = half_network(model, moving(model, 16), "moving noise")
            agreement = found.as_dict()
        write_engine(path, *build_engine(plan, network, agreement, lambda *step: None))
    config = ModelConfig(
        file=model, runtime="tensorrt", engine_precision=precision, engine_folder=folder, cuda_graph=cuda_graph
    )
    return build.embedder(config, batch=batch)


def moving(model, n, seed=0):
    """Live frames of `model`'s size in which a blurred bright patch moves over a grey ground; (n, 3, H, W) uint8."""
    import numpy as np

    card = read_card(model)
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[: card.height_px, : card.width_px]
    centres = random.uniform(0.2, 0.8, (n, 1, 2)) + np.cumsum(random.normal(0, 0.02, (n, 3, 2)), axis=1)
    down = (rows - centres[..., :1, None] * card.height_px) / (card.height_px / 12)
    across = (columns - centres[..., 1:, None] * card.width_px) / (card.width_px / 8)
    return (90 + 150 * np.exp(-(down**2) - across**2)).astype(np.uint8)
