/* Frames on the serial line: a zero, the body and its CRC-16 stuffed by COBS so that they hold no zero, a zero. */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_BODY 64 /* bytes, without the CRC */

struct frame {
    uint8_t length;
    uint8_t body[MAX_BODY + 2];
};

/* Take one byte of the line; true if it completes a frame, which then stays in `frame` until the next call. */
bool frame_push(struct frame *frame, uint8_t byte);

/* Append the CRC and send; a frame for which there is no room is not sent at all. `length` stays without the CRC. */
void frame_send(struct frame *frame);

#endif
