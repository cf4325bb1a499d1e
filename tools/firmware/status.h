/* The first byte of every reply after its sequence number (docs/device_protocol.md). */
#ifndef STATUS_H
#define STATUS_H

enum status {
    DONE = 0,
    REFUSED_UNKNOWN = 1, /* no such message, or not of this length */
    REFUSED_DISARMED = 2,
    REFUSED_NO_LEASE = 3,
    REFUSED_RUNNING = 4, /* a train runs */
    REFUSED_REFRACTORY = 5,
    REFUSED_BUDGET = 6,
    REFUSED_PULSE = 7, /* a pulse, or the pause after it, is too short, or the pulse too long */
    REFUSED_TRAIN = 8, /* no pulses, or too long */
    REFUSED_DUTY = 9,
    REFUSED_LEASE = 10, /* longer than built in */
    REFUSED_ARMING = 11 /* for no time at all */
};

#endif
