#include "pulses.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "board.h"

/* The interrupt comes so early and then waits for the very tick: whatever else is interrupted for less than this moves
 * no edge. */
#define EARLY (24 * TICKS_PER_US)
/* An edge closer than this is waited for rather than set in the timer, which could miss it and be a lap late. */
#define CLOSE (EARLY + 4 * TICKS_PER_US)
/* From the order to the first edge. */
#define START (40 * TICKS_PER_US)

static volatile uint32_t pulses_left;
static uint32_t width, pause, next_edge; /* ticks */
static uint8_t lit;

/* Ticks to the next edge; negative if it is overdue. */
static int32_t until_edge(void)
{
    return (int32_t)(next_edge - clock_ticks());
}

static void await_edge(void)
{
    while ((int16_t)((uint16_t)next_edge - TCNT1) > 0)
        ;
}

static void make_edge(void)
{
    if (LIGHT_AND_COPY_PORT == 0) {
        LIGHT_AND_COPY_PORT = lit;
        next_edge += width;
    } else {
        LIGHT_AND_COPY_PORT = 0;
        next_edge += pause;
        pulses_left--;
    }
}

static void set_timer(void)
{
    uint16_t at = (uint16_t)next_edge - EARLY;
    OCR1A = at ? at : 1; /* simavr 1.6 takes 0 for never; a tick later is early enough */
}

/* Also comes a whole lap or more before an edge that is far away, and for a match from before the start: then there is
 * nothing to do yet. So no flag of the timer is ever cleared by hand (in simavr 1.6 that loses the others too). */
ISR(TIMER1_COMPA_vect)
{
    while (pulses_left && until_edge() <= CLOSE) {
        await_edge();
        make_edge();
    }
    if (pulses_left)
        set_timer();
    else
        pulses_stop();
}

struct instant pulses_start(const struct train *train, uint8_t pins)
{
    struct instant first;
    width = train->width_us * TICKS_PER_US;
    pause = (train->period_us - train->width_us) * TICKS_PER_US;
    lit = pins;
    ATOMIC_BLOCK(ATOMIC_FORCEON)
    {
        first = clock_now();
        first.ticks += START;
        if (first.ticks < START)
            first.laps++;
        next_edge = first.laps << 16 | first.ticks;
        pulses_left = train->pulses;
        set_timer();
        TIMSK1 |= _BV(OCIE1A);
    }
    return first;
}

void pulses_stop(void)
{
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        LIGHT_AND_COPY_PORT = 0;
        TIMSK1 &= (uint8_t)~_BV(OCIE1A);
        pulses_left = 0;
    }
}

bool pulses_are_running(void)
{
    return (TIMSK1 & _BV(OCIE1A)) != 0;
}
