"""Needs an NVIDIA GPU. Builds, checks and times every way of running a model on it, in one call.

Usage: python tools/gpu_check.py OUT_FOLDER [--model M.onnx ...] [--batch 1 --batch 4] [--runs 500] [--no-tests]

Engines of ours in every precision, with the CUDA graph and without, beside ONNX Runtime on the processor and its CUDA,
TensorRT and TensorRT-RTX providers, as far as they are installed. Each way runs in a process of its own, so that one
that crashes is a row of the report and no more, and two versions of one library never meet. Then the tests under the
`gpu` mark. OUT_FOLDER gets report.json and report.md; exit status 1 if anything failed or disagreed.

Agreement is that of embeddings of 64 live frames of the synthetic arena with ONNX Runtime's on the processor: the least
centred cosine. Times are of `embed`, copies included, after warming up; frames/s is N / sum of t.
"""

import argparse
import json
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from machine import machine

from selfee_rt import build
from selfee_rt.config import ArenaConfig, ModelConfig
from selfee_rt.embed.model import read_card, shipped_model
from selfee_rt.errors import SelfeeRTError

FLOORS = {"fp32": 0.9999, "tf32": 0.999, "fp16": 0.995}
PROVIDERS = ("cpu", "cuda", "tensorrt", "nvtensorrtrtx")
ROW_LIMIT_S = 400


def live_frames(model: Path) -> np.ndarray:
    """(64, 3, H, W) uint8 of the synthetic arena."""
    from selfee_rt.workbench.embedding import OpenRecording
    from selfee_rt.workbench.trial import trial

    on = trial(read_card(model), None, ArenaConfig(name="arena"), synthetic_s=60.0)
    config = ModelConfig(file=model, allow_interval_mismatch=True)
    with OpenRecording(on.source, config, on.arena) as recording:
        return np.concatenate([live.image for live in islice(recording.live_frames(), 0, 512, 8)])


def ways(models: list[Path], batches: list[int]) -> list[dict[str, Any]]:
    """Every row of the report."""
    from selfee_rt.embed.tensorrt_library import installed_libraries

    rows = []
    for model in models:
        for batch in batches:
            common = {"model": str(model), "batch": batch}
            rows += [common | {"provider": each} for each in PROVIDERS]
            rows += [
                common | {"library": library.name, "precision": precision, "cuda_graph": graph}
                for library in installed_libraries()
                for precision in FLOORS
                for graph in (True, False)
            ]
    return rows


def engine_config(row: dict[str, Any], folder: Path, most: int) -> tuple[ModelConfig, dict[str, Any]]:
    """Build the engine of a row unless it is there; return how to open it, and what the build was like."""
    from selfee_rt.embed.engine_cache import engine_path, fresh_header
    from selfee_rt.embed.engine_file import write_engine
    from selfee_rt.embed.model import read_bytes
    from selfee_rt.embed.tensorrt_library import choose_library
    from selfee_rt.workbench.engine import build_engine, plan_engine
    from selfee_rt.workbench.engine_half import half_network

    model, precision = Path(row["model"]), row["precision"]
    plan = plan_engine(model, choose_library(row["library"]), precision, None, most)
    path = engine_path(folder, plan.key)
    header = fresh_header(path, plan.key, most)
    if header is None:
        network, agreement = read_bytes(model), {}
        if precision == "fp16":
            network, found = half_network(model, live_frames(model), "the synthetic arena")
            agreement = found.as_dict()
        header, content = build_engine(plan, network, agreement, silent)
        write_engine(path, header, content)
    config = ModelConfig(
        file=model,
        runtime="tensorrt",
        engine_precision=precision,
        engine_file=path,
        cuda_graph=row["cuda_graph"],
    )
    known = {"build_s": header.build_s, "engine_mb": path.stat().st_size / 1e6, "float16": header.agreement}
    return config, known


def silent(phase: str, done: int, steps: int) -> None:
    """Show nothing of a build."""


def measured(row: dict[str, Any], folder: Path, most: int, runs: int) -> dict[str, Any]:
    """One row: opened, compared and timed."""
    known: dict[str, Any] = {}
    if "provider" in row:
        config = ModelConfig(file=Path(row["model"]), providers=(row["provider"],))
    else:
        config, known = engine_config(row, folder, most)
    expected_path = folder / f"{Path(row['model']).stem}.expected.npz"
    stored = np.load(expected_path)
    start = time.perf_counter()
    embedder = build.embedder(config, batch=row["batch"])
    load_s = time.perf_counter() - start
    images = stored["images"]
    got = parts(embedder, images, row["batch"])
    again = parts(embedder, images, row["batch"])
    times = timed(embedder, images[: row["batch"]], runs)
    summary = embedder.session_options_summary
    embedder.close()
    np.save(folder / f"{row['key']}.npy", got)
    return known | {
        "load_s": load_s,
        "centred_cosine_min": centred_cosine_min(got, stored["expected"]),
        "max_difference": float(np.abs(got - stored["expected"]).max()),
        "same_bits_twice": bool((got == again).all()),
        "p50_ms": float(np.percentile(times, 50) * 1e3),
        "p95_ms": float(np.percentile(times, 95) * 1e3),
        "p99_ms": float(np.percentile(times, 99) * 1e3),
        "frames_per_s": row["batch"] * len(times) / float(times.sum()),
        "runtime": summary,
    }


