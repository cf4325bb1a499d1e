/* What happens before anything else after a reset, before even the variables exist. */
#include "reset.h"

#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/wdt.h>

#include "board.h"

static uint16_t EEMEM stored_count;

/* Outputs low, the watchdog off (it stays on, and short, through its own reset), the clock started. */
__attribute__((naked, used, section(".init3"))) static void first_instructions(void)
{
    LIGHT_AND_COPY_PORT = 0;
    LIGHT_AND_COPY_DDR = LIGHT | COPY;
    SYNC_PORT = 0;
    SYNC_DDR = SYNC;
    TCCR1A = 0;
    TCNT1 = 0;
    TCCR1B = _BV(CS11); /* 16 MHz / 8 */
    MCUSR = 0;
    wdt_disable();
}

uint16_t reset_count(void)
{
    uint16_t count = eeprom_read_word(&stored_count) + 1; /* an empty EEPROM reads as 65535: the first count is 0 */
    eeprom_update_word(&stored_count, count);
    return count;
}
