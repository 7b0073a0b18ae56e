// Writing the time of sending into a frame, with its checksum kept right. Pure.
#ifndef NIC_TIME_PATCH_H
#define NIC_TIME_PATCH_H

#include <stdint.h>

enum { NTP_TIME_BYTES = 8 };

/* CLOCK_REALTIME ns as a 64-bit NTP timestamp (RFC 5905 section 6): seconds since 1900 and a binary fraction. */
uint64_t ntp_time(int64_t wall_ns);

/*
 * Overwrite 8 bytes at `time_at` with the big-endian `ntp`, and correct the Internet checksum at `checksum_at` (unless
 * negative) by RFC 1624 equation 3. Both positions must have the same parity, as 16-bit words of one checksum have. A
 * result of 0 is written as 0xffff: the same number in ones-complement, and for UDP 0 would mean "no checksum".
 */
void patch_time(uint8_t *frame, int32_t time_at, int32_t checksum_at, uint64_t ntp);

#endif
