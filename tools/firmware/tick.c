#include "tick.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#include "clock.h"
#include "guard.h"
#include "sync.h"

ISR(TIMER1_COMPB_vect)
{
    OCR1B += TICKS_PER_MS;
    guard_tick();
    sync_tick();
}

void tick_start(void)
{
    /* Odd, as multiples of the millisecond never are: simavr 1.6 takes 0 for never. */
    OCR1B = (uint16_t)(TCNT1 + TICKS_PER_MS) | 1;
    TIMSK1 |= _BV(OCIE1B) | _BV(TOIE1);
}
