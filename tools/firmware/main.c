/* selfee_rt's stimulus device. See docs/wiring.md and docs/device_protocol.md. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#include "commands.h"
#include "frame.h"
#include "reset.h"
#include "serial.h"
#include "sync.h"
#include "tick.h"

/* The next interrupt is at most a millisecond away. */
static void sleep_until_interrupt(void)
{
    cli();
    if (serial_is_empty()) {
        sleep_enable();
        sei();
        sleep_cpu();
        sleep_disable();
    }
    sei();
}

int main(void)
{
    static struct frame request;
    uint16_t resets = reset_count();
    serial_start();
    sync_start(resets);
    tick_start();
    wdt_enable(WDTO_60MS);
    sei();
    commands_announce(resets);
    for (;;) {
        wdt_reset();
        sync_prepare();
        if (serial_is_empty())
            sleep_until_interrupt();
        else if (frame_push(&request, serial_read()))
            commands_serve(&request);
    }
}
