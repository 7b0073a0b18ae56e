// One function for each TLV of RFC 8972 section 4 that is answered, and one for our own; the walk over them stands at
// the end.
#include "stamp_reply_tlv.h"

#include <string.h>

enum {
	/* RFC 8972, "STAMP Synchronization Sources" and "Timestamping Methods". */
	SOURCE_NTP = 1,
	SOURCE_FREE_RUNNING = 5,
	METHOD_SOFTWARE = 2,
	ERROR_SYNCHRONISED = 0x8000,
	/* Code points from here on are kept for network control (RFC 4594); nobody gets them by asking. */
	DSCP_FIRST_REFUSED = 56,
	REVERSE_PATH_REFUSED = 1,
};

enum location_type {
	LOCATION_SOURCE_MAC = 1,
	LOCATION_SOURCE_EUI64 = 3,
	LOCATION_DESTINATION_IP = 4,
	LOCATION_DESTINATION_IPV4 = 5,
	LOCATION_DESTINATION_IPV6 = 6,
	LOCATION_SOURCE_IP = 7,
	LOCATION_SOURCE_IPV4 = 8,
	LOCATION_SOURCE_IPV6 = 9,
};

/* The TLV at the start of `bytes`, its value, and whether it lies within `left` octets. */
struct tlv {
	uint8_t *flags;
	uint8_t *type;
	uint8_t *value;
	size_t length;
	bool whole;
};

static struct tlv read_tlv(uint8_t *bytes, size_t left)
{
	struct tlv tlv = {.flags = bytes, .type = bytes + 1, .value = bytes + TLV_HEADER_BYTES};

	tlv.length = read_u16(bytes + 2);
	tlv.whole = tlv.length <= left - TLV_HEADER_BYTES;
	return tlv;
}

static void answer_address(struct tlv *sub, const struct stamp_end *end, bool ipv6, enum location_type ipv4_type)
{
	/* The types of the two families follow each other. */
	*sub->type = (uint8_t)(ipv6 ? ipv4_type + 1 : ipv4_type);
	memset(sub->value, 0, 16);
	memcpy(sub->value, end->address, ipv6 ? 16 : 4);
}

/* The flags that a sub-TLV of the Location TLV gets after its generic question was answered by the specific type. */
static uint8_t answer_location_part(struct tlv *sub, const struct stamp_context *context)
{
	size_t expected = *sub->type <= LOCATION_SOURCE_EUI64 ? 8 : 16;
	bool question = *sub->type == LOCATION_SOURCE_MAC || *sub->type == LOCATION_DESTINATION_IP ||
			*sub->type == LOCATION_SOURCE_IP;

	if (!question)
		return TLV_UNRECOGNISED;
	if (sub->length != expected)
		return TLV_MALFORMED;
	if (*sub->type == LOCATION_DESTINATION_IP) {
		answer_address(sub, &context->destination, context->ipv6, LOCATION_DESTINATION_IPV4);
	} else if (*sub->type == LOCATION_SOURCE_IP) {
		answer_address(sub, &context->source, context->ipv6, LOCATION_SOURCE_IPV4);
	} else {
		/* A UDP socket is not told the link address; an EUI-64 of zeros says so. */
		*sub->type = LOCATION_SOURCE_EUI64;
		memset(sub->value, 0, 8);
	}
	return 0;
}

static uint8_t answer_location(struct tlv *tlv, const struct stamp_context *context)
{
	size_t at = 4;

	if (tlv->length < 4)
		return TLV_MALFORMED;
	write_u16(tlv->value, context->destination.port);
	write_u16(tlv->value + 2, context->source.port);
	for (int n = 0; n < TLV_MOST && tlv->length - at >= TLV_HEADER_BYTES; n++) {
		struct tlv sub = read_tlv(tlv->value + at, tlv->length - at);
		*sub.flags = sub.whole ? answer_location_part(&sub, context) : TLV_MALFORMED;
		if (*sub.flags & TLV_MALFORMED)
			break;
		at += TLV_HEADER_BYTES + sub.length;
	}
	return 0;
}

