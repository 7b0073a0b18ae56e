// Requests for trains as tests write them, and what the reply to one says.
#ifndef NIC_TEST_TRAIN_WISH_H
#define NIC_TEST_TRAIN_WISH_H

#include <stdint.h>

#include "reflector_train.h"
#include "stamp_reply_tlv.h"

enum { REQUEST_BYTES = STAMP_BASE_BYTES + TLV_HEADER_BYTES + TRAIN_VALUE_BYTES };

/* What a test asks for, in the units of the wire. */
struct wish {
	uint8_t operation;
	uint32_t run;
	uint64_t cookie;
	uint16_t packet_bytes;
	uint32_t bursts;
	uint32_t packets;
	double gap_ns;
};

/* A request of REQUEST_BYTES, with sequence number 7 and SSID 0x0a0b. */
void write_wish(uint8_t *packet, const struct wish *wish);

uint8_t status_of(const uint8_t *reply);
uint64_t cookie_of(const uint8_t *reply);

/* How many packets of its train have left so far. */
uint32_t handed_over(const uint8_t *reply);

#endif