def parts(embedder: Any, images: np.ndarray, batch: int) -> np.ndarray:
    """Embeddings (N, D), `batch` live frames at a time."""
    return np.concatenate([embedder.embed(images[start : start + batch]) for start in range(0, len(images), batch)])


def timed(embedder: Any, images: np.ndarray, runs: int) -> np.ndarray:
    """Seconds of each of `runs` calls, after 50 that are not counted."""
    for _ in range(50):
        embedder.embed(images)
    times = np.empty(runs)
    for run in range(runs):
        start = time.perf_counter()
        embedder.embed(images)
        times[run] = time.perf_counter() - start
    return times


def centred_cosine_min(got: np.ndarray, expected: np.ndarray) -> float:
    """Least cosine of pairs of rows, both centred on the expected mean."""
    a, b = got - expected.mean(axis=0), expected - expected.mean(axis=0)
    return float(((a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)).min())


def run_row(row: dict[str, Any], out: Path, most: int, runs: int) -> dict[str, Any]:
    """One row in a process of its own; whatever happens to it is in the row."""
    command = [sys.executable, __file__, str(out), "--row", json.dumps(row), "--most", str(most), "--runs", str(runs)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ROW_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return row | {"problem": f"took more than {ROW_LIMIT_S} s"}
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        words = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return row | {"problem": f"exit status {done.returncode}: {words}"}
    return row | json.loads(lines[-1])


def verdict(row: dict[str, Any]) -> str:
    """ok, or what is wrong with a row."""
    if "problem" in row:
        return str(row["problem"])
    floor = FLOORS.get(row.get("precision", ""), 0.995)
    wrong = [] if row["centred_cosine_min"] >= floor else [f"disagrees: below {floor}"]
    if "library" in row and not row["same_bits_twice"]:
        wrong.append("not the same bits twice")
    return "; ".join(wrong) or "ok"


def table(rows: list[dict[str, Any]]) -> list[str]:
    """The report's table, a line each."""
    lines = ["| model | way | batch | build s | load s | p50 / p95 / p99 ms | frames/s | centred cosine | verdict |"]
    lines.append("|---" * 9 + "|")
    for row in rows:
        way = row.get("provider") or f"{row['library']} {row['precision']}{' graph' if row['cuda_graph'] else ''}"
        if "problem" in row:
            figures = ["", "", "", "", ""]
        else:
            figures = [
                f"{row.get('build_s', '')}",
                f"{row['load_s']:.2f}",
                f"{row['p50_ms']:.3f} / {row['p95_ms']:.3f} / {row['p99_ms']:.3f}",
                f"{row['frames_per_s']:.0f}",
                f"{row['centred_cosine_min']:.6f}",
            ]
        lines.append(f"| {' | '.join([Path(row['model']).stem, way, str(row['batch']), *figures, verdict(row)])} |")
    return lines


def gpu_tests() -> dict[str, Any]:
    """What the tests under the `gpu` mark say."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-rs", "tests/embed", "tests/contracts"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent)
    return {"exit_status": done.returncode, "tail": done.stdout.strip().splitlines()[-15:]}


def report(out: Path, models: list[Path], batches: list[int], runs: int, tests: bool) -> int:
    """Every row, then the tests; return the exit status."""
    from selfee_rt.embed.cuda import this_gpu
    from selfee_rt.embed.runtimes import list_gpus
    from selfee_rt.folder import installed_versions

    gpu = this_gpu()
    out.mkdir(parents=True, exist_ok=True)
    for model in models:
        images = live_frames(model)
        embedder = build.embedder(ModelConfig(file=model), batch=1)
        np.savez(out / f"{model.stem}.expected.npz", images=images, expected=parts(embedder, images, 1))
        embedder.close()
    rows = []
    for number, row in enumerate(ways(models, batches)):
        rows.append(run_row(row | {"key": f"row{number:03}"}, out, max(batches), runs))
        print(table(rows)[-1], flush=True)
    tested = gpu_tests() if tests else {"exit_status": 0, "tail": ["not run"]}
    about = {"machine": machine(), "gpu": [str(each) for each in list_gpus()] or str(gpu), **installed_versions()}
    document = {"about": about, "rows": rows, "tests": tested}
    (out / "report.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    text = ["# GPU check", "", *(f"- {name}: {value}" for name, value in about.items()), "", *table(rows), ""]
    text += ["## Tests under the gpu mark", "", *(f"    {line}" for line in tested["tail"]), ""]
    (out / "report.md").write_text("\n".join(text), encoding="utf-8")
    ours = [row for row in rows if "library" in row]
    return int(not ours or any(verdict(row) != "ok" for row in ours) or tested["exit_status"] not in (0, 5))


def main() -> None:
    """Read the command line; one row of it where `report` asked for that."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path, action="append")
    parser.add_argument("--batch", type=int, action="append")
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--no-tests", action="store_true")
    parser.add_argument("--row", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    try:
        if asked.row is not None:
            print(json.dumps(measured(asked.row, asked.out, asked.most, asked.runs)))
        else:
            models = asked.model or [shipped_model()]
            sys.exit(report(asked.out, models, asked.batch or [1, 4], asked.runs, not asked.no_tests))
    except SelfeeRTError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
