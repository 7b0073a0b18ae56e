// STAMP reply from a STAMP request (RFC 8762, RFC 8972), bytes to bytes: no clock, no socket, no memory of its own.
// Unauthenticated mode only: an authenticated packet has no timestamp at octet 4 and is therefore no test packet here.
#ifndef NIC_STAMP_REPLY_H
#define NIC_STAMP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stamp_train.h"

enum {
	STAMP_BASE_BYTES = 44,
	/*
	 * The reply is as long as the request, and its last field ends at octet 41: TWAMP-Light's symmetric packets
	 * (RFC 6038) have this length. Shorter ones cannot be answered without growing, so they are foreign.
	 */
	STAMP_MIN_BYTES = 41,
};

/* An end of the exchange as the network showed it. IPv4 addresses fill the first 4 octets. */
struct stamp_end {
	uint8_t address[16];
	uint16_t port;
};

/* The true transmit stamp of an earlier reply of the same session; RFC 8972 section 4.7. */
struct stamp_follow_up {
	bool known;
	uint32_t sequence;
	int64_t sent_ns;
};

/* All that the reply says and the request does not. Instants are ns since 1970 by the wall clock. */
struct stamp_context {
	int64_t received_ns;
	uint32_t sequence;
	/* Of our clock, as computed by stamp_error_estimate; its S bit also fills the synchronisation source. */
	uint16_t error_estimate;
	/* 0 where the network did not tell. */
	uint8_t ttl;
	/* DSCP and ECN of the request as it arrived. */
	uint8_t tos;
	bool ipv6;
	/* Packets of the session, this request and this reply included; RFC 8972 section 4.5. */
	uint32_t session_received;
	uint32_t session_sent;
	struct stamp_follow_up follow_up;
	/* What became of the request for a train, if there is one. */
	struct train_answer train;
	struct stamp_end source;
	struct stamp_end destination;
};

/* What the sender of the reply has to do beside sending it. */
struct stamp_reply {
	/* DSCP of the reply with ECN 00: a reflector answers no congestion marks, so it claims no ECN. */
	uint8_t tos;
	/* The request asks for follow-up telemetry: the next reply will need this one's transmit stamp. */
	bool wants_follow_up;
};

/*
 * False for what must never be answered: too short, without a timestamp, the reply of a reflector, or an RTP packet of
 * the video units that use this port. A multiplier of 0 in the error estimate is tolerated, although RFC 8762 forbids
 * it.
 */
bool stamp_is_request(const uint8_t *packet, size_t length);

/* The session identifier of a request; 0 where the packet is too short to have one. */
uint16_t stamp_ssid(const uint8_t *request, size_t length);

/*
 * Turns the request in `packet` into its reply in place, all but T3. The length never changes. `length` >= 41.
 */
struct stamp_reply stamp_encode_reply(uint8_t *packet, size_t length, const struct stamp_context *context);

/* T3, to be written as late as can be. */
void stamp_write_sent(uint8_t *reply, int64_t sent_ns);

/*
 * Error Estimate field of RFC 4656 section 4.1.2: S | Z = 0 (NTP format) | scale | multiplier, the smallest
 * multiplier * 2^(scale - 32) s that is >= error_ns. The multiplier is never 0.
 */
uint16_t stamp_error_estimate(int64_t error_ns, bool synchronised);

/* NTP 64-bit format (RFC 5905), rounded to the nearest 2^-32 s. */
uint64_t stamp_ntp(int64_t wall_ns);

#endif
