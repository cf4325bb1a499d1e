#include "limits.h"

#include "status.h"

/* Everything is checked before it is multiplied. */
uint8_t limits_allow(const struct train *train)
{
    if (train->width_us < MIN_PULSE_US || train->width_us > MAX_PULSE_US)
        return REFUSED_PULSE;
    if (train->pulses == 0)
        return REFUSED_TRAIN;
    if (train->pulses == 1)
        return DONE;
    if (train->period_us > MAX_TRAIN_US || (train->pulses - 1) > (MAX_TRAIN_US - train->width_us) / train->period_us)
        return REFUSED_TRAIN;
    if (train->period_us < train->width_us + MIN_PULSE_US)
        return REFUSED_PULSE;
    if ((uint64_t)train->width_us * 100 > (uint64_t)train->period_us * MAX_DUTY_PERCENT)
        return REFUSED_DUTY;
    return DONE;
}
