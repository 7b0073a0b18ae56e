// NTP timestamps into frames, with the incremental checksum update of RFC 1624.
#include "time_patch.h"

#include <endian.h>
#include <string.h>

#include "clock.h"

static const uint64_t SECONDS_1900_TO_1970 = 2208988800ULL;

uint64_t ntp_time(int64_t wall_ns)
{
	uint64_t seconds = (uint64_t)(wall_ns / NS_PER_SEC) + SECONDS_1900_TO_1970;
	uint64_t fraction = ((uint64_t)(wall_ns % NS_PER_SEC) << 32) / (uint64_t)NS_PER_SEC;

	return seconds << 32 | fraction;
}

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void write16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void patch_time(uint8_t *frame, int32_t time_at, int32_t checksum_at, uint64_t ntp)
{
	uint8_t bytes[NTP_TIME_BYTES];
	uint64_t wire = htobe64(ntp);

	memcpy(bytes, &wire, sizeof bytes);
	if (checksum_at >= 0) {
		/* HC' = ~(~HC + ~m + m'), for each 16-bit word m that becomes m'. */
		uint32_t sum = (uint16_t)~read16(frame + checksum_at);
		for (int i = 0; i < NTP_TIME_BYTES; i += 2) {
			sum += (uint16_t)~read16(frame + time_at + i);
			sum += read16(bytes + i);
		}
		sum = (sum & 0xffff) + (sum >> 16);
		sum = (sum & 0xffff) + (sum >> 16);
		uint16_t checksum = (uint16_t)~sum;
		write16(frame + checksum_at, checksum == 0 ? 0xffff : checksum);
	}
	memcpy(frame + time_at, bytes, sizeof bytes);
}
