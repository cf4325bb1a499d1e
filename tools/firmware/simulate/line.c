#define _GNU_SOURCE
#include "line.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int terminal;
static uint8_t taken[4096];
static size_t first, end;
static uint8_t to_give[1024];
static size_t given;

const char *line_open(void)
{
    struct termios settings;
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (terminal < 0 || grantpt(terminal) || unlockpt(terminal)) {
        perror("cannot make a pseudo-terminal");
        exit(1);
    }
    /* Held open for ever, so that hosts may come and go. */
    int host_end = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    tcgetattr(host_end, &settings);
    cfmakeraw(&settings);
    tcsetattr(host_end, TCSANOW, &settings);
    return ptsname(terminal);
}

void line_take(void)
{
    if (first == end)
        first = end = 0;
    ssize_t bytes = read(terminal, taken + end, sizeof taken - end);
    if (bytes > 0)
        end += bytes;
}

bool line_wait(uint64_t longest_ns)
{
    struct pollfd wanted[] = {{STDIN_FILENO, 0, 0}, {terminal, POLLIN, 0}};
    struct timespec longest = {longest_ns / 1000000000, longest_ns % 1000000000};
    ppoll(wanted, end < sizeof taken ? 2 : 1, &longest, NULL);
    return !(wanted[0].revents & POLLHUP);
}

bool line_has_byte(void)
{
    return first != end;
}

uint8_t line_read(void)
{
    return taken[first++];
}

void line_write(uint8_t byte)
{
    if (given < sizeof to_give)
        to_give[given++] = byte;
}

void line_flush(void)
{
    if (given && write(terminal, to_give, given) < (ssize_t)given) {
        /* nobody reads: lost */
    }
    given = 0;
}
