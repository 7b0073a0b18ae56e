// The TLV by which a sender asks for a train of packets of the reflector's own, and the packets of such a train, as
// octets. Whether a train is sent is decided in reflector_trains.c. Pure.
#ifndef NIC_STAMP_TRAIN_H
#define NIC_STAMP_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Value of the request and of its answer; type 252, for private use (RFC 8972 section 5.1)
 *  0 operation | status | traffic class | 0       status 0 in a request
 *  4 run
 *  8 cookie
 * 16 length of a packet | 0                       UDP payload; the unit of RFC 10052, section 3
 * 20 bursts
 * 24 packets of a burst
 * 28 spread factor                                units of 2^-22, at least 1
 * 32 first gap                                    units of 2^-24 ns
 * 40 spacing                                      units of 2^-24 ns
 * 48 packets handed over                          0 in a request
 * 52 0
 *
 * Value in a packet of the train: operation 4 | 0 | 0 | 0, run, index
 */
enum {
	TLV_TRAIN = 252,
	TRAIN_VALUE_BYTES = 56,
	TRAIN_PACKET_VALUE_BYTES = 12,
	/* The STAMP packet and the TLV in it. */
	TRAIN_PACKET_MIN_BYTES = 60,
};

enum train_operation { TRAIN_HELLO = 1, TRAIN_RUN = 2, TRAIN_STOP = 3, TRAIN_PACKET = 4 };

enum train_status {
	/* Nothing is sent: here is the cookie to ask with. Also the answer to one that is wrong or too old. */
	TRAIN_COOKIE = 1,
	TRAIN_RUNNING = 2,
	TRAIN_COMPLETE = 3,
	/* Stopped on request, or because nothing was heard any more. */
	TRAIN_STOPPED = 4,
	/* More than one request, this source or all sources may have. */
	TRAIN_OVER_LIMIT = 5,
	/* Another train of this session, or as many as there may be of all. */
	TRAIN_BUSY = 6,
	TRAIN_FAILED = 7,
	/* A run that is not known here, or not any more. */
	TRAIN_UNKNOWN = 8,
};

/* Bursts of packets; in a burst each gap is the one before divided by `spread`. Gaps are between the starts of packets.
 */
struct train_shape {
	/* UDP payload. */
	uint16_t packet_bytes;
	uint8_t traffic_class;
	uint32_t bursts;
	uint32_t packets;
	double spread;
	double first_gap_ns;
	/* From the last packet of a burst to the first of the next. */
	double spacing_ns;
};

struct train_asked {
	enum train_operation operation;
	uint32_t run;
	uint64_t cookie;
	struct train_shape shape;
};

struct train_answer {
	/* False: this reflector sends no trains, and the TLV goes back unrecognised. */
	bool known;
	enum train_status status;
	uint64_t cookie;
	uint32_t handed_over;
};

/*
 * The request in a STAMP packet. It has to be the first TLV: false where that is something else, malformed, or an
 * answer.
 */
bool train_find(const uint8_t *packet, size_t length, struct train_asked *asked);

/* Makes the value of the request that of its answer; it keeps its length. */
void train_write_answer(uint8_t value[TRAIN_VALUE_BYTES], const struct train_answer *answer);

/* From the first packet to the last, ns; infinite for a chirp of more than TRAIN_MOST_CHIRP packets. */
double train_duration_ns(const struct train_shape *shape);
enum { TRAIN_MOST_CHIRP = 4096 };

/* What all packets of a train have in common. */
struct train_head {
	uint32_t run;
	/* Of our clock. */
	uint16_t error_estimate;
	/* TTL with which the request came. */
	uint8_t ttl;
};

/*
 * Fills `packet`, of `length` >= TRAIN_PACKET_MIN_BYTES, as an answer to `request` (>= 44 octets) but for what
 * train_write_departure adds.
 */
void train_encode_packet(uint8_t *packet, size_t length, const uint8_t *request, const struct train_head *head);

/*
 * Index and T3. T2 is the same instant, since nothing was received for this packet; that also marks it as no request to
 * any reflector, however long the train has gone on.
 */
void train_write_departure(uint8_t *packet, uint32_t index, int64_t sent_ns);

#endif
