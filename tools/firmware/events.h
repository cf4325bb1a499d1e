/* What is told at the next keep-alive: that the device switched off by itself, and edges of the sync output. */
#ifndef EVENTS_H
#define EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

enum event_kind { SYNC_EDGE = 1, TRIP_LEASE = 2, TRIP_ARMING = 3, TRIP_BUDGET = 4 };

struct event {
    uint8_t kind;
    uint32_t number; /* of a sync edge, from 0 since the reset; else 0 */
    struct instant at;
};

/* With interrupts off. The first trip of each kind is kept until it is told; of sync edges the newest sixteen. */
void events_add(uint8_t kind, uint32_t number, struct instant at);

/* The next event to tell, trips first; false: there is none. */
bool events_take(struct event *event);

void events_forget_trips(void);

#endif
