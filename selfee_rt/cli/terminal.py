"""The live view in a terminal; plain enough to be read over ssh."""

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from selfee_rt.cli.summary import drifts_of, milliseconds, score_of
from selfee_rt.clock import NS_PER_S
from selfee_rt.session import Snapshot
from selfee_rt.stimuli import TRIALS
from selfee_rt.types import Bout, Observation
from selfee_rt.wire import RuleStatus
from selfee_rt.wire.hops import EXPECTED_LOSSES, HOPS

BAR_WIDTH = 12
ALARMING = "bold white on red"


def view(snapshot: Snapshot, width: int) -> RenderableType:
    """Everything at a glance: rate, what the animals do, latency and losses by hop, the last bouts."""
    parts: list[RenderableType] = [*_stimulus_alarms(snapshot), _head(snapshot)]
    if snapshot.progress is not None:
        parts.append(_progress(snapshot, snapshot.progress))
    parts.append(_arenas(snapshot))
    if snapshot.stimulation:
        parts.append(_rules(snapshot))
    parts += [_hops(snapshot), _bouts(snapshot)]
    return Panel(Group(*parts), title="selfee-rt", subtitle="Ctrl-C ends the session in order", width=width)


def plain(renderable: RenderableType, width: int) -> str:
    """The view as text without colour, for tests and logs."""
    console = Console(width=width, color_system=None, legacy_windows=False)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


def _head(snapshot: Snapshot) -> Text:
    text = Text(overflow="fold")
    text.append(snapshot.source.name, style="bold")
    text.append(f"  {snapshot.source.width_px}x{snapshot.source.height_px} at {snapshot.source.fps:.4g} fps\n")
    text.append(f"{_clock(snapshot.elapsed_s)}   in {snapshot.fps_in:.1f} fps   observed {snapshot.fps_out:.1f} fps   ")
    text.append(f"lookahead {snapshot.lookahead_ms:.0f} ms   recording ")
    text.append(snapshot.recording, style="bold red" if snapshot.recording.startswith("failed") else "")
    text.append(f"\nobserved {snapshot.n_observed:,} of {snapshot.n_exposures:,} exposures   lost: ")
    worrying = {hop for hop in snapshot.losses if hop not in EXPECTED_LOSSES}
    for hop, count in sorted(snapshot.losses.items()):
        text.append(f"{hop} {count:,}  ", style="yellow" if hop in worrying else "")
    if not any(snapshot.losses.values()):
        text.append("none")
    if snapshot.drifts:
        text.append(f"\ndrift: {drifts_of(snapshot.drifts)}", style="yellow")
    if snapshot.teaching:
        taught = (f"{label} {each.taught} ({each.correct} foreseen)" for label, each in snapshot.teaching.items())
        text.append(f"\ntaught: {'   '.join(taught)}")
    return text


def _progress(snapshot: Snapshot, fraction: float) -> Table:
    bar = Table.grid(expand=True, padding=(0, 1))
    bar.add_column(ratio=1)
    bar.add_column(justify="right", no_wrap=True)
    bar.add_row(ProgressBar(total=1.0, completed=fraction), f"{fraction:.0%} of {snapshot.source.frames:,} frames")
    return bar


def _table(*columns: str) -> Table:
    return Table(*columns, box=SIMPLE_HEAD, expand=True, pad_edge=False, padding=(0, 1), header_style="dim")


def _arenas(snapshot: Snapshot) -> RenderableType:
    if not snapshot.latest:
        return Text("\nwaiting for the first live frame\n")
    table = _table("arena", "label", "probability")
    for name, threshold in snapshot.thresholds.items():
        table.add_column(f"anomaly: {name}")
        table.add_column("alarm above" if threshold is not None else "no alarm")
    for arena, observation in snapshot.latest.items():
        scores = [
            Text(text, style=style)
            for name, threshold in snapshot.thresholds.items()
            for text, style in (
                (score_of(observation, name), _alarming(observation)),
                ("" if threshold is None else f"{threshold:+.3f}", ""),
            )
        ]
        table.add_row(arena, observation.label or "-", _probability(observation, snapshot.labels), *scores)
    return table


def _alarming(observation: Observation) -> str:
    return ALARMING if observation.alarm else ""


def _probability(observation: Observation, labels: tuple[str, ...]) -> str:
    if observation.probabilities is None or observation.label not in labels:
        return "-"
    value = observation.probabilities[labels.index(observation.label)]
    return f"{value:.2f} " + "█" * round(value * BAR_WIDTH)


def _stimulus_alarms(snapshot: Snapshot) -> Iterator[Text]:
    """What must not be overlooked: arming that ends, devices that are lost."""
    for name, rule in snapshot.stimulation.items():
        if rule.alarm is not None:
            yield Text(f" ALARM  {name}: {rule.alarm} ", style=ALARMING, overflow="fold")


def _armed(rule: RuleStatus) -> Text:
    if not rule.armed:
        return Text("disarmed", style="dim")
    style = "bold black on yellow" if rule.alarm is None else ALARMING
    return Text(f"ARMED {_clock(rule.remaining_s or 0)}", style=style)


def _rules(snapshot: Snapshot) -> Table:
    """Each rule: whether it may fire, for how long, what it has done, and its device."""
    table = _table("rule")
    table.add_column("", no_wrap=True)
    for column in ("trials", "light s", "other"):
        table.add_column(column, justify="right")
    table.add_column("device")
    for name, rule in snapshot.stimulation.items():
        others = ", ".join(f"{n} {verdict}" for verdict, n in rule.verdicts.items() if verdict not in TRIALS and n)
        device = Text(f"{rule.device}: {_state(rule)}", style="" if _works(rule) else ALARMING)
        table.add_row(name, _armed(rule), f"{rule.trials:,}", f"{rule.light_s:.3g}", others or "-", device)
    return table


def _state(rule: RuleStatus) -> str:
    """Of its device, in a word; why it is lost stands above."""
    return rule.device_state if _works(rule) else rule.device_state.partition(":")[0].upper()


def _works(rule: RuleStatus) -> bool:
    return rule.device_state in ("ok", "rehearsal")


def _hops(snapshot: Snapshot) -> Table:
    table = _table("hop")
    for column in ("p50 ms", "p99 ms", "max ms", "passed", "lost"):
        table.add_column(column, justify="right")
    timed = snapshot.source.paced
    for status in sorted(snapshot.stages, key=lambda each: list(HOPS).index(each.name)):
        if status.n_out == 0 and status.name == "video":
            continue
        latencies = (status.p50_ms, status.p99_ms, status.max_ms)
        shown = [milliseconds(each) if timed or status.name not in ("acquire", "total") else "-" for each in latencies]
        passed = "" if status.name == "total" else f"{status.n_out:,}"
        table.add_row(HOPS[status.name], *shown, passed, f"{status.n_lost:,}" if status.n_lost else "")
    return table


def _bouts(snapshot: Snapshot) -> Text:
    text = Text("last bouts: ", overflow="fold")
    for bout in reversed(snapshot.bouts[-5:]):
        text.append(f"{bout.arena} " if len(snapshot.latest) > 1 else "")
        text.append(bout.label, style="bold")
        text.append(f" {_seconds(bout):.1f} s   ")
    if not snapshot.bouts:
        text.append("none yet")
    return text


def _seconds(bout: Bout) -> float:
    return (bout.stop_media_ns - bout.start_media_ns) / NS_PER_S


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
