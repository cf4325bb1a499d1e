"""Times on an axis, as a person reads them."""

import math

STEPS_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)


def clock_of(seconds: float, of_s: float = 0.0) -> str:
    """Minutes and seconds, hours where there are any; hundredths unless they are parts of a long time `of_s`.

    >>> clock_of(3671.94), clock_of(62.5), clock_of(62.5, of_s=120)
    ('1:01:11.94', '1:02.50', '1:02')
    """
    hundredths = math.floor(abs(seconds) * 100 + 0.5)
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    rest_s = f"{rest // 100:02}" if of_s > 20 else f"{rest // 100:02}.{rest % 100:02}"
    return f"{hours}:{minutes:02}:{rest_s}" if hours else f"{minutes}:{rest_s}"


def ticks(left_s: float, right_s: float, most: float) -> list[float]:
    """Round times between two, at most so many.

    >>> ticks(0.4, 6.3, 4)
    [2, 4, 6]
    """
    span_s = right_s - left_s
    step = next((step for step in STEPS_S if span_s / step <= most), STEPS_S[-1])
    return [n * step for n in range(math.ceil(left_s / step), math.floor(right_s / step) + 1)]
