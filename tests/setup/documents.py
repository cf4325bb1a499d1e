"""Documents in the shape of the TOML file: whatever may stand in one."""

from hypothesis import strategies as st

TEXT = st.text(
    st.characters(exclude_categories=("Cs",)) | st.sampled_from("\"'\\\n\r\t\x00\x1f\x7f\x85\u2028#=[]{}é雪"),
    max_size=20,
)
NAME = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True)
POSITIVE = st.floats(min_value=1e-6, max_value=1e18, allow_nan=False)
SCALAR = TEXT | st.integers() | st.floats(allow_nan=False) | st.booleans()
PATH = st.lists(st.from_regex(r"[A-Za-z0-9 _é'\"-]{1,8}", fullmatch=True), min_size=1, max_size=3).map("/".join)
ANY_PATH = PATH | PATH.map("/{}".format) | PATH.map("/home/rig/{}".format)


def table(**keys):
    """A table that may leave out any of its keys."""
    return st.fixed_dictionaries({}, optional=keys)


def kind(name, required=None, **optional):
    return st.fixed_dictionaries({"kind": st.just(name), **(required or {})}, optional=optional)


RECTANGLE = st.fixed_dictionaries(
    {"x": st.integers(0, 9999), "y": st.integers(0, 9999), "width": st.integers(8, 999), "height": st.integers(8, 999)}
)
SOURCE = st.one_of(
    kind(
        "synthetic",
        fps=st.floats(1, 1000),
        seed=st.integers(),
        seconds=POSITIVE,
        speed=st.just("max") | POSITIVE,
        drop=st.lists(st.integers(0, 99).map(lambda first: [first, first + 3]), max_size=2),
        lamp=table(flicker=st.floats(0, 0.9), dim_at_s=st.floats(0, 99)),
        led=st.just({"at_s": [1.0, 2.5], "x": 3, "y": 4.5}),
        anomalies=st.just([{"what": "freezing", "start_s": 1.0, "seconds": 2}]),
    ),
    kind("video_file", {"path": ANY_PATH}, range=st.sampled_from(["auto", "full"]), fps=POSITIVE),
    kind(
        "stream", {"address": TEXT}, format=TEXT, options=st.dictionaries(TEXT, TEXT, max_size=3), colour=st.booleans()
    ),
    kind("basler", serial=TEXT, sensor_region=RECTANGLE, fps=POSITIVE),
    kind("recorded", {"folder": ANY_PATH}, speed=st.just("max")),
)
ARENA = st.fixed_dictionaries({"name": NAME}, optional={"region": RECTANGLE, "invert": st.booleans(), "subject": TEXT})
OBSERVE = table(
    reference=ANY_PATH,
    align=st.sampled_from(["current", "newest"]),
    classifier=kind("knn", k=st.integers(1, 99))
    | kind("river", {"model": TEXT}, arguments=st.dictionaries(TEXT, SCALAR)),
    detector=st.just([]) | kind("selfee", past_s=POSITIVE).map(lambda each: [each]),
    smoothing=kind("mode", exposures=st.integers(1, 99)) | kind("none"),
    abstain=st.just({"below_confidence": 0.5}),
    template=st.lists(st.fixed_dictionaries({"file": ANY_PATH}), max_size=2),
    drift=table(enabled=st.booleans(), grey_tolerance=POSITIVE),
)
DEVICE = st.one_of(
    kind("microcontroller", {"name": NAME, "port": TEXT}),
    kind("null", {"name": NAME}),
    kind("osc", {"name": NAME, "port": st.integers(1, 65_535)}),
    kind("lsl", {"name": NAME}, stream=TEXT),
)
ABOUT = {"fields": st.dictionaries(TEXT, SCALAR, max_size=3)}


def named_once(members, least):
    return st.lists(members, min_size=least, max_size=3, unique_by=lambda each: each["name"])


DOCUMENT = st.fixed_dictionaries(
    {"source": SOURCE},
    optional={
        "seconds": POSITIVE,
        "arena": named_once(ARENA, 1),
        "model": table(file=ANY_PATH, threads=st.integers(1, 9), providers=st.lists(TEXT, max_size=2)),
        "observe": OBSERVE,
        "publish": table(
            preview_fps=st.floats(1, 30), curve=st.just({"secret_key_file": "k", "client_keys_dir": "/d"})
        ),
        "record": table(folder=ANY_PATH, video=st.sampled_from(["ffv1", "none"]), crf=st.integers(0, 51)),
        "device": named_once(DEVICE, 0),
        "stimulation": table(arm_for_s=st.floats(1, 999), subject_limits=table(per_minute=st.integers(1, 9))),
        "experiment": table(id=TEXT, lab=TEXT, **ABOUT),
        "subject": table(id=TEXT, sex=st.sampled_from("MFUO"), age=TEXT, **ABOUT),
    },
)
