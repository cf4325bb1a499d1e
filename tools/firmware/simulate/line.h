/* The far end of the serial line: a pseudo-terminal. */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stdint.h>

/* Returns the path to connect to. */
const char *line_open(void);

/* Take what has arrived from the host. */
void line_take(void);

/* Wait for more from the host, at most so long. False: stdin was a pipe, and who held its other end has ended. */
bool line_wait(uint64_t longest_ns);

bool line_has_byte(void);
uint8_t line_read(void);

/* To the host, when flushed; lost if nobody has read for long, as on a real line. */
void line_write(uint8_t byte);
void line_flush(void);

#endif
