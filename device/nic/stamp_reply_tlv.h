// Answers the TLVs of RFC 8972 in place. Knows nothing of the packet before them.
#ifndef NIC_STAMP_REPLY_TLV_H
#define NIC_STAMP_REPLY_TLV_H

#include "stamp_reply.h"

enum {
	TLV_UNRECOGNISED = 0x80,
	TLV_MALFORMED = 0x40,
	TLV_HEADER_BYTES = 4,
	/* TLVs answered in one packet; later ones go back as they came: "unrecognised" to their sender. */
	TLV_MOST = 32,
};

enum tlv_type {
	TLV_NONE = 0,
	TLV_EXTRA_PADDING = 1,
	TLV_LOCATION = 2,
	TLV_TIMESTAMP_INFORMATION = 3,
	TLV_CLASS_OF_SERVICE = 4,
	TLV_DIRECT_MEASUREMENT = 5,
	TLV_ACCESS_REPORT = 6,
	TLV_FOLLOW_UP = 7,
};

/*
 * Answers what `bytes` holds and notes in `reply` what the answers commit the sender to. Types that are not known are
 * echoed with the U flag; among them is 8, HMAC: without keys it can be neither checked nor made. The first TLV that is
 * malformed gets the M flag and ends the work; it and all behind it are echoed. Octets that begin with type 0 are
 * padding.
 */
void tlv_answer_all(uint8_t *bytes, size_t length, const struct stamp_context *context, struct stamp_reply *reply);

static inline uint16_t read_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t read_u32(const uint8_t *at)
{
	return (uint32_t)read_u16(at) << 16 | read_u16(at + 2);
}

static inline void write_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void write_u32(uint8_t *at, uint32_t value)
{
	write_u16(at, (uint16_t)(value >> 16));
	write_u16(at + 2, (uint16_t)value);
}

static inline void write_u64(uint8_t *at, uint64_t value)
{
	write_u32(at, (uint32_t)(value >> 32));
	write_u32(at + 4, (uint32_t)value);
}

#endif
