"""The turbo colour map, by which Selfee makes each channel's intensity look different."""

import base64

import numpy as np
import torch
from torch import Tensor

_BYTES = base64.b85decode(
    "FcLd56+<%^N;Df$H6B<tAzwEnW;iEpIVy8HEqOaHfIKpWJvECyIFUa)mp?w7KtQ5FL#IJTtU^h#LQAznPP#-<zeH5SL{`T|S"
    "<6LS&qZF-Mq$=QWZFh%-9~BPMr-3oZstdE=|^+xM|SQ<c<@Ji@<x61Mu7H4g7`*-`bLNQMT-1IjQvE9{zH-eLX`hOmj6JR|2"
    "~`kJ)ZtMp#3_d{5YliH>mnGtN1gm_c5>aFS7J5wDK&s@G80PD7@<@zUd{v=Oe@9BE{k$$KM~x-5$%@9L?Ap(A65!(i+sz8P&"
    "}g*UA{#$Qawj7~R4c-oO~(y&2-W8RNMc<hC5<v>oTNAL*|k>Z~H`swM2FC+?&w@1ZR4o-gs6GV+);^OQLBkv#Q|KlX}4_lHL"
    "Kgi82;PWgRO`g&FRc3Jy#UHorh{A^|YX=(jtZT@0${$F+eTzURkeg9T~|5JqjQHcLei~mcH|4EYnN0$CXnf^kY{y?AoKcW3S"
    "r2IUm{5q-oIjs9QulhH!`8KrpHn;aRx%M@@^)$ZpG{N&U!|^o6@HEKpG|TNY&FnPL>NL{nHPq)d*X1?Y<Tl&lHr?Pi-`_Xk-"
    "8bXgIOW+m=hr#u)j8|aIqcCo?$0{!%{uYRI`YXn^v62&#X9!GI`_dk_`W&$ygB;1Is3Rc`?fdyvo`#(HvO(O{j4<psWbkkGX"
    "A77{-H4bo-h8JE&iD-{+28LlPdm@DgBKn{fZ|1hb8=kBm03O`+gz%dms6D9{F`0_;MWgZyNS&8TDxx^kx_HV-@mX6!BdX@LL"
    "k^SP|`25bRSA>rf8rP7UZw4ChG<<wpzTMGE3W3gJNs-#-Z5JqX-82iiFY*f$2&H3rl(1=2AE&@TnfEd<Of1j;G|$S4EFCIiD"
    "I1HmH#z99m<AOg7_0=FFkv>O4k8Ue2u0jw7RsTKjJ6al0Y0ihBBo)7_>4*{4C0hJ8_k_!Qj3IU4=0*D9#g$DwG1_FKs0(t}k"
)
"""256 times red, green, blue. The table is the one published with the map, copyright 2019 Google LLC, Apache-2.0.

Source: A. Mikhailov 2019, "Turbo, an improved rainbow colormap for visualization", Google AI blog. The authors' code
holds the same table (EBGU/Selfee, train_selfee.py).
"""

TABLE = torch.from_numpy(np.frombuffer(_BYTES, np.uint8).reshape(256, 3).copy())
"""(256, 3) uint8: red, green, blue of every grey value."""


def turbo(view: Tensor) -> Tensor:
    """Pass channel c of (N, 3, H, W) float32 in 0..1, rounded to 255ths, through column c of the colour map."""
    table = TABLE.to(view.device).t().float().div(255).contiguous()  # (3, 256)
    grey = view.mul(255).round_().int()
    grey += 256 * torch.arange(3, device=view.device, dtype=torch.int32)[:, None, None]
    return table.flatten()[grey]
