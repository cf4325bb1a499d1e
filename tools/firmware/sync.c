#include "sync.h"

#include <avr/io.h>
#include <util/atomic.h>

#include "board.h"
#include "events.h"

#define PULSE_MS 10
#define SHORTEST_MS 500
#define SPAN_MS 1024 /* a power of two, so that the remainder costs nothing */

static uint32_t state, rising_edges;
static volatile uint16_t next_low_ms; /* drawn outside of the interrupt, which must be short; 0: not yet */
static uint16_t low_left_ms;
static uint8_t high_left_ms;

/* Marsaglia's xorshift with the triple 13, 17, 5. */
static uint32_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

void sync_prepare(void)
{
    if (next_low_ms == 0) {
        uint16_t drawn = SHORTEST_MS - PULSE_MS + (uint16_t)(draw() >> 16) % SPAN_MS;
        ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
        {
            next_low_ms = drawn;
        }
    }
}

void sync_start(uint16_t seed)
{
    state = (seed + 1UL) * 2654435769UL; /* never 0, and neighbours are far apart */
    sync_prepare();
    low_left_ms = next_low_ms;
    next_low_ms = 0;
}

static void rise(void)
{
    SYNC_PORT |= SYNC;
    events_add(SYNC_EDGE, rising_edges++, clock_now());
    high_left_ms = PULSE_MS;
    low_left_ms = next_low_ms;
    next_low_ms = 0;
}

void sync_tick(void)
{
    if (high_left_ms) {
        if (--high_left_ms == 0)
            SYNC_PORT &= (uint8_t)~SYNC;
    } else if (--low_left_ms == 0) {
        rise();
    }
}
