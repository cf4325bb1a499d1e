#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_core.h>
#include <simavr/sim_hex.h>

#include "line.h"

#define HZ 16000000
#define CYCLES_PER_BYTE 320   /* 10 bits at 500000 baud */
#define JUMP_TO_ITSELF 0xCFFF /* rjmp .-2 */

static avr_t *avr;
static avr_irq_t *received;
static avr_cycle_count_t next_byte_at;
static struct {
    uint32_t at;
    uint16_t word; /* 0: nothing is overwritten */
} overwritten;

static void on_pin(struct avr_irq_t *irq, uint32_t value, void *name)
{
    (void)irq;
    printf("pin %s %u %llu\n", (const char *)name, value & 1, (unsigned long long)avr->cycle);
    fflush(stdout);
}

static void watch_pin(char port, int pin, char *name)
{
    avr_irq_t *irq = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port), pin);
    irq->flags |= IRQ_FLAG_FILTERED; /* only changes */
    avr_irq_register_notify(irq, on_pin, name);
}

static void on_sent(struct avr_irq_t *irq, uint32_t value, void *unused)
{
    (void)irq;
    (void)unused;
    line_write(value & 0xFF);
}

static void connect_uart(void)
{
    uint32_t flags = 0; /* no naps when the firmware polls, no copy on stdout */
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    received = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_sent, NULL);
}

static void load(const char *path)
{
    uint32_t bytes, base;
    uint8_t *code = read_ihex_file(path, &bytes, &base);
    if (!code) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    avr_loadcode(avr, code, bytes, base);
    avr->codeend = base + bytes;
    free(code);
}

static void only_errors(avr_t *of, const int level, const char *format, va_list arguments)
{
    (void)of;
    if (level == LOG_ERROR)
        vfprintf(stderr, format, arguments);
}

/* The watchdog resets by putting another function in the place of this one. */
static void no_reset(avr_t *unused)
{
    (void)unused;
}

void board_power_up(const char *firmware_hex)
{
    avr_global_logger_set(only_errors);
    avr = avr_make_mcu_by_name("atmega328p");
    avr_init(avr);
    avr->frequency = HZ;
    avr->run = no_reset;
    load(firmware_hex);
    connect_uart();
    watch_pin('B', 1, "light");
    watch_pin('B', 2, "copy");
    watch_pin('D', 4, "sync");
}

uint64_t board_now(void)
{
    return avr->cycle;
}

void board_reset(void)
{
    if (overwritten.word) {
        memcpy(avr->flash + overwritten.at, &overwritten.word, 2);
        overwritten.word = 0;
    }
    avr_reset(avr);
    avr->run = no_reset;
    printf("reset %llu\n", (unsigned long long)avr->cycle);
    fflush(stdout);
}

void board_hang(void)
{
    uint16_t loop = JUMP_TO_ITSELF;
    if (overwritten.word)
        return;
    overwritten.at = avr->pc;
    memcpy(&overwritten.word, avr->flash + avr->pc, 2);
    memcpy(avr->flash + avr->pc, &loop, 2);
    avr_sreg_set(avr, S_I, 0);
    avr->state = cpu_Running;
}

static void receive(void)
{
    if (line_has_byte() && avr->cycle >= next_byte_at) {
        avr_raise_irq(received, line_read());
        next_byte_at = avr->cycle + CYCLES_PER_BYTE;
    }
}

uint64_t board_next(void)
{
    if (avr->state != cpu_Sleeping)
        return avr->cycle;
    avr_cycle_count_t next = avr->cycle + avr_cycle_timer_process(avr);
    return line_has_byte() && next_byte_at < next ? next_byte_at : next;
}

static void sleep_up_to(avr_cycle_count_t until)
{
    avr_cycle_count_t next = board_next();
    if (next > until)
        next = until;
    if (next > avr->cycle)
        avr->cycle = next;
}

void board_run(uint64_t until)
{
    while (avr->cycle < until) {
        receive();
        if (avr->state == cpu_Running)
            avr->pc = avr_run_one(avr);
        else
            sleep_up_to(until);
        avr_cycle_timer_process(avr);
        if (avr->interrupt_state)
            avr_service_interrupts(avr);
        if (avr->run != no_reset)
            board_reset();
    }
}
