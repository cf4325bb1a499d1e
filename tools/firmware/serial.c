#include "serial.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#include "board.h"

#define SIZE 128 /* a power of two; indices run freely */
#define AT(index) ((index) & (SIZE - 1))

static uint8_t received[SIZE], sent[SIZE];
static volatile uint8_t received_head, received_tail, sent_head, sent_tail;

ISR(USART_RX_vect)
{
    uint8_t byte = UDR0;
    if ((uint8_t)(received_head - received_tail) < SIZE)
        received[AT(received_head++)] = byte;
}

ISR(USART_UDRE_vect)
{
    if (sent_head == sent_tail)
        UCSR0B &= (uint8_t)~_BV(UDRIE0);
    else
        UDR0 = sent[AT(sent_tail++)];
}

void serial_start(void)
{
    UCSR0A = _BV(U2X0); /* first: simavr looks at it when the rate is set */
    UBRR0 = F_CPU / 8 / BAUD - 1;
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00); /* 8 bits, no parity, 1 stop bit */
    UCSR0B = _BV(RXCIE0) | _BV(RXEN0) | _BV(TXEN0);
}

bool serial_is_empty(void)
{
    return received_head == received_tail;
}

uint8_t serial_read(void)
{
    return received[AT(received_tail++)];
}

bool serial_has_room(uint8_t bytes)
{
    return (uint8_t)(SIZE - (uint8_t)(sent_head - sent_tail)) >= bytes;
}

void serial_write(uint8_t byte)
{
    sent[AT(sent_head)] = byte;
    sent_head++;
    cli();
    UCSR0B |= _BV(UDRIE0);
    sei();
}
