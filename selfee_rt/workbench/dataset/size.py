"""Sizes of pictures: (height, width), or one number for a square."""

Size = tuple[int, int]
"""(height, width) in pixels."""


def size_of(size_px: int | Size) -> Size:
    """(height, width) in pixels.

    >>> size_of(128), size_of((256, 192))
    ((128, 128), (256, 192))
    """
    return (size_px, size_px) if isinstance(size_px, int) else size_px


def quarter_larger(size_px: int | Size) -> Size:
    """Size of the pictures that views are cut from, so that a crop still has the network's resolution.

    >>> quarter_larger((256, 192))
    (320, 240)
    """
    height, width = size_of(size_px)
    return height * 5 // 4, width * 5 // 4
