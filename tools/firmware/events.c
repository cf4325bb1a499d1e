#include "events.h"

#include <util/atomic.h>

#define EDGES 16 /* a power of two: at least 8 s of sync edges */

static struct instant edges[EDGES];
static uint32_t edges_made, edges_told;

static struct instant trips[TRIP_BUDGET + 1];
static uint8_t tripped; /* a bit for each kind */

void events_add(uint8_t kind, uint32_t number, struct instant at)
{
    if (kind == SYNC_EDGE) {
        edges[number % EDGES] = at;
        edges_made = number + 1;
    } else if (!(tripped & 1 << kind)) {
        trips[kind] = at;
        tripped |= 1 << kind;
    }
}

static bool take_trip(struct event *event)
{
    for (uint8_t kind = TRIP_LEASE; kind <= TRIP_BUDGET; kind++)
        if (tripped & 1 << kind) {
            tripped &= ~(1 << kind);
            *event = (struct event){kind, 0, trips[kind]};
            return true;
        }
    return false;
}

static bool take_edge(struct event *event)
{
    if (edges_told == edges_made)
        return false;
    if (edges_made - edges_told > EDGES)
        edges_told = edges_made - EDGES;
    *event = (struct event){SYNC_EDGE, edges_told, edges[edges_told % EDGES]};
    edges_told++;
    return true;
}

bool events_take(struct event *event)
{
    bool taken = false;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        taken = take_trip(event) || take_edge(event);
    }
    return taken;
}

void events_forget_trips(void)
{
    tripped = 0;
}
