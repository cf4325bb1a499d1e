/* The serial line, both ways through interrupts. Nothing here ever waits. */
#ifndef SERIAL_H
#define SERIAL_H

#include <stdbool.h>
#include <stdint.h>

void serial_start(void);

bool serial_is_empty(void);

/* The oldest byte received; only if there is one. What comes when 128 wait is lost, and its frame with it. */
uint8_t serial_read(void);

/* Whether so many bytes can be sent now. */
bool serial_has_room(uint8_t bytes);

/* Queue one byte; only if there is room. */
void serial_write(uint8_t byte);

#endif
