"""A benchmark for the terminal: a table, a small picture, and what follows from them in words."""

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from selfee_rt.workbench.bench.agreement import Agreement
from selfee_rt.workbench.bench.benchmark import LEAST_COSINE, Benchmark, agrees, settings
from selfee_rt.workbench.bench.plot import LIMIT, TO_P50, TO_P95, TO_P99, Bar, plot
from selfee_rt.workbench.bench.rows import Row
from selfee_rt.workbench.latency.statistics import fewest

MIB = 2**20
COLOURS = {"yes": "green", "hardly": "yellow", "no": "red", "unknown": "yellow"}
WIDEST = 100
KEY = (
    f"p50, p95, p99: ms of one inference of the whole batch (p99 needs {fewest(99)}). frames/s: live frames over "
    "the time of all inferences. MiB: most memory of the runtime's process. cosine: lowest centred cosine of the "
    "embeddings with those of the row ref. nearest: live frames whose nearest neighbour is the same. -: not known."
)


def show(found: Benchmark, console: Console) -> None:
    """Print everything."""
    width = min(console.width, WIDEST)
    for part in parts(found, width):
        console.print(part, width=width, highlight=False)


def parts(found: Benchmark, width: int) -> Iterator[RenderableType]:
    """Everything to print, for lines of `width` characters."""
    yield Text(_head(found))
    for number in range(len(found.files)):
        yield Text(f"\n{_file(found, number)}", style="bold")
        yield _table(found, [row for row in found.rows if row.candidate.model == number])
    yield from (Text(f"{', '.join(names)}: {problem}", style="red") for problem, names in _problems(found).items())
    if any(row.measured for row in found.rows):
        yield Text(f"\n{KEY}", style="dim")
        yield Text("\n" + "\n".join(_picture(found, width)))
    yield from _verdicts(found)
    yield from _recommendation(found)


def _head(found: Benchmark) -> str:
    plan, several = found.plan, len(found.environments) > 1
    asked = "" if found.rounds == plan.rounds else f" (stopped; {plan.rounds} were asked for)"
    return (
        f"{found.rounds} rounds of {plan.inferences} inferences each{asked}, runtimes in turn, order by seed "
        f"{plan.seed}; {found.frames}"
        + "".join(f"\n{each.letter}: {each.offer.onnxruntime}" for each in found.environments if several)
    )


def _file(found: Benchmark, number: int) -> str:
    file = found.files[number]
    card = file.card
    return (
        f"{file.path.name}: {card.name} {card.version}, {card.backbone}, {card.width_px}x{card.height_px} px, "
        f"{card.precision}, {file.size_bytes / 1e6:.1f} MB"
    )


def _table(found: Benchmark, rows: list[Row]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=0, header_style="dim")
    table.add_column("runtime")
    has_gpu = any(row.gpu_memory_mib is not None for row in found.rows)
    for column in ("batch", "p50", "p95", "p99", "frames/s", "MiB", *(["GPU"] if has_gpu else []), "cosine", "nearest"):
        table.add_column(column, justify="right", no_wrap=True, min_width=6)
    for row in rows:
        gpu = [_count(row.gpu_memory_mib)] if has_gpu else []
        table.add_row(row.candidate.runtime, str(row.candidate.batch), *_numbers(row), *gpu, *_agreement(found, row))
    return table


def _numbers(row: Row) -> list[str]:
    if not row.measured:
        return ["-"] * 5
    summary = row.summary()
    percentiles = (
        "-" if value is None else f"{value:.2f}" for value in (summary.p50_ms, summary.p95_ms, summary.p99_ms)
    )
    peak = row.peak_memory_bytes
    return [*percentiles, f"{row.frames_per_s:.1f}", _count(None if peak is None else round(peak / MIB))]


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)


def _agreement(found: Benchmark, row: Row) -> tuple[str, str]:
    if found.reference is not None and row is found.rows[found.reference]:
        return "ref", "ref"
    if row.agreement is None:
        return "-", "-"
    return f"{row.agreement.centred_cosine_min:.4f}", f"{row.agreement.nearest_neighbour * 100:.0f} %"


def _picture(found: Benchmark, width: int) -> Iterator[str]:
    need = found.need
    yield f"ms: {TO_P50} to p50  {TO_P95} to p95  {TO_P99} to p99  {LIMIT} the next exposure at {need.fps:g} fps"
    yield from plot([_bar(found, row) for row in found.rows if row.measured], need.interval_ms, width)


def _problems(found: Benchmark) -> dict[str, list[str]]:
    """Whom each problem has befallen."""
    befallen: dict[str, list[str]] = {}
    for row in found.rows:
        if row.problem is not None:
            befallen.setdefault(row.problem, []).append(name(found, row))
    return befallen


def _bar(found: Benchmark, row: Row) -> Bar:
    summary = row.summary()
    most = summary.max_ms or 0.0
    return Bar(name(found, row), summary.p50_ms or most, summary.p95_ms or most, summary.p99_ms or most)


def name(found: Benchmark, row: Row) -> str:
    """One row's name among all, as short as can be."""
    file = f"{found.files[row.candidate.model].path.stem}, " if len(found.files) > 1 else ""
    return f"{file}{row.candidate.runtime}, batch {row.candidate.batch}"


def _verdicts(found: Benchmark) -> Iterator[Text]:
    yield Text(f"\n{found.need}:", style="bold")
    for row in found.rows:
        verdict, says = found.verdict(row), found.says(row)
        if verdict is not None and says is not None:
            line = Text(f"{name(found, row)}: ")
            yield line.append(says, style=COLOURS[verdict.answer])


def _recommendation(found: Benchmark) -> Iterator[Text]:
    best = found.best()
    if best is None:
        yield Text(f"Recommended: {_why_none(found)}", style="bold")
    else:
        yield Text(f"Recommended: {name(found, best)}. In the session's file:", style="bold")
        yield Text(settings(best))
    for row in found.rows:
        if row.agreement is not None and not agrees(row):
            yield Text(f"note: {name(found, row)} {_doubt(row.agreement)}", style="yellow")
    yield Text("Camera, composing, observing and recording need time too: `selfee-rt check` measures a session's load.")


def _why_none(found: Benchmark) -> str:
    answers = {verdict.answer for row in found.rows if (verdict := found.verdict(row)) is not None}
    if "unknown" in answers:
        return f"nothing yet; time at least {fewest(99)} inferences (--rounds times --block)"
    if not answers:
        return "nothing; no runtime ran to the end with all arenas at once"
    return "none of these; fewer arenas, a lower frame rate, a smaller model, int8 weights or a GPU would help"


def _doubt(agreement: Agreement) -> str:
    return (
        f"agrees with the reference only to {agreement.centred_cosine_min:.3f}, expected at least {LEAST_COSINE}; "
        "judge it by `selfee-rt evaluate` before you use it"
    )
