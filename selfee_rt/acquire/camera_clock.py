"""From a camera's clock to the host's."""

from collections import deque
from itertools import pairwise

from selfee_rt.clock import NS_PER_S

SPAN_NS = NS_PER_S
"""Of each span of camera time, the pair that arrived with the least delay is kept."""
SPANS = 64
"""Spans in the window; older ones are forgotten, so that a drift that changes slowly is followed."""
SPANS_FOR_DRIFT = 8
"""Before there are so many, the clocks are taken to run at the same rate."""

Point = tuple[int, int]
"""Camera time and excess of the host's time over it, both since the first pair."""


class CameraClock:
    """Maps a camera's clock to the host's from the times at which frames were exposed and arrived.

    host = offset + (1 + drift) * camera, fitted as the line below all pairs of the window that lies closest to them,
    because an arrival can be late but never early (Moon, Skelly and Towsley, Estimation and removal of clock skew from
    network delay measurements, INFOCOM 1999). The least delay of the transport cannot be seen and stays in the offset.

    Memory is bounded; an update costs a comparison, and a fit over 64 points once a second.

    >>> clock = CameraClock()
    >>> [clock.update(camera, host) for camera, host in [(0, 1000), (100, 1150), (200, 1190), (300, 1320)]]
    [1000, 1100, 1190, 1290]
    """

    def __init__(self) -> None:
        self._origin: Point | None = None
        self._best: deque[Point] = deque(maxlen=SPANS)
        self._newest = 0
        self._span = 0
        self._anchor: Point = (0, 0)
        self._slope = 0.0
        self._captured_ns = 0

    @property
    def offset_ns(self) -> int:
        """Host time less camera time, by the fit, at the newest exposure."""
        camera_ns, host_ns = self._origin or (0, 0)
        return host_ns - camera_ns + round(self._line(self._newest))

    @property
    def drift_ppm(self) -> float:
        """By how many millionths the camera's clock is slower than the host's; 0 until there is enough to tell."""
        return self._slope * 1e6

    @property
    def residual_ns(self) -> int:
        """Mean distance of the window's least delayed arrivals from the line."""
        return round(sum(excess - self._line(camera) for camera, excess in self._best) / max(1, len(self._best)))

    def update(self, camera_ns: int, host_ns: int) -> int:
        """Take one pair and return the host time of that exposure.

        Args:
            camera_ns: the camera's time of the exposure; rises strictly.
            host_ns: when it arrived; never falls.

        Returns:
            Host nanoseconds, never later than `host_ns` and never before an earlier exposure.
        """
        if self._origin is None:
            self._origin = camera_ns, host_ns
            self._captured_ns = host_ns
        camera = camera_ns - self._origin[0]
        excess = host_ns - self._origin[1] - camera
        self._newest = camera
        self._keep(camera, excess)
        mapped_ns = self._origin[1] + camera + round(self._line(camera))
        self._captured_ns = max(mapped_ns, self._captured_ns)
        return self._captured_ns

    def _line(self, camera: int) -> float:
        return self._anchor[1] + self._slope * (camera - self._anchor[0])

    def _keep(self, camera: int, excess: int) -> None:
        if not self._best or camera // SPAN_NS != self._span:
            self._fit()
            self._span = camera // SPAN_NS
            self._best.append((camera, excess))
        elif excess < self._best[-1][1]:
            self._best[-1] = (camera, excess)
        if excess < self._line(camera):  # no arrival can be early: the line was too high
            self._anchor = (camera, excess)

    def _fit(self) -> None:
        """Take the edge of the lower convex hull that spans the points' mean: of all lines below, the closest."""
        if len(self._best) < SPANS_FOR_DRIFT:
            return
        mean = sum(camera for camera, _ in self._best) / len(self._best)
        for left, right in pairwise(lower_hull(list(self._best))):
            if left[0] <= mean <= right[0]:
                self._slope = (right[1] - left[1]) / (right[0] - left[0])
                self._anchor = left


def lower_hull(points: list[Point]) -> list[Point]:
    """Lower convex hull of points in rising order of their first coordinate (Andrew's monotone chain).

    >>> lower_hull([(0, 0), (1, 2), (2, 1), (3, 5)])
    [(0, 0), (2, 1), (3, 5)]
    """
    hull: list[Point] = []
    for x, y in points:
        while len(hull) > 1 and _right_turn(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    return hull


def _right_turn(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) <= (b[1] - a[1]) * (c[0] - a[0])
