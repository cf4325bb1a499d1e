/* The millisecond, on timer 1 like everything that is timed. */
#ifndef TICK_H
#define TICK_H

void tick_start(void);

#endif
