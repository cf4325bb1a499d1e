/* What the host asks and what it is told (docs/device_protocol.md). */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <stdint.h>

#include "frame.h"

/* Say hello unasked: there was a reset. */
void commands_announce(uint16_t reset_count);

/* Do what a request asks, and answer; one whose sequence number was the last gets the last answer again. */
void commands_serve(const struct frame *request);

#endif
