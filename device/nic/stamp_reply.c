// Tells requests from everything else and turns them into replies. Decides nothing about who may ask, how often, or
// when.
#include "stamp_reply.h"

#include <string.h>

#include "stamp_octets.h"
#include "stamp_reply_tlv.h"

enum {
	ERROR_SYNCHRONISED = 0x8000,
	ERROR_MOST_SCALE = 63,
	/* A reply leaves its reflector within this, s; the octets of a request show such a pair once in 2^30. */
	LONGEST_TURNAROUND_S = 2,
};

static const int64_t NTP_TO_UNIX_S = 2208988800;
static const int64_t NS_PER_S = 1000000000;

static bool is_zero(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

/*
 * A reply carries T2 and T3 of one clock, close together, where a request has zeros. This, not the port it came from,
 * is what makes a loop of two reflectors impossible: it also stops a loop through reflectors on unknown ports.
 */
static bool is_reply(const uint8_t *packet)
{
	if (is_zero(packet + AT_RECEIVED, 8))
		return false;
	uint32_t turnaround_s = read_u32(packet + AT_TIMESTAMP) - read_u32(packet + AT_RECEIVED);
	return turnaround_s + LONGEST_TURNAROUND_S <= 2 * LONGEST_TURNAROUND_S;
}

bool stamp_is_request(const uint8_t *packet, size_t length)
{
	if (length < STAMP_MIN_BYTES || is_zero(packet + AT_TIMESTAMP, 8))
		return false;
	if (is_zero(packet + AT_RECEIVED, STAMP_MIN_BYTES - AT_RECEIVED))
		return true;
	if (is_reply(packet))
		return false;
	/*
	 * TWAMP-Light may pad with anything. RTP and RTCP begin with version 2; so would a sequence after 2^31 packets.
	 */
	bool rtp = packet[0] >> 6 == 2;
	bool multiplier = packet[AT_ERROR_ESTIMATE + 1] != 0;
	return multiplier && !rtp;
}

uint16_t stamp_ssid(const uint8_t *request, size_t length)
{
	return length < STAMP_BASE_BYTES ? 0 : read_u16(request + AT_SSID);
}

uint64_t stamp_ntp(int64_t wall_ns)
{
	int64_t seconds = wall_ns / NS_PER_S;
	int64_t rest_ns = wall_ns % NS_PER_S;

	if (rest_ns < 0) {
		rest_ns += NS_PER_S;
		seconds--;
	}
	uint64_t fraction = (((uint64_t)rest_ns << 32) + (uint64_t)NS_PER_S / 2) / (uint64_t)NS_PER_S;
	return ((uint64_t)(seconds + NTP_TO_UNIX_S) << 32) + fraction;
}

uint16_t stamp_error_estimate(int64_t error_ns, bool synchronised)
{
	uint64_t multiplier = (uint64_t)(error_ns < 1 ? 1 : error_ns);
	unsigned scale = 0;

	/* Longer than a day cannot be told apart from no knowledge, and would not survive the shift. */
	const uint64_t most_ns = 86400ULL * (uint64_t)NS_PER_S;
	if (multiplier > most_ns)
		multiplier = most_ns;
	/* ns to 2^-32 s, rounded up; 4295/1000 is 2^32/10^9 and a little. */
	multiplier = (multiplier * 4295 + 999) / 1000;
	while (multiplier > UINT8_MAX && scale < ERROR_MOST_SCALE) {
		multiplier = (multiplier + 1) / 2;
		scale++;
	}
	return (uint16_t)((synchronised ? ERROR_SYNCHRONISED : 0) | scale << 8 | multiplier);
}

struct stamp_reply stamp_encode_reply(uint8_t *packet, size_t length, const struct stamp_context *context)
{
	struct stamp_reply reply = {.tos = context->tos & 0xfc};

	memcpy(packet + AT_SENDER_SEQUENCE, packet, 4);
	memcpy(packet + AT_SENDER_TIMESTAMP, packet + AT_TIMESTAMP, 8);
	memcpy(packet + AT_SENDER_ERROR_ESTIMATE, packet + AT_ERROR_ESTIMATE, 2);
	write_u32(packet, context->sequence);
	write_u16(packet + AT_ERROR_ESTIMATE, context->error_estimate);
	write_u64(packet + AT_RECEIVED, stamp_ntp(context->received_ns));
	memset(packet + AT_SENDER_ZERO, 0, 2);
	packet[AT_SENDER_TTL] = context->ttl;
	size_t base = length < STAMP_BASE_BYTES ? length : STAMP_BASE_BYTES;
	memset(packet + STAMP_MIN_BYTES, 0, base - STAMP_MIN_BYTES);
	tlv_answer_all(packet + base, length - base, context, &reply);
	return reply;
}

void stamp_write_sent(uint8_t *reply, int64_t sent_ns)
{
	write_u64(reply + AT_TIMESTAMP, stamp_ntp(sent_ns));
}
