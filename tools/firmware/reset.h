/* What happens before anything else after a reset. */
#ifndef RESET_H
#define RESET_H

#include <stdint.h>

/* Counts this reset in the EEPROM and returns how many came before, modulo 65536. Call once. */
uint16_t reset_count(void);

#endif
