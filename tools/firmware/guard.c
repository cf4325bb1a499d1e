#include "guard.h"

#include <util/atomic.h>

#include "events.h"
#include "pulses.h"
#include "status.h"

static volatile bool armed;
static volatile uint8_t lease_left_ms;
static volatile uint32_t arming_left_ms;
static uint64_t budget_left_us, refractory_time_us;
static uint64_t earliest_start_us;

/* With interrupts off. */
static void trip(uint8_t why)
{
    pulses_stop();
    events_add(why, 0, clock_now());
}

void guard_arm(uint32_t arm_for_ms, uint64_t light_budget_us, uint64_t refractory_us)
{
    guard_disarm();
    budget_left_us = light_budget_us;
    refractory_time_us = refractory_us;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        arming_left_ms = arm_for_ms;
        armed = true;
    }
}

void guard_disarm(void)
{
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        pulses_stop();
        armed = false;
        lease_left_ms = 0;
    }
}

void guard_keep_alive(uint8_t lease_ms)
{
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        if (armed) {
            if (lease_ms == 0 && lease_left_ms)
                trip(TRIP_LEASE);
            lease_left_ms = lease_ms;
        }
    }
}

bool guard_is_armed(void)
{
    return armed;
}

bool guard_has_lease(void)
{
    return lease_left_ms != 0;
}

static uint64_t now_us(void)
{
    struct instant now;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        now = clock_now();
    }
    return clock_us(now);
}

uint8_t guard_allows(uint32_t light_us)
{
    if (!armed)
        return REFUSED_DISARMED;
    if (!lease_left_ms)
        return REFUSED_NO_LEASE;
    if (now_us() < earliest_start_us)
        return REFUSED_REFRACTORY;
    if (light_us > budget_left_us) {
        ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
        {
            trip(TRIP_BUDGET);
        }
        return REFUSED_BUDGET;
    }
    return DONE;
}

void guard_count(uint32_t light_us, struct instant start)
{
    budget_left_us -= light_us;
    earliest_start_us = clock_us(start) + refractory_time_us;
}

void guard_tick(void)
{
    if (!armed)
        return;
    if (lease_left_ms && --lease_left_ms == 0)
        trip(TRIP_LEASE);
    if (--arming_left_ms == 0) {
        guard_disarm();
        trip(TRIP_ARMING);
    }
}
