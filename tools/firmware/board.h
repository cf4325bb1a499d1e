/* The board: an Arduino Uno, Nano or Pro Mini with an ATmega328P at 16 MHz. */
#ifndef BOARD_H
#define BOARD_H

#define F_CPU 16000000UL

/* 16 MHz / (8 * 4): exact, for the processor, for the Uno's ATmega16U2, for FTDI (3 MHz / 6) and CH340 alike; it is
 * one of the rates that every system knows by name. 115200 would be 2.1 % off. A byte lasts 20 us. */
#define BAUD 500000UL

/* Light and trigger copy are the only outputs of port B, which is therefore always written whole: both pins change in
 * one instruction. No output is on D13, whose pin the bootloader blinks. */
#define LIGHT_AND_COPY_PORT PORTB
#define LIGHT_AND_COPY_DDR DDRB
#define LIGHT _BV(PB1) /* D9 */
#define COPY _BV(PB2)  /* D10 */

#define SYNC_PORT PORTD
#define SYNC_DDR DDRD
#define SYNC _BV(PD4) /* D4 */

#endif
