/* The board: an ATmega328P in simavr, whose pins are written down on stdout. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

#define CYCLES_PER_MS 16000

void board_power_up(const char *firmware_hex);

/* Cycles since then. */
uint64_t board_now(void);

/* Run up to then, or a few cycles beyond. */
void board_run(uint64_t until);

/* When it has something to do again if nothing arrives. */
uint64_t board_next(void);

/* As the reset button does. */
void board_reset(void);

/* The processor loses its way: it loops for ever, interrupts off. */
void board_hang(void);

#endif
