/* Hard limits. To change one: make clean hex MORE="-DMAX_TRAIN_US=90000000UL", then make flash. */
#ifndef LIMITS_H
#define LIMITS_H

#include "pulses.h"

#ifndef MIN_PULSE_US
#define MIN_PULSE_US 50UL /* also of the pause between two pulses: what the interrupt can follow */
#endif
#ifndef MAX_PULSE_US
#define MAX_PULSE_US 10000000UL /* one pulse: 10 s */
#endif
#ifndef MAX_TRAIN_US
#define MAX_TRAIN_US 60000000UL /* from the first edge to the last: 60 s; never above 2^31 / 2 us */
#endif
#ifndef MAX_DUTY_PERCENT
#define MAX_DUTY_PERCENT 50 /* width / period of a train of two pulses or more */
#endif
#ifndef MAX_LEASE_MS
#define MAX_LEASE_MS 100 /* without a keep-alive the output is off after so long; never above 255 */
#endif

#if MIN_PULSE_US < 50 || MAX_PULSE_US > MAX_TRAIN_US || MAX_TRAIN_US > 1000000000UL
#error "limits.h: expected 50 <= MIN_PULSE_US, MAX_PULSE_US <= MAX_TRAIN_US <= 1000000000"
#endif
#if MAX_DUTY_PERCENT < 1 || MAX_DUTY_PERCENT > 100 || MAX_LEASE_MS < 1 || MAX_LEASE_MS > 100
#error "limits.h: expected MAX_DUTY_PERCENT in 1..100 and MAX_LEASE_MS in 1..100"
#endif

/* Whether the built-in limits allow a train; otherwise the status that says why not. */
uint8_t limits_allow(const struct train *train);

#endif
