"""Recordings as training material: decoded once to small grey pictures, drawn as batches of live frames."""

from selfee_rt.workbench.dataset.live import LiveFrameSet, live_frame_sets, live_frames, spread
from selfee_rt.workbench.dataset.material import Material
from selfee_rt.workbench.dataset.planning import Plan, Prepared, plan
from selfee_rt.workbench.dataset.recording import Recording, read_recording
from selfee_rt.workbench.dataset.sampler import BatchSampler
from selfee_rt.workbench.dataset.size import Size, quarter_larger, size_of
from selfee_rt.workbench.dataset.videos import find_videos

__all__ = [
    "BatchSampler",
    "LiveFrameSet",
    "Material",
    "Plan",
    "Prepared",
    "Recording",
    "Size",
    "find_videos",
    "live_frame_sets",
    "live_frames",
    "plan",
    "quarter_larger",
    "read_recording",
    "size_of",
    "spread",
]
