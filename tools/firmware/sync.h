/* The sync output: pulses of 10 ms whose starts are 0.5 to 1.5 s apart at random, from reset on. */
#ifndef SYNC_H
#define SYNC_H

#include <stdint.h>

/* Each seed has a sequence of its own. */
void sync_start(uint16_t seed);

/* Draw the next pause ahead of its time; often, outside of interrupts. */
void sync_prepare(void);

/* Every millisecond, in interrupt. */
void sync_tick(void);

#endif
