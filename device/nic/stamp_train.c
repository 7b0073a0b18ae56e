// Octets to a request, an answer to octets, and the packets of a train.
#include "stamp_train.h"

#include <math.h>
#include <string.h>

#include "stamp_octets.h"
#include "stamp_reply.h"
#include "stamp_reply_tlv.h"

/* Within the train's value; AT_TRAIN_VALUE is where that begins in a packet. */
enum {
	AT_STATUS = 1,
	AT_TRAFFIC_CLASS = 2,
	AT_RUN = 4,
	AT_COOKIE = 8,
	AT_PACKET_BYTES = 16,
	AT_BURSTS = 20,
	AT_PACKETS = 24,
	AT_SPREAD = 28,
	AT_FIRST_GAP = 32,
	AT_SPACING = 40,
	AT_HANDED_OVER = 48,
	AT_INDEX = 8,
	AT_TRAIN_VALUE = STAMP_BASE_BYTES + TLV_HEADER_BYTES,
};

static const double SPREAD_UNIT = 1.0 / (1 << 22);
static const double GAP_UNIT_NS = 1.0 / (1 << 24);

static uint64_t read_u64(const uint8_t *at)
{
	return (uint64_t)read_u32(at) << 32 | read_u32(at + 4);
}

bool train_find(const uint8_t *packet, size_t length, struct train_asked *asked)
{
	const uint8_t *tlv = packet + STAMP_BASE_BYTES;
	const uint8_t *value = packet + AT_TRAIN_VALUE;

	if (length < AT_TRAIN_VALUE + TRAIN_VALUE_BYTES || tlv[1] != TLV_TRAIN)
		return false;
	if (read_u16(tlv + 2) != TRAIN_VALUE_BYTES || value[0] < TRAIN_HELLO || value[0] > TRAIN_STOP)
		return false;
	/* An answer, sent back by whoever echoes what it gets: it carries the cookie, and would be a proof of nothing.
	 */
	if (value[AT_STATUS] != 0)
		return false;
	*asked = (struct train_asked){
		.operation = value[0],
		.run = read_u32(value + AT_RUN),
		.cookie = read_u64(value + AT_COOKIE),
		.shape =
			{
				.packet_bytes = read_u16(value + AT_PACKET_BYTES),
				.traffic_class = value[AT_TRAFFIC_CLASS],
				.bursts = read_u32(value + AT_BURSTS),
				.packets = read_u32(value + AT_PACKETS),
				.spread = read_u32(value + AT_SPREAD) * SPREAD_UNIT,
				.first_gap_ns = (double)read_u64(value + AT_FIRST_GAP) * GAP_UNIT_NS,
				.spacing_ns = (double)read_u64(value + AT_SPACING) * GAP_UNIT_NS,
			},
	};
	return true;
}

void train_write_answer(uint8_t value[TRAIN_VALUE_BYTES], const struct train_answer *answer)
{
	value[AT_STATUS] = (uint8_t)answer->status;
	write_u64(value + AT_COOKIE, answer->cookie);
	write_u32(value + AT_HANDED_OVER, answer->handed_over);
}

static double burst_duration_ns(const struct train_shape *shape)
{
	double duration_ns = 0;
	double gap_ns = shape->first_gap_ns;

	if (shape->spread == 1)
		return gap_ns * (shape->packets - 1);
	if (shape->packets > TRAIN_MOST_CHIRP)
		return INFINITY;
	for (uint32_t i = 1; i < shape->packets; i++) {
		duration_ns += gap_ns;
		gap_ns /= shape->spread;
	}
	return duration_ns;
}

double train_duration_ns(const struct train_shape *shape)
{
	return burst_duration_ns(shape) * shape->bursts + shape->spacing_ns * (shape->bursts - 1);
}

void train_encode_packet(uint8_t *packet, size_t length, const uint8_t *request, const struct train_head *head)
{
	uint8_t *tlv = packet + STAMP_BASE_BYTES;
	uint8_t *value = packet + AT_TRAIN_VALUE;
	size_t padding = length - TRAIN_PACKET_MIN_BYTES;

	memset(packet, 0, length);
	write_u16(packet + AT_ERROR_ESTIMATE, head->error_estimate);
	memcpy(packet + AT_SSID, request + AT_SSID, 2);
	memcpy(packet + AT_SENDER_SEQUENCE, request, 4);
	memcpy(packet + AT_SENDER_TIMESTAMP, request + AT_TIMESTAMP, 8);
	memcpy(packet + AT_SENDER_ERROR_ESTIMATE, request + AT_ERROR_ESTIMATE, 2);
	packet[AT_SENDER_TTL] = head->ttl;
	tlv[1] = TLV_TRAIN;
	write_u16(tlv + 2, TRAIN_PACKET_VALUE_BYTES);
	value[0] = TRAIN_PACKET;
	write_u32(value + AT_RUN, head->run);
	if (padding < TLV_HEADER_BYTES)
		return;
	packet[TRAIN_PACKET_MIN_BYTES + 1] = TLV_EXTRA_PADDING;
	write_u16(packet + TRAIN_PACKET_MIN_BYTES + 2, (uint16_t)(padding - TLV_HEADER_BYTES));
}

void train_write_departure(uint8_t *packet, uint32_t index, int64_t sent_ns)
{
	write_u32(packet, index);
	write_u32(packet + AT_TRAIN_VALUE + AT_INDEX, index);
	write_u64(packet + AT_RECEIVED, stamp_ntp(sent_ns));
	stamp_write_sent(packet, sent_ns);
}
