/* Pulse trains, timed by timer 1 in its interrupt. */
#ifndef PULSES_H
#define PULSES_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

struct train {
    uint32_t width_us;
    uint32_t period_us;
    uint32_t pulses;
};

/* Start a train on these pins, whose limits have been checked; return when its first edge will come. */
struct instant pulses_start(const struct train *train, uint8_t pins);

/* Outputs low now; the train is gone. Allowed at any time, in interrupts too. */
void pulses_stop(void);

bool pulses_are_running(void);

#endif
