"""Label files as the other programs write them: columns, order and quirks of real ones, with made-up events."""

FLY = """#0 nothing   2 chasing      3 winging        4 pre-copulation        5 copulation       6 abnormal
1 5 2
6 9 3
10 12 6
13 20 0"""

MOUSE = """   1     0:00.04    social_interest    either    start
   4     0:00.16    social_interest    either    stop
   4     0:00.16    mount              either    start
   9     0:00.36    mount              either    stop
  12     0:00.48    mount              either    start
  12     0:00.48    mount              either    stop"""

AGGREGATED_COLUMNS = (
    "Observation id,Observation date,Description,Observation type,Source,Time offset (s),Coding duration,"
    "Media duration (s),FPS (frame/s),Subject,Observation duration by subject by observation,Behavior,"
    "Behavioral category,Modifier #1,Behavior type,Start (s),Stop (s),Duration (s),Media file name,Image index start,"
    "Image index stop,Image file path start,Image file path stop,Comment start,Comment stop"
)


def aggregated_row(
    behaviour,
    start,
    stop,
    *,
    kind="STATE",
    subject="fly1",
    obs="o1",
    fps="25.000",
    offset="0.0",
    media="a.mp4",
    modifier="",
):
    return (
        f'{obs},2024-05-01 10:00:00,"two flies, dim light",Media file(s),player #1:{media},{offset},4.000,4.000,{fps},'
        f"{subject},3.2,{behaviour},,{modifier},{kind},{start},{stop},NA,{media},0,0,NA,NA,,"
    )


def aggregated(*rows):
    return "\n".join([AGGREGATED_COLUMNS, *rows]) + "\n"


TABULAR_COLUMNS = (
    "Observation id\tObservation date\tDescription\tObservation duration\tObservation type\tSource\tTime offset (s)\t"
    "Media duration (s)\tFPS\tSubject\tBehavior\tBehavioral category\tBehavior type\tTime\tMedia file name\t"
    "Image index\tImage file path\tComment"
)


def tabular(*marks, subject="", fps="25.000"):
    """A line per (behaviour, what, seconds)."""
    rows = [
        f"o1\t2024-05-01 10:00:00\t\t4.0\tMedia file(s)\tplayer #1:a.mp4\t0.0\t4.000\t{fps}\t{subject}\t{behaviour}\t\t"
        f"{what}\t{at}\ta.mp4\t0\tNA\t"
        for behaviour, what, at in marks
    ]
    return "\r\n".join([TABULAR_COLUMNS, *rows]) + "\r\n"


OLD_TABULAR = (
    "Observation id\tobservation #1\t\t\t\t\t\t\t\n"
    "\t\t\t\t\t\t\t\t\n"
    "Media file(s)\t\t\t\t\t\t\t\t\n"
    "Player #1\ta.mp4\t\t\t\t\t\t\t\n"
    "Time offset (s)\t0.0\t\t\t\t\t\t\t\n"
    "variable\tvalue\t\t\t\t\t\t\t\n"
    "Time\tMedia file path\tTotal length\tFPS\tSubject\tBehavior\tBehavioral category\tComment\tStatus\n"
    "0.000\ta.mp4\t4.0\t25.0\tfly1\ts\t\t\tSTART\n"
    "0.200\ta.mp4\t4.0\t25.0\tfly1\ts\t\t\tSTOP\n"
    "0.200\ta.mp4\t4.0\t25.0\tfly1\tt\t\t\tSTART\n"
    "0.400\ta.mp4\t4.0\t25.0\tfly1\tt\t\t\tSTOP\n"
)

DEEPETHOGRAM = """,background,groom,rear
0,1,0,0
1,0,1,0
2,0,1,0
3,-1,-1,-1
4,0,0,1
"""

SIMBA = """,Ear_x,Ear_y,Ear_p,Distance,Attack,Sniffing
0,10.5,3.25,0.99,1.5,0,0
1,10.5,3.5,0.99,1.5,1,0
2,11.0,3.5,0.98,1.0,1,0
3,11.0,3.5,0.98,1.0,0,1
"""