static uint8_t answer_timestamp_information(struct tlv *tlv, const struct stamp_context *context)
{
	bool synchronised = context->error_estimate & ERROR_SYNCHRONISED;

	/* Sub-TLVs may follow; none are known, and theirs already read so. */
	if (tlv->length < 4)
		return TLV_MALFORMED;
	/* The kernel tells that its clock is disciplined, not by what; it is the NTP discipline in every case. */
	tlv->value[0] = tlv->value[2] = synchronised ? SOURCE_NTP : SOURCE_FREE_RUNNING;
	tlv->value[1] = tlv->value[3] = METHOD_SOFTWARE;
	return 0;
}

/* Value: DSCP1 6 bits, DSCP2 6 bits, ECN 2 bits, RP 2 bits, reserved 16 bits. */
static uint8_t answer_class_of_service(struct tlv *tlv, const struct stamp_context *context, struct stamp_reply *reply)
{
	if (tlv->length != 4)
		return TLV_MALFORMED;
	unsigned dscp1 = tlv->value[0] >> 2;
	unsigned dscp2 = context->tos >> 2;
	unsigned ecn = context->tos & 3;
	unsigned refused = dscp1 >= DSCP_FIRST_REFUSED ? REVERSE_PATH_REFUSED : 0;
	if (!refused)
		reply->tos = (uint8_t)(dscp1 << 2);
	write_u16(tlv->value, (uint16_t)(dscp1 << 10 | dscp2 << 4 | ecn << 2 | refused));
	write_u16(tlv->value + 2, 0);
	return 0;
}

static uint8_t answer_direct_measurement(struct tlv *tlv, const struct stamp_context *context)
{
	if (tlv->length != 12)
		return TLV_MALFORMED;
	write_u32(tlv->value + 4, context->session_received);
	write_u32(tlv->value + 8, context->session_sent);
	return 0;
}

/* Value: sequence number 4, transmit timestamp 8, method 1, reserved 3; zeros while no stamp is known. */
static uint8_t answer_follow_up(struct tlv *tlv, const struct stamp_context *context, struct stamp_reply *reply)
{
	const struct stamp_follow_up *earlier = &context->follow_up;

	if (tlv->length != 16)
		return TLV_MALFORMED;
	reply->wants_follow_up = true;
	memset(tlv->value, 0, 16);
	if (!earlier->known)
		return 0;
	write_u32(tlv->value, earlier->sequence);
	write_u64(tlv->value + 4, stamp_ntp(earlier->sent_ns));
	tlv->value[12] = METHOD_SOFTWARE;
	return 0;
}

static uint8_t answer_train(struct tlv *tlv, const struct stamp_context *context)
{
	if (!context->train.known)
		return TLV_UNRECOGNISED;
	if (tlv->length != TRAIN_VALUE_BYTES)
		return TLV_MALFORMED;
	train_write_answer(tlv->value, &context->train);
	return 0;
}

static uint8_t answer(struct tlv *tlv, const struct stamp_context *context, struct stamp_reply *reply)
{
	switch (*tlv->type) {
	case TLV_EXTRA_PADDING:
		return 0;
	case TLV_LOCATION:
		return answer_location(tlv, context);
	case TLV_TIMESTAMP_INFORMATION:
		return answer_timestamp_information(tlv, context);
	case TLV_CLASS_OF_SERVICE:
		return answer_class_of_service(tlv, context, reply);
	case TLV_DIRECT_MEASUREMENT:
		return answer_direct_measurement(tlv, context);
	case TLV_ACCESS_REPORT:
		/* The report is the sender's; the reflector's part is to return it. */
		return tlv->length == 4 ? 0 : TLV_MALFORMED;
	case TLV_FOLLOW_UP:
		return answer_follow_up(tlv, context, reply);
	case TLV_TRAIN:
		return answer_train(tlv, context);
	default:
		return TLV_UNRECOGNISED;
	}
}

void tlv_answer_all(uint8_t *bytes, size_t length, const struct stamp_context *context, struct stamp_reply *reply)
{
	size_t at = 0;

	for (int n = 0; n < TLV_MOST && length - at >= TLV_HEADER_BYTES; n++) {
		struct tlv tlv = read_tlv(bytes + at, length - at);
		if (*tlv.type == TLV_NONE)
			return;
		*tlv.flags = tlv.whole ? answer(&tlv, context, reply) : TLV_MALFORMED;
		if (*tlv.flags & TLV_MALFORMED)
			return;
		at += TLV_HEADER_BYTES + tlv.length;
	}
}
