#include "commands.h"

#include <string.h>
#include <util/atomic.h>

#include "board.h"
#include "clock.h"
#include "events.h"
#include "guard.h"
#include "limits.h"
#include "pulses.h"
#include "status.h"

#include <avr/io.h>

#define PROTOCOL 1
#define FIRMWARE_MAJOR 1
#define FIRMWARE_MINOR 0

#define REPLY 0x80 /* set in the type of every reply */
#define MARK_US 1000UL
#define EVENTS_PER_REPLY 3

enum message { HELLO = 1, ARM = 2, FIRE = 3, RELEASE = 4, DISARM = 5, KEEP_ALIVE = 6, MARK = 7 };

/* A request: type, sequence number (2 bytes), payload. */
#define HEADER 3
/* A reply: type, sequence number, status, state, reset count (2), device_us (8), more. */
enum { STATUS_AT = 3, STATE_AT = 4, RESETS_AT = 5, US_AT = 7, MORE_AT = 15 };

static struct frame reply; /* the last one, kept in case it is asked for again */
static uint16_t resets;
static struct instant when; /* what the request asked for happened */

/* Numbers are little-endian, as the processor's own. */
static void put(const void *number, uint8_t bytes)
{
    memcpy(reply.body + reply.length, number, bytes);
    reply.length += bytes;
}

static void put_u8(uint8_t number)
{
    put(&number, 1);
}

static void put_u32(uint32_t number)
{
    put(&number, 4);
}

static void put_us(struct instant at)
{
    uint64_t us = clock_us(at);
    put(&us, 8);
}

static uint8_t hello(const uint8_t *payload)
{
    (void)payload;
    guard_disarm();
    events_forget_trips();
    put("selfeeRT", 8);
    put_u8(PROTOCOL);
    put_u8(FIRMWARE_MAJOR);
    put_u8(FIRMWARE_MINOR);
    put_u8(MAX_LEASE_MS);
    put_u8(MAX_DUTY_PERCENT);
    put_u32(MIN_PULSE_US);
    put_u32(MAX_PULSE_US);
    put_u32(MAX_TRAIN_US);
    return DONE;
}

static uint8_t arm(const uint8_t *payload)
{
    struct {
        uint32_t arm_for_ms;
        uint64_t light_budget_us, refractory_us;
    } wanted;
    memcpy(&wanted, payload, sizeof wanted);
    if (wanted.arm_for_ms == 0)
        return REFUSED_ARMING;
    guard_arm(wanted.arm_for_ms, wanted.light_budget_us, wanted.refractory_us);
    return DONE;
}

static uint8_t fire(const uint8_t *payload)
{
    struct {
        struct train train;
        uint8_t withheld;
    } wanted;
    memcpy(&wanted, payload, sizeof wanted);
    uint8_t status = limits_allow(&wanted.train);
    if (status == DONE && pulses_are_running())
        status = REFUSED_RUNNING;
    uint32_t light_us = wanted.train.width_us * wanted.train.pulses;
    if (status == DONE)
        status = guard_allows(light_us);
    if (status != DONE)
        return status;
    when = pulses_start(&wanted.train, wanted.withheld ? COPY : COPY | LIGHT);
    guard_count(light_us, when);
    return DONE;
}

static uint8_t release(const uint8_t *payload)
{
    (void)payload;
    pulses_stop();
    return DONE;
}

static uint8_t disarm(const uint8_t *payload)
{
    (void)payload;
    guard_disarm();
    return DONE;
}

static uint8_t keep_alive(const uint8_t *payload)
{
    uint16_t lease_ms = payload[0] | (uint16_t)payload[1] << 8;
    if (lease_ms > MAX_LEASE_MS)
        return REFUSED_LEASE;
    guard_keep_alive(lease_ms);
    struct event event;
    uint8_t count_at = reply.length, count = 0;
    put_u8(0);
    while (count < EVENTS_PER_REPLY && events_take(&event)) {
        put_u8(event.kind);
        put_u32(event.number);
        put_us(event.at);
        count++;
    }
    reply.body[count_at] = count;
    return DONE;
}

static uint8_t mark(const uint8_t *payload)
{
    static const struct train one = {MARK_US, MARK_US, 1};
    (void)payload;
    if (pulses_are_running())
        return REFUSED_RUNNING;
    when = pulses_start(&one, COPY);
    return DONE;
}

static const struct {
    uint8_t payload_bytes;
    uint8_t (*act)(const uint8_t *payload);
} commands[] = {
    [HELLO] = {0, hello}, [ARM] = {20, arm},       [FIRE] = {13, fire},
    [RELEASE] = {0, release}, [DISARM] = {0, disarm}, [KEEP_ALIVE] = {2, keep_alive},
    [MARK] = {0, mark},
};

static uint8_t act(uint8_t type, const uint8_t *payload, uint8_t payload_bytes)
{
    if (type == 0 || type >= sizeof commands / sizeof *commands || commands[type].payload_bytes != payload_bytes)
        return REFUSED_UNKNOWN;
    return commands[type].act(payload);
}

static uint8_t state(void)
{
    return guard_is_armed() | guard_has_lease() << 1 | pulses_are_running() << 2;
}

static void answer(uint8_t type, const uint8_t *sequence, const uint8_t *payload, uint8_t payload_bytes)
{
    reply.body[0] = type | REPLY;
    memcpy(reply.body + 1, sequence, 2);
    reply.length = MORE_AT;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        when = clock_now();
    }
    reply.body[STATUS_AT] = act(type, payload, payload_bytes);
    reply.body[STATE_AT] = state();
    memcpy(reply.body + RESETS_AT, &resets, 2);
    uint64_t us = clock_us(when);
    memcpy(reply.body + US_AT, &us, 8);
    frame_send(&reply);
}

void commands_announce(uint16_t reset_count)
{
    static const uint8_t none[2] = {0, 0};
    resets = reset_count;
    answer(HELLO, none, 0, 0);
}

void commands_serve(const struct frame *request)
{
    if (request->length < HEADER)
        return;
    /* The same type and number as before: the answer was lost. Say it again; nothing is done twice. */
    if (memcmp(request->body + 1, reply.body + 1, 2) == 0 && (request->body[0] | REPLY) == reply.body[0])
        frame_send(&reply);
    else
        answer(request->body[0], request->body + 1, request->body + HEADER, request->length - HEADER);
}
