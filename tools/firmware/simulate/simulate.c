/* Runs the firmware in simavr, in step with the wall clock.
 *
 * Usage: simulate FIRMWARE.hex
 *
 * The UART is a pseudo-terminal. Stdout has one line for each thing that happens, flushed:
 *     port PATH               where to connect
 *     start NS                cycle 0, on CLOCK_MONOTONIC
 *     pin NAME LEVEL CYCLE    an edge of light, copy or sync; cycles count on through resets
 *     reset CYCLE             the processor was reset
 * It ends at SIGTERM, at SIGINT, or when the other end of a pipe on its stdin is closed.
 * SIGUSR1 presses the reset button; SIGUSR2 makes the processor lose its way: it loops for ever, interrupts off.
 *
 * The simulated clock is never ahead of the wall clock, and a byte that was written to the port before some instant
 * reaches the firmware before that instant of the simulated clock, however slow this machine is.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_core.h>
#include <simavr/sim_hex.h>

#include "line.h"

#define HZ 16000000ULL
#define CYCLES_PER_BYTE 320 /* 10 bits at 500000 baud */
#define SLICE (HZ / 1000)   /* the port is looked at this often, also when catching up */
#define JUMP_TO_ITSELF 0xCFFF

static volatile sig_atomic_t asked_to_reset, asked_to_hang, asked_to_stop;
static avr_t *avr;
static avr_cycle_count_t next_byte_at;
static struct { uint32_t at; uint16_t word; } overwritten;

static void on_signal(int signal)
{
    if (signal == SIGUSR1)
        asked_to_reset = 1;
    else if (signal == SIGUSR2)
        asked_to_hang = 1;
    else
        asked_to_stop = 1;
}

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void on_pin(struct avr_irq_t *irq, uint32_t value, void *name)
{
    (void)irq;
    printf("pin %s %u %llu\n", (const char *)name, value & 1, (unsigned long long)avr->cycle);
    fflush(stdout);
}

static void on_sent(struct avr_irq_t *irq, uint32_t value, void *unused)
{
    (void)irq;
    (void)unused;
    line_write(value & 0xFF);
}

static void watch_pin(char port, int pin, char *name)
{
    avr_irq_t *irq = avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port), pin);
    irq->flags |= IRQ_FLAG_FILTERED; /* only changes */
    avr_irq_register_notify(irq, on_pin, name);
}

static void connect_uart(void)
{
    uint32_t flags = 0; /* no naps when the firmware polls, no copy on stdout */
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_sent, NULL);
}

static void silence(avr_t *of, const int level, const char *format, va_list arguments)
{
    if (level <= LOG_ERROR && of)
        vfprintf(stderr, format, arguments);
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
    avr->codeend = bytes + base;
    free(code);
}

/* The firmware's own way to a reset is the watchdog, which puts another function in the place of this one. */
static void run_one(avr_t *unused)
{
    (void)unused;
}

static void reset(void)
{
    if (overwritten.word) {
        memcpy(avr->flash + overwritten.at, &overwritten.word, 2);
        overwritten.word = 0;
    }
    avr_reset(avr);
    avr->run = run_one;
    printf("reset %llu\n", (unsigned long long)avr->cycle);
    fflush(stdout);
}

static void hang(void)
{
    uint16_t loop = JUMP_TO_ITSELF;
    overwritten.at = avr->pc;
    memcpy(&overwritten.word, avr->flash + avr->pc, 2);
    memcpy(avr->flash + avr->pc, &loop, 2);
    avr_sreg_set(avr, S_I, 0);
    avr->state = cpu_Running;
}

static void give_byte(void)
{
    if (avr->cycle >= next_byte_at && line_has_byte()) {
        avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), line_read());
        next_byte_at = avr->cycle + CYCLES_PER_BYTE;
    }
}

/* Some instructions, or the sleep up to what comes next; at most to `until`, or few cycles beyond. */
static void step(avr_cycle_count_t until)
{
    give_byte();
    if (avr->state == cpu_Running)
        avr->pc = avr_run_one(avr);
    avr_cycle_count_t left = avr_cycle_timer_process(avr);
    if (avr->state == cpu_Sleeping) {
        if (until <= avr->cycle)
            return;
        if (left > until - avr->cycle)
            left = until - avr->cycle;
        if (line_has_byte() && next_byte_at > avr->cycle && left > next_byte_at - avr->cycle)
            left = next_byte_at - avr->cycle;
        avr->cycle += left;
        avr_cycle_timer_process(avr);
    }
    if (avr->interrupt_state)
        avr_service_interrupts(avr);
    if (avr->run != run_one)
        reset();
}

/* Until something comes from the port, or the simulated clock may go on to what comes next. */
static bool wait_for_more(uint64_t start_ns)
{
    avr_cycle_count_t next = avr->cycle;
    if (avr->state == cpu_Sleeping)
        next += line_has_byte() ? CYCLES_PER_BYTE : avr_cycle_timer_process(avr);
    uint64_t at_ns = start_ns + next * 125 / 2, now_ns = monotonic_ns();
    return line_wait(at_ns > now_ns ? at_ns - now_ns : 0);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: simulate FIRMWARE.hex\n");
        return 1;
    }
    avr_global_logger_set(silence);
    avr = avr_make_mcu_by_name("atmega328p");
    avr_init(avr);
    avr->frequency = HZ;
    load(argv[1]);
    avr->run = run_one;
    connect_uart();
    watch_pin('B', 1, "light");
    watch_pin('B', 2, "copy");
    watch_pin('D', 4, "sync");
    printf("port %s\n", line_open());
    for (int i = 0; i < 4; i++)
        signal((int[]){SIGUSR1, SIGUSR2, SIGTERM, SIGINT}[i], on_signal);
    prctl(PR_SET_TIMERSLACK, 1000); /* ns, that a wait may be longer than asked for */
    uint64_t start_ns = monotonic_ns();
    printf("start %llu\n", (unsigned long long)start_ns);
    fflush(stdout);
    while (!asked_to_stop) {
        /* First the time, then the port: what was written before now is given to the firmware before now. */
        avr_cycle_count_t now = (monotonic_ns() - start_ns) * 2 / 125;
        line_take();
        if (asked_to_reset) {
            asked_to_reset = 0;
            reset();
        }
        if (asked_to_hang) {
            asked_to_hang = 0;
            hang();
        }
        avr_cycle_count_t until = now < avr->cycle + SLICE ? now : avr->cycle + SLICE;
        while (avr->cycle < until)
            step(until);
        line_flush();
        if (!wait_for_more(start_ns))
            break;
    }
    return 0;
}
