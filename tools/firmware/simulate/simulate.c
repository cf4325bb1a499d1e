/* Runs the firmware in simavr, in step with the wall clock.
 *
 * Usage: simulate FIRMWARE.hex [SLOWDOWN]
 *
 * The serial line is a pseudo-terminal. Stdout has one line for each thing that happens, flushed:
 *     port PATH               where to connect
 *     start NS                when cycle 0 was, on CLOCK_MONOTONIC
 *     pin NAME LEVEL CYCLE    an edge of light, copy or sync; cycles count on through resets
 *     reset CYCLE             the processor was reset
 * SIGUSR1 presses the reset button; SIGUSR2 makes the processor loop for ever with its interrupts off. It ends at
 * SIGTERM, at SIGINT, or when the other end of a pipe on its stdin is closed.
 *
 * The simulated clock is never ahead of the wall clock, and a byte that was written to the port before some instant
 * reaches the firmware before that instant of the simulated clock, however slow this machine is. With a SLOWDOWN of 4
 * the simulated clock runs at a quarter of the wall clock's rate, which leaves a busy machine four times the time.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "board.h"
#include "line.h"

static volatile sig_atomic_t asked_to_reset, asked_to_hang, asked_to_stop;
static uint64_t start_ns, slowdown = 1;

static void on_signal(int signal)
{
    if (signal == SIGUSR1)
        asked_to_reset = 1;
    else if (signal == SIGUSR2)
        asked_to_hang = 1;
    else
        asked_to_stop = 1;
}

static uint64_t wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Where the simulated clock should be now: 16 cycles in 1000 ns. */
static uint64_t due_cycle(void)
{
    return (wall_ns() - start_ns) / slowdown * 2 / 125;
}

static uint64_t due_ns(uint64_t cycle)
{
    return start_ns + cycle * 125 / 2 * slowdown;
}

static void obey_signals(void)
{
    if (asked_to_reset) {
        asked_to_reset = 0;
        board_reset();
    }
    if (asked_to_hang) {
        asked_to_hang = 0;
        board_hang();
    }
}

/* One slice of time; false: nobody needs this any more. */
static bool go_on(void)
{
    /* First the time, then the port: what was written before now is given to the firmware before now. */
    uint64_t until = due_cycle();
    line_take();
    obey_signals();
    if (until > board_now() + CYCLES_PER_MS)
        until = board_now() + CYCLES_PER_MS; /* far behind: look at the port as often as ever */
    board_run(until);
    line_flush();
    uint64_t next_ns = due_ns(board_next()), now_ns = wall_ns();
    return line_wait(next_ns > now_ns ? next_ns - now_ns : 0);
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3 || (argc == 3 && (slowdown = strtoul(argv[2], NULL, 10)) == 0)) {
        fprintf(stderr, "usage: simulate FIRMWARE.hex [SLOWDOWN]\n");
        return 1;
    }
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    prctl(PR_SET_TIMERSLACK, 1000); /* ns, that a wait may last too long */
    board_power_up(argv[1]);
    printf("port %s\n", line_open());
    start_ns = wall_ns();
    printf("start %llu\n", (unsigned long long)start_ns);
    fflush(stdout);
    while (!asked_to_stop && go_on())
        ;
    return 0;
}
