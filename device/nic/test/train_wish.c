// Requests for trains, octet by octet, and the fields of a reply.
#include "train_wish.h"

#include <string.h>

void write_wish(uint8_t *packet, const struct wish *wish)
{
	static const uint8_t head[16] = {0, 0, 0, 7, 0xea, 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 1, 1, 0x0a, 0x0b};
	uint8_t *tlv = packet + STAMP_BASE_BYTES;
	uint8_t *value = tlv + TLV_HEADER_BYTES;

	memset(packet, 0, REQUEST_BYTES);
	memcpy(packet, head, sizeof head);
	tlv[0] = TLV_UNRECOGNISED;
	tlv[1] = TLV_TRAIN;
	write_u16(tlv + 2, TRAIN_VALUE_BYTES);
	value[0] = wish->operation;
	write_u32(value + 4, wish->run);
	write_u64(value + 8, wish->cookie);
	write_u16(value + 16, wish->packet_bytes);
	write_u32(value + 20, wish->bursts);
	write_u32(value + 24, wish->packets);
	write_u32(value + 28, 1 << 22);
	write_u64(value + 32, (uint64_t)(wish->gap_ns * (1 << 24)));
}

uint8_t status_of(const uint8_t *reply)
{
	return reply[STAMP_BASE_BYTES + TLV_HEADER_BYTES + 1];
}

uint64_t cookie_of(const uint8_t *reply)
{
	const uint8_t *at = reply + STAMP_BASE_BYTES + TLV_HEADER_BYTES + 8;

	return (uint64_t)read_u32(at) << 32 | read_u32(at + 4);
}

uint32_t handed_over(const uint8_t *reply)
{
	return read_u32(reply + STAMP_BASE_BYTES + TLV_HEADER_BYTES + 48);
}
