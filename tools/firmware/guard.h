/* Whether there may be light at all: arming, the lease, the budget, refractory time. */
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

/* Allow trains for so long, with so much light, and with so much time from the start of one to that of the next.
 * There is no lease yet. */
void guard_arm(uint32_t arm_for_ms, uint64_t light_budget_us, uint64_t refractory_us);

/* Output off now, and no train until armed. */
void guard_disarm(void);

/* While armed: go on for so long from now, then switch off. 0: switch off now. */
void guard_keep_alive(uint8_t lease_ms);

bool guard_is_armed(void);
bool guard_has_lease(void);

/* Whether a train may start now; otherwise the status that says why not. */
uint8_t guard_allows(uint32_t light_us);

/* A train starts then: count its light. */
void guard_count(uint32_t light_us, struct instant start);

/* Every millisecond, in interrupt. */
void guard_tick(void);

#endif
