#include "frame.h"

#include <util/crc16.h>

#include "serial.h"

/* CRC-16/CCITT-FALSE: polynomial 0x1021, initially 0xFFFF. Over a body and its CRC (high byte first) it is 0. */
static uint16_t crc(const uint8_t *bytes, uint8_t length)
{
    uint16_t value = 0xFFFF;
    while (length--)
        value = _crc_xmodem_update(value, *bytes++);
    return value;
}

bool frame_push(struct frame *frame, uint8_t byte)
{
    static uint8_t until_zero; /* bytes to the next stuffed zero, this one included; 0: nothing has begun */
    static bool too_long;

    if (byte == 0) {
        bool complete = until_zero == 1 && !too_long && frame->length >= 2 && crc(frame->body, frame->length) == 0;
        if (complete)
            frame->length -= 2;
        until_zero = 0;
        too_long = false;
        return complete;
    }
    if (until_zero == 0) {
        frame->length = 0;
        until_zero = byte;
    } else if (frame->length == sizeof frame->body) {
        too_long = true;
    } else if (--until_zero == 0) {
        frame->body[frame->length++] = 0;
        until_zero = byte;
    } else {
        frame->body[frame->length++] = byte;
    }
    return false;
}

/* Length of the run of bytes that are not zero. */
static uint8_t run_length(const uint8_t *bytes, uint8_t length)
{
    uint8_t run = 0;
    while (run < length && bytes[run] != 0)
        run++;
    return run;
}

void frame_send(struct frame *frame)
{
    uint16_t value = crc(frame->body, frame->length);
    uint8_t length = frame->length + 2, at = 0;
    frame->body[frame->length] = value >> 8;
    frame->body[frame->length + 1] = value & 0xFF;
    if (!serial_has_room(length + 3))
        return;
    serial_write(0);
    while (at <= length) {
        uint8_t run = run_length(frame->body + at, length - at);
        serial_write(run + 1);
        for (uint8_t i = 0; i < run; i++)
            serial_write(frame->body[at + i]);
        at += run + 1;
    }
    serial_write(0);
}
