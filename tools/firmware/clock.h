/* The device's clock: timer 1 counts half microseconds from the first instructions after reset. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#define TICKS_PER_US 2
#define TICKS_PER_MS 2000

/* 48 bits of ticks: wraps after 4 years. */
struct instant {
    uint32_t laps; /* of the timer's 16 bits */
    uint16_t ticks;
};

/* With interrupts off. */
struct instant clock_now(void);

/* With interrupts off: the low 32 bits in ticks, for differences below 17 minutes. */
uint32_t clock_ticks(void);

uint64_t clock_us(struct instant at);

#endif
