#include "clock.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#ifndef FIRST_LAP
#define FIRST_LAP 0 /* a test begins shortly before 32 bits of ticks wrap */
#endif

static volatile uint32_t laps = FIRST_LAP;

ISR(TIMER1_OVF_vect)
{
    laps++;
}

struct instant clock_now(void)
{
    struct instant now = {laps, TCNT1};
    /* The timer may have wrapped while interrupts were off. If it did before it was read, what was read is small. */
    if ((TIFR1 & _BV(TOV1)) && now.ticks < 0x8000)
        now.laps++;
    return now;
}

uint32_t clock_ticks(void)
{
    uint16_t high = laps, low = TCNT1;
    if ((TIFR1 & _BV(TOV1)) && low < 0x8000)
        high++;
    return (uint32_t)high << 16 | low;
}

uint64_t clock_us(struct instant at)
{
    return ((uint64_t)at.laps << 16 | at.ticks) / TICKS_PER_US;
}
